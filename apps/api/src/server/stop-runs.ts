import { hasCode, type HumanFace, type RunId } from '@signalbox/core'

/** Ends every run that is under way, in order: stopped, sealed, handed off. Returns which they were. */
export async function stopRuns(human: Pick<HumanFace, 'listRuns' | 'cancelRun'>): Promise<readonly RunId[]> {
  const { runs } = await human.listRuns()
  const live = runs.filter(({ state }) => state !== 'ended').map(({ id }) => id)
  const outcomes = await Promise.allSettled(live.map((id) => human.cancelRun(id, { because: 'the server was asked to end its runs' })))
  // A run that ended by itself meanwhile is what was wanted.
  const failed = outcomes.find((outcome) => outcome.status === 'rejected' && !hasCode(outcome.reason, 'run.not_active'))
  if (failed?.status === 'rejected') throw failed.reason
  return live
}
