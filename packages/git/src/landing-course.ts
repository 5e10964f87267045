import { messageOf, type LandingOutcome, type LandingRepo, type RepoName } from '@signalbox/core'
import { findForeignFilterIn } from './foreign-filter.ts'
import { explain, findObstacle, type Course } from './landing-hindrance.ts'
import { activeStep, otherSide, settledStep, sideOf, type LandingSession, type Side } from './landing-journal.ts'
import { moveTarget, readOrigHead, restoreOrigHead } from './landing-move.ts'
import { describePosition, readPosition, type Position } from './landing-place.ts'
import { planRepair, repairTarget, type RepairWork } from './landing-settle.ts'

/** What one repo needs to be at a side. `checkout` is where its branch is checked out now. */
type Move =
  | { readonly kind: 'none' }
  | { readonly kind: 'blocked'; readonly because: string }
  | { readonly kind: 'repair'; readonly work: RepairWork; readonly checkout: string }
  | { readonly kind: 'git'; readonly checkout: string | null }

/** Looks at one repo and says what brings it to its goal; changes nothing. A failed look blocks. */
export async function planMove({ git, tools }: Pick<LandingSession, 'git' | 'tools'>, repo: LandingRepo, course: Course): Promise<Move> {
  const { goal } = course
  try {
    const foreign = repo.checkout === null ? undefined : await findForeignFilterIn(tools, repo.checkout, [repo.from, repo.to])
    if (foreign !== undefined) return { kind: 'blocked', because: `${foreign.message}. ${foreign.hint ?? ''}`.trimEnd() }
    if (sideOf(repo.step) === undefined && repo.checkout !== null) {
      const repair = await planRepair(git, repo, goal)
      if (repair.kind === 'blocked') return repair
      if (repair.kind === 'work') return { kind: 'repair', work: repair, checkout: repo.checkout }
    }
    const position = await readPosition(git, repo)
    if (satisfies(position, repo, goal)) return { kind: 'none' }
    if (position.at !== otherSide(goal)) return { kind: 'blocked', because: describePosition(repo, position) }
    const { checkout } = position
    const because = await findObstacle(git, { ...repo, checkout }, course)
    return because === undefined ? { kind: 'git', checkout } : { kind: 'blocked', because }
  } catch (error) {
    return { kind: 'blocked', because: `${repo.repo} could not be looked at: ${messageOf(error)}` }
  }
}

/**
 * Built on top of `to`, a branch has what was to land, and so it has where it was seen to have landed before it went into a merge;
 * without it in its history, there is nothing to take back.
 */
function satisfies({ at }: Position, { step }: LandingRepo, goal: Side): boolean {
  if (at === goal) return true
  return goal === 'to' ? at === 'beyond' || (at === 'beside' && step === 'published') : at === 'elsewhere'
}

/** Why one repo could not be brought where it should be. */
export interface Refusal {
  readonly repo: RepoName
  readonly because: string
}

/** Looks at all repos and returns why those that cannot be brought to the goal cannot; empty means all can. */
export async function findRefusals(session: LandingSession, course: Course): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = []
  for (const repo of session.journal().repos) {
    const move = await planMove(session, repo, course)
    if (move.kind === 'blocked') refusals.push({ repo: repo.repo, because: move.because })
  }
  return refusals
}

/**
 * Brings one repo to its goal, with its step in the journal before and after; returns why not, or undefined.
 * After a refusal the journal says that the repo is under way, for it may be half-written.
 */
async function bringOne(session: LandingSession, name: RepoName, course: Course): Promise<string | undefined> {
  const { goal } = course
  const repo = session.repo(name)
  const move = await planMove(session, repo, course)
  switch (move.kind) {
    case 'blocked':
      return move.because
    case 'none':
      return arrive(session, repo, goal)
    case 'repair': {
      const begun = await session.mark(name, { step: activeStep[goal] })
      const tools = { git: session.git, tag: session.journal().tag, failpoint: session.failpoint }
      const because = await repairTarget(tools, { ...begun, checkout: move.checkout }, move.work)
      if (because !== undefined) return because
      return move.work.side === goal ? arrive(session, begun, goal) : bringOne(session, name, course)
    }
    case 'git': {
      const { checkout } = move
      // What an interrupted try wrote there is not what was there before.
      const origHead = goal === 'to' && checkout !== null && repo.origHead === undefined ? { origHead: readOrigHead(checkout) } : {}
      const begun = await session.mark(name, { step: activeStep[goal], checkout, ...origHead })
      await session.failpoint(`landing.before_${VERBS[goal]}:${name}`)
      const because = await moveTarget(session.git, begun, course)
      if (because !== undefined) return because
      await session.failpoint(`landing.after_${VERBS[goal]}:${name}`)
      return arrive(session, begun, goal)
    }
    default:
      return move satisfies never
  }
}

const VERBS = { to: 'publish', from: 'rollback' } as const satisfies Record<Side, string>

async function arrive(session: LandingSession, repo: LandingRepo, goal: Side): Promise<string | undefined> {
  const because = goal === 'from' ? await explain(() => restoreOrigHead(session.git, repo)) : undefined
  if (because === undefined && sideOf(repo.step) !== goal) await session.mark(repo.repo, { step: settledStep[goal] })
  return because
}

/** Brings every repo to the goal, one by one; stops at the first that cannot be and returns it. */
export async function bringAll(session: LandingSession, course: Course): Promise<Refusal | undefined> {
  for (const { repo } of inOrder(session.journal().repos)) {
    const because = await bringOne(session, repo, course)
    if (because !== undefined) return { repo, because }
  }
  return undefined
}

/** Checked-out branches first, for they can refuse; the others last, for they are taken back trivially. */
function inOrder(repos: readonly LandingRepo[]): readonly LandingRepo[] {
  return [...repos.filter(({ checkout }) => checkout !== null), ...repos.filter(({ checkout }) => checkout === null)]
}

/**
 * Takes every repo back to the side `refusal` kept from being left, in reverse. What cannot be taken back without
 * force stays as it is and is named in the outcome; the journal keeps its step, so that recovery can try again.
 */
export async function takeBack(session: LandingSession, refusal: Refusal, home: Side): Promise<LandingOutcome> {
  const stuck = new Map<RepoName, string>()
  for (const { repo, step } of inOrder(session.journal().repos).toReversed()) {
    if (sideOf(step) === home) continue
    const because = await bringOne(session, repo, { goal: home, dirt: 'in_the_way' })
    if (because !== undefined) stuck.set(repo, because)
  }
  if (!stuck.has(refusal.repo)) await markRefused(session, refusal, home)
  return stuck.size === 0 ? outcomeOf(session, home) : stuckOutcome(session, stuck)
}

/** A refused landing says so in its step; a refused undo leaves the repo published, with the reason beside it. */
async function markRefused(session: LandingSession, { repo, because }: Refusal, home: Side): Promise<void> {
  await session.mark(repo, home === 'from' ? { step: 'refused', because } : { because })
}

/** The outcome of a landing whose repos are all at one side. */
export function outcomeOf(session: LandingSession, side: Side): LandingOutcome {
  return { state: side === 'to' ? 'done' : 'undone', repos: session.journal().repos }
}

/** The outcome of a landing in which these repos could be brought to neither side. */
export function stuckOutcome(session: LandingSession, stuck: ReadonlyMap<RepoName, string>): LandingOutcome {
  const repos = session.journal().repos.map((repo) => {
    const because = stuck.get(repo.repo)
    return because === undefined ? repo : { ...repo, step: 'stuck' as const, because }
  })
  return { state: 'stuck', repos }
}
