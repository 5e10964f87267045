import { codeOf, ControlError, type Run, type RunId } from '@signalbox/core'
import { refuseActive } from './refuse-merged.ts'
import type { Services } from './services.ts'

/** Milliseconds to wait for other checks of the same run. */
const waitMs = 60 * 60_000

/*
 * What ends the last command of a check ends all that lives of its run, and a receipt follows only on an end: so a run is
 * either checked or goes on.
 */

/** Does something with the checks of an ended run while it cannot go on. @throws ControlError `run.active`, `state.locked` */
export function whileChecked<T>(services: Services, id: RunId, work: (run: Run) => Promise<T>): Promise<T> {
  return services.locks.hold(
    services.layout.run(id).checksLock,
    async () => {
      const run = await services.log.foldToChange(id)
      refuseActive(run)
      return work(run)
    },
    { waitMs },
  )
}

/** Lets a run go on where it is not being checked. @throws ControlError `resume.refused` */
export async function unlessChecked<T>(services: Services, id: RunId, work: () => Promise<T>): Promise<T> {
  let isFree = false
  try {
    return await services.locks.hold(
      services.layout.run(id).checksLock,
      () => {
        isFree = true
        return work()
      },
      { waitMs: 0 },
    )
  } catch (error) {
    if (isFree || codeOf(error) !== 'state.locked') throw error
    throw new ControlError('resume.refused', `${id} cannot go on: its checks are running`, { hint: `Wait for them to end: signalbox log ${id}` })
  }
}
