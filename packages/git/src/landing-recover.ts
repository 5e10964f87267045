import { messageOf, type LandingJournal, type LandingOutcome, type LandingRepo, type RepoName } from '@signalbox/core'
import { bringAll, findRefusals, outcomeOf, stuckOutcome, takeBack, type Refusal } from './landing-course.ts'
import { otherSide, sideOf, type LandingSession, type Side } from './landing-journal.ts'
import { clearOwnLocks } from './landing-locks.ts'
import { sweepRepair } from './landing-settle.ts'
import { awaitSurvivors } from './landing-survivors.ts'

/**
 * Brings a landing or undo whose process was killed at any instant to one side in all repos, or to neither and says
 * why. It may itself be killed and called again: every step it begins is in the journal first.
 */
export async function recoverLanding(session: LandingSession): Promise<LandingOutcome> {
  await awaitSurvivors(session.journal().tag)
  await session.failpoint('landing.recovering')
  const locked = await clearLeftovers(session)
  if (locked.length > 0) return stuck(session, locked)
  const [first, second] = sidesToTry(session.journal())
  if (second === undefined) return outcomeOf(session, first)
  const refusals = await findRefusals(session, { goal: first, dirt: 'in_the_way' })
  if (refusals.length === 0) return reach(session, first)
  if ((await findRefusals(session, { goal: second, dirt: 'in_the_way' })).length > 0) return stuck(session, refusals)
  return reach(session, second)
}

async function reach(session: LandingSession, side: Side): Promise<LandingOutcome> {
  const refusal = await bringAll(session, { goal: side, dirt: 'in_the_way' })
  return refusal === undefined ? outcomeOf(session, side) : takeBack(session, refusal, otherSide(side))
}

/**
 * Says which side to bring an interrupted landing to, and which if that cannot be. Forward as soon as one target
 * has begun to move; back when a rollback has begun, for then something had been in the way. What never began stays.
 */
export function sidesToTry({ kind, repos }: LandingJournal): readonly [Side, Side?] {
  const [home, goal] = kind === 'merge' ? (['from', 'to'] as const) : (['to', 'from'] as const)
  if (repos.every(({ step }) => isUntouched(step, home))) return [home]
  return repos.some(({ step }) => isTurnedBack(step, home)) ? [home, goal] : [goal, home]
}

function isUntouched(step: LandingRepo['step'], home: Side): boolean {
  return step === (home === 'from' ? 'prepared' : 'published')
}

function isTurnedBack(step: LandingRepo['step'], home: Side): boolean {
  return home === 'from' ? step === 'refused' || step === 'rolling_back' || step === 'rolled_back' : step === 'publishing'
}

/** Removes locks and scratch files of ours from the repos that were under way; returns those where something else is in the way. */
async function clearLeftovers(session: LandingSession): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = []
  for (const repo of session.journal().repos.filter(({ step }) => sideOf(step) === undefined)) {
    const because = await clearRepo(session, repo).catch((error: unknown) => `${repo.repo} could not be looked at: ${messageOf(error)}`)
    if (because !== undefined) refusals.push({ repo: repo.repo, because })
  }
  return refusals
}

async function clearRepo(session: LandingSession, repo: LandingRepo): Promise<string | undefined> {
  const foreign = await clearOwnLocks(repo)
  if (foreign !== undefined) return `${foreign} is not a lock of this landing, or git is at work there; it is left alone`
  await sweepRepair(session.git, repo, session.journal().tag)
  return undefined
}

async function stuck(session: LandingSession, refusals: readonly Refusal[]): Promise<LandingOutcome> {
  return stuckOutcome(session, new Map<RepoName, string>(refusals.map(({ repo, because }) => [repo, because])))
}
