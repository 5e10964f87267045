import { messageOf, type Diagnosis } from '@signalbox/core'

/** A line of `doctor`, and what `--fix` does about it where that is safe. */
export interface DoctorLine extends Diagnosis {
  /** Mends it and says what it did. The caller holds the state lock. @throws when it could not, which the human is told */
  readonly repair?: () => Promise<string>
}

/** Returns what a look found, or that it failed: a failed look is never a clean look. */
export async function findOrSay(subject: string, look: () => Promise<readonly DoctorLine[]>): Promise<readonly DoctorLine[]> {
  try {
    return await look()
  } catch (error) {
    return [{ code: 'look_failed', subject, state: 'problem', message: messageOf(error), remedy: 'Clear what it names, then run `signalbox doctor` again' }]
  }
}
