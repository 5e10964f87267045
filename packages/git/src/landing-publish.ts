import type { LandingOutcome } from '@signalbox/core'
import { bringAll, findRefusals, outcomeOf, takeBack } from './landing-course.ts'
import type { LandingSession } from './landing-journal.ts'
import { describePosition, readPosition } from './landing-place.ts'

/**
 * Publishes every repo, one by one; a refusal in the middle takes the published ones back in reverse. What can be
 * seen to refuse beforehand does so before anything is touched or written.
 */
export async function publishLanding(session: LandingSession): Promise<LandingOutcome> {
  const refusals = await findRefusals(session, { goal: 'to', dirt: 'any' })
  if (refusals.length > 0) {
    const because = new Map(refusals.map((refusal) => [refusal.repo, refusal.because]))
    const repos = session.journal().repos.map((repo) => {
      const reason = because.get(repo.repo)
      return reason === undefined ? repo : { ...repo, step: 'refused' as const, because: reason }
    })
    return { state: 'undone', repos }
  }
  await session.save()
  await session.failpoint('landing.journal_written')
  const refusal = await bringAll(session, { goal: 'to', dirt: 'any' })
  return refusal === undefined ? outcomeOf(session, 'to') : takeBack(session, refusal, 'from')
}

/**
 * Takes every published repo back; refuses all, with the reason of each that cannot be, before anything is touched.
 * The branches must still be where the landing put them: what was built on top is never taken along.
 */
export async function undoLanding(session: LandingSession): Promise<LandingOutcome> {
  const refusals = new Map((await findRefusals(session, { goal: 'from', dirt: 'any' })).map((refusal) => [refusal.repo, refusal.because]))
  for (const repo of session.journal().repos) {
    if (refusals.has(repo.repo)) continue
    const position = await readPosition(session.git, repo)
    if (position.at === 'elsewhere') refusals.set(repo.repo, describePosition(repo, position))
  }
  if (refusals.size > 0) {
    const repos = session.journal().repos.map((repo) => {
      const because = refusals.get(repo.repo)
      return because === undefined ? repo : { ...repo, because }
    })
    return { state: 'done', repos }
  }
  await session.save()
  await session.failpoint('landing.journal_written')
  const refusal = await bringAll(session, { goal: 'from', dirt: 'any' })
  return refusal === undefined ? outcomeOf(session, 'from') : takeBack(session, refusal, 'to')
}
