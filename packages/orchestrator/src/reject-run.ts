import type { Run } from '@signalbox/core'
import { moveTask } from './move-task.ts'
import { isAnotherInReview } from './open-run.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import type { Services } from './services.ts'

/** Turns a run down. The caller holds the state lock. @throws ControlError `run.active`, `run.already_merged` */
export async function rejectRun(services: Services, run: Run, because: string): Promise<void> {
  refuseActive(run)
  await refuseMerged(services, run)
  await services.log.append(run.id, { type: 'run.rejected', data: { by: await services.readActor(), because } })
  // What a revert would have taken back stays landed.
  if (!(await isAnotherInReview(services, run))) await moveTask(services, run.task, ['review'], run.takesBack === undefined ? 'ready' : 'done')
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: reject ${run.id}`)
}
