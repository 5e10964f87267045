import { ControlError, isPart, type Run, type RunId } from '@signalbox/core'
import type { Services } from './services.ts'

/** Returns the run that took a landing back, as a whole, where that still stands. */
export async function findTakenBackBy(services: Services, { reverts }: Run): Promise<RunId | undefined> {
  for (const id of reverts) {
    const revert = await services.log.fold(id)
    if (revert.merge.kind === 'merged' && !isPart(revert) && !(await isTakenBack(services, revert))) return id
  }
  return undefined
}

/** Tells whether a landing was taken back, as a whole, by one that still stands. */
export async function isTakenBack(services: Services, run: Run): Promise<boolean> {
  return (await findTakenBackBy(services, run)) !== undefined
}

/** Refuses to take back what was. @throws ControlError `undo.refused` */
export async function refuseTakenBack(services: Services, run: Run): Promise<void> {
  const by = await findTakenBackBy(services, run)
  if (by !== undefined) throw new ControlError('undo.refused', `${by} took back what ${run.id} landed`, { hint: `Look at it: signalbox show ${by}` })
}
