import { existsSync } from 'node:fs'
import { startAgainWords, type Run } from '@signalbox/core'
import type { Services } from './services.ts'

/** Tells whether a run was made on this machine: of any other one only the record is here. Its folder does not tell, for what is said of a run anywhere begins one. */
export function isMadeHere({ layout }: Pick<Services, 'layout'>, { id }: Pick<Run, 'id'>): boolean {
  return existsSync(layout.run(id).tag)
}

/** Returns the words that begin a run like this one anew here: what is saved of one that was made elsewhere is there. */
export function sayAgainHere(services: Pick<Services, 'layout'>, run: Run): string {
  return startAgainWords(isMadeHere(services, run) ? run : { ...run, from: undefined, snapshots: [], saved: [] })
}
