import { isReviewable, type Run } from '@signalbox/core'
import { look } from './look.ts'
import { readRuns } from './read-runs.ts'
import type { Services } from './services.ts'

/** Says whether somebody still has something to do with a run: it goes on, or has a change that is neither landed nor rejected. */
export function isOpen(run: Run): boolean {
  return run.state.kind !== 'ended' || isReviewable(run)
}

/**
 * Says whether another run of its task waits for its review: one that came to its end, with a change. Where the others cannot be read
 * one may: no run must be kept from its end by them, and a task that is looked at in vain is better than work that is hidden.
 */
export async function isAnotherInReview(services: Services, run: Run): Promise<boolean> {
  const read = await look(() => readRuns(services))
  return !read.known || read.value.runs.some((other) => other.task === run.task && other.id !== run.id && isInReview(other))
}

/** Says whether the task of a run is to be reviewed because of it. */
function isInReview(run: Run): boolean {
  return run.state.kind === 'ended' && (run.state.outcome === 'completed' || run.state.outcome === 'escaped') && isReviewable(run)
}
