import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { LANDING_TAG } from './landing-journal.ts'
import { awaitSurvivors } from './landing-survivors.ts'

/**
 * Returns the environment entry that marks a git process as writing at `place`. A git outlives a killed parent for a
 * moment: whoever takes up what was left there first waits for it.
 */
export function markWriter(place: string): Readonly<Record<string, string>> {
  return { [LANDING_TAG]: place }
}

/** Waits until no git of ours writes at `place` any more. @throws ControlError `git.timed_out` */
export async function awaitWriters(place: string): Promise<void> {
  await awaitSurvivors(place)
}

/** Takes away a lock that a killed git of ours left at `place`, once that git is surely gone. */
export async function clearLock(place: string, lock: string): Promise<void> {
  if (!existsSync(lock)) return
  await awaitWriters(place)
  await rm(lock, { force: true })
}
