import type { Approval, LandedRepo, RunEventOf } from './run-event.ts'
import { latestRound, type Run } from './run.ts'
import type { Snapshot } from './snapshot.ts'
import type { Waiver } from './waiver.ts'

// What a human's yes to a round, its landing and its push have to agree with. Each returns why one cannot follow, as a clause; `undefined` when it can.

/** A yes is to the latest round, whole, of a run that is not landed. */
export function judgeApproval(run: Run, approval: Approval): string | undefined {
  const round = latestRound(run)
  const named = judgeNamed(round, approval)
  if (named !== undefined) return named
  const carried = judgeCarried(run, approval)
  if (carried !== undefined) return carried
  return round?.complete === true ? judgeUnlanded(run) : `${approval.snapshot} is incomplete`
}

/** A yes is carried over from the one that was given last, to a round of the same change. */
function judgeCarried({ approval, sameChange }: Run, { carriedFrom, commits }: Approval): string | undefined {
  if (carriedFrom === undefined) return undefined
  if (commits !== undefined || approval?.commits !== undefined) return 'a yes to commits is not carried over'
  const { snapshot, digest, by, at } = carriedFrom
  if (approval?.snapshot !== snapshot || approval.digest !== digest || approval.by !== by || approval.at !== at) return `no such approval of ${snapshot} stands`
  return sameChange.includes(snapshot) ? undefined : `its change is not proven to be that of ${snapshot}`
}

/** So is a waiver, which may be of one that is not whole. */
export function judgeWaiver(run: Run, waiver: Waiver): string | undefined {
  return judgeNamed(latestRound(run), waiver) ?? judgeUnlanded(run)
}

/** A human's word is about the latest round as it is. */
function judgeNamed(round: Snapshot | undefined, { snapshot, digest }: Pick<Approval, 'snapshot' | 'digest'>): string | undefined {
  if (round === undefined) return 'nothing is sealed'
  if (snapshot !== round.id) return `the latest round is ${round.id}, not ${snapshot}`
  return digest === round.digest ? undefined : `the digest of ${round.id} differs`
}

/** What lands is what was approved: the latest round, on the heads a human saw. */
export function judgeMerge(run: Run, { strategy, repos }: RunEventOf<'merge.started'>['data']): string | undefined {
  const { approval } = run
  const round = latestRound(run)
  if (approval === undefined) return 'nothing is approved'
  if (approval.snapshot !== round?.id) return `${approval.snapshot} is approved and ${round?.id} is the latest round`
  if (repos.length === 0) return 'it lands nothing'
  if ((strategy === 'keep') !== (approval.commits !== undefined)) return sayOtherYes(approval)
  if (repos.some(({ commits }) => (strategy === 'keep') !== (commits !== undefined))) return 'it names commits exactly where it keeps them'
  if (new Set(repos.map(({ repo }) => repo)).size < repos.length) return 'it names a repo twice'
  const wrong = repos.find(({ repo, from, approved = from }) => approval.targetHeads[repo] !== approved || !round.repos.some((saved) => saved.repo === repo))
  if (wrong !== undefined) return `${wrong.repo} was not approved at ${wrong.from}`
  return judgeUnlanded(run)
}

function sayOtherYes({ commits }: Approval): string {
  return commits === undefined ? "nobody approved the agent's own commits" : "only the agent's own commits are approved"
}

/** What is pushed is what was approved: the latest round, each commit on the base it was reviewed on, or there already. */
export function judgePush(run: Run, { snapshot, digest, approval, strategy, repos }: RunEventOf<'push.started'>['data']): string | undefined {
  if (run.approval === undefined || run.approval.seal !== approval) return 'it is not of the approval that holds'
  const named = judgeNamed(latestRound(run), { snapshot, digest })
  if (named !== undefined) return named
  if ((strategy === 'keep') !== (run.approval.commits !== undefined)) return sayOtherYes(run.approval)
  if (run.approval.digest !== digest) return `${run.approval.snapshot} is approved`
  if (new Set(repos.map(({ repo }) => repo)).size < repos.length) return 'it names a repo twice'
  const wrong = repos.find(({ repo, from, to }) => run.approval?.targetHeads[repo] === undefined || (from !== null && from !== to && from !== run.approval.targetHeads[repo]))
  if (wrong !== undefined) return `${wrong.repo} was not approved on ${wrong.from}`
  return judgeUnlanded(run)
}

/** A landing under way can stop; one that is published only half-way through its undo. */
export function judgeStop({ merge }: Run, stuck: boolean): string | undefined {
  if (merge.kind === 'merging' || merge.kind === 'stuck') return undefined
  if (merge.kind === 'merged') return stuck ? undefined : 'the merge is published; only its undo can stop, half-way'
  return 'no merge is under way'
}

/** What is published is what was started. */
export function judgePublished({ merge }: Run, repos: readonly LandedRepo[]): string | undefined {
  if (merge.kind !== 'merging' && merge.kind !== 'stuck') return 'no merge is under way'
  const started = merge.kind === 'merging' ? merge.repos : merge.started
  return sameMoves(started, repos) ? undefined : 'these are not the moves that were started'
}

/** What is taken back is what was published. */
export function judgeUndone({ merge }: Run, repos: readonly LandedRepo[]): string | undefined {
  const undoing = merge.kind === 'stuck' ? merge.undoing : merge
  if (undoing?.kind !== 'merged') return 'it is not merged'
  const back = undoing.repos.map((move) => ({ ...move, from: move.to, to: move.from }))
  return sameMoves(back, repos) || sameMoves(undoing.repos, repos) ? undefined : 'these are not the moves that were published'
}

function sameMoves(some: readonly LandedRepo[], others: readonly LandedRepo[]): boolean {
  const textOf = (moves: readonly LandedRepo[]): string =>
    moves.map(({ repo, branch, from, to, commits = [] }) => JSON.stringify([repo, branch, from, to, commits])).toSorted().join('\n')
  return textOf(some) === textOf(others)
}

/** A run that is landing, stuck or merged takes nothing new until that is settled or undone. */
export function judgeUnlanded({ merge }: Run): string | undefined {
  return merge.kind === 'none' || merge.kind === 'undone' ? undefined : `its merge is ${merge.kind}`
}
