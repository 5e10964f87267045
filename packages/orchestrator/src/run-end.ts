import type { Outcome, Run } from '@signalbox/core'

/** How a run came to its end, and who noticed. */
export interface RunEnd {
  readonly outcome: Outcome
  readonly because: string
  readonly by: 'run' | 'recovery'
}

/** Returns how a run ended that was stopped from outside: cancelled when a human had asked for that, else interrupted, for the reason given. */
export function endOfStopped({ cancelRequested }: Pick<Run, 'cancelRequested'>, interruption: Omit<RunEnd, 'outcome'>): RunEnd {
  if (cancelRequested === undefined) return { outcome: 'interrupted', ...interruption }
  return { outcome: 'cancelled', because: `${cancelRequested.by} cancelled it: ${cancelRequested.because}`, by: interruption.by }
}
