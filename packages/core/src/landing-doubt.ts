import { shortId } from './amounts.ts'
import type { Run } from './run.ts'
import type { LandedRepo } from './run-event.ts'
import { parseClaims, type BlamedCommit } from './why.ts'

/** What is known of a commit that a record calls a landing. */
export interface LandingFacts {
  readonly run: Pick<Run, 'id' | 'task'>
  readonly landed: Pick<LandedRepo, 'from' | 'to' | 'commits'>
  readonly commit: Pick<BlamedCommit, 'parents' | 'trailers'>
  /** Whether an approval that was given on this machine names the commits of the agent's own that were kept. */
  readonly isApprovedHere: boolean
}

/**
 * Says why a commit is not what a run landed, by what the commit itself says; undefined where it bears the record out. A record is a file that others than us can write, and a commit
 * that says nothing of a run may be a human's.
 */
export function doubtLanding({ run, landed, commit, isApprovedHere }: LandingFacts): string | undefined {
  const { from, to, commits = [] } = landed
  const last = commits.at(-1)
  if (last !== undefined && !isApprovedHere) return `${shortId(last)} is said to be a commit of the agent's own, and no approval given on this machine names it`
  if (last === to) return undefined
  const [parent] = commit.parents
  if (parent !== (last ?? from)) return `${shortId(to)} does not follow on ${shortId(last ?? from)}, as its record says`
  const claims = parseClaims(commit.trailers)
  if (claims?.run === run.id && claims.task === run.task) return undefined
  return claims?.run === undefined || claims.run === null ? `${shortId(to)} says nothing of a run` : `${shortId(to)} says that it is of ${claims.run} and ${claims.task ?? 'no task'}`
}
