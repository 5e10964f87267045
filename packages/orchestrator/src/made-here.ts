import { existsSync } from 'node:fs'
import type { Run } from '@signalbox/core'
import type { Services } from './services.ts'

/** Tells whether a run was made on this machine: of any other one only the record is here. Its folder does not tell, for what is said of a run anywhere begins one. */
export function isMadeHere({ layout }: Pick<Services, 'layout'>, { id }: Pick<Run, 'id'>): boolean {
  return existsSync(layout.run(id).tag)
}
