import type { GateFacts, Known, RepoFacts } from './gate-facts.ts'
import { block, type Blocker, type GateReport } from './gate-report.ts'
import { quote } from './quote.ts'
import { reportGate } from './gate.ts'
import type { BranchName, Oid, RepoName } from './ids.ts'

/** What a remote said of itself, and what the source knows of that. */
export interface RemoteTarget {
  /** Where it is, without credentials. */
  readonly url: string
  /** Head of the branch to push to; undefined when there is none. */
  readonly head: Oid | undefined
  /** Head there of the branch that the task means; undefined when there is none. */
  readonly targetHead: Oid | undefined
  /** Whether the remote has the base of the round already; `unknown` when it has commits that the source does not. */
  readonly hasBase: 'yes' | 'no' | 'unknown'
}

/** Where a round is to be pushed, and what was seen there. */
export interface PushFacts {
  readonly remote: string
  readonly branch: BranchName
  readonly pullRequest: boolean
  /** Of every changed repo: its remote, and the commit of ours that may be there already. */
  readonly repos: ReadonlyMap<RepoName, { readonly remote: Known<RemoteTarget>; readonly ours: Oid | undefined }>
}

/**
 * Judges whether a round may be pushed: the gate of a merge, with the branch of the remote as the target of each repo. What
 * stands where the local target is does not matter then: nothing of it moves.
 */
export function reportPush(facts: GateFacts, push: PushFacts): GateReport {
  const report = reportGate({ ...facts, repos: facts.repos.map(withoutTarget) })
  const blockers = [...report.blockers, ...facts.repos.filter(({ changed }) => changed).flatMap((repo) => findRemoteBlockers(facts, repo, push))]
  return {
    ...report,
    verdict: report.verdict === 'mergeable' && blockers.length > 0 ? 'blocked' : report.verdict,
    blockers,
    repos: report.repos.map((repo) => {
      const remote = push.repos.get(repo.repo)?.remote
      const { advanced: _here, ...seen } = repo
      return { ...seen, checkout: null, ...(repo.changed ? { branch: push.branch, targetHead: remote?.known === true ? (remote.value.head ?? null) : null } : {}) }
    }),
  }
}

/** An approval names the head it was given on, which is the base of the round: what is pushed lies on just that. */
function withoutTarget(repo: RepoFacts): RepoFacts {
  return repo.target.known ? { ...repo, target: { known: true, value: { head: repo.base, checkout: undefined, busy: [], conflicts: [] } } } : repo
}

function findRemoteBlockers(facts: GateFacts, repo: RepoFacts, push: PushFacts): readonly Blocker[] {
  const { repo: name, base, branch: target } = repo
  const { remote, branch } = push
  const seen = push.repos.get(name)
  const again = `signalbox push ${facts.run} --remote ${remote}`
  if (seen === undefined || !seen.remote.known) {
    const because = seen === undefined || seen.remote.known ? 'nobody looked' : seen.remote.because
    return [block('facts_unavailable', name, `The remote ${remote} of ${name} could not be looked at: ${because}`, { because, remote }, { sentence: 'Clear the cause, then push again', command: `${again} --branch ${quote(branch)}` })]
  }
  const { url, head, targetHead, hasBase } = seen.remote.value
  const git = `git -C ${quote(facts.sources.find((source) => source.repo === name)?.path ?? '.')}`
  const blockers: Blocker[] = []
  if (head !== undefined && head !== base && head !== seen.ours) {
    blockers.push(
      block('target_moved', name, `${branch} on ${remote} (${url}) of ${name} is at ${head.slice(0, 10)}, and the round is based on ${base.slice(0, 10)}`, { remote, branch, base, now: head }, branch === target
        ? { sentence: `Bring it into ${target} first, then refresh the round`, command: `${git} fetch ${remote}` }
        : { sentence: 'Nothing there is ever replaced: push to another branch', command: `${again} --branch ${quote(`${branch}-2`)}` }),
    )
  }
  // What is pushed brings its whole history along: of that, nobody reviewed what the remote does not have.
  if (hasBase !== 'yes') {
    blockers.push(
      block('target_missing', name, hasBase === 'no' ? `${remote} (${url}) of ${name} does not have ${base.slice(0, 10)}, the base of the round: commits that are only in your ${target} would go along` : `${remote} (${url}) of ${name} has commits that are not in your ${name}, so it is not known whether it has ${base.slice(0, 10)}, the base of the round`, { remote, base }, hasBase === 'no'
        ? { sentence: `Push ${target} yourself first`, command: `${git} push ${remote} ${quote(target)}` }
        : { sentence: 'Fetch them, then push again', command: `${git} fetch ${remote}` }),
    )
  }
  if (push.pullRequest && targetHead === undefined) {
    blockers.push(block('target_missing', name, `${remote} (${url}) of ${name} has no branch ${target} for a pull request to go to`, { remote, branch: target }, { sentence: `Push ${target} yourself first, or push without --pr`, command: `${git} push ${remote} ${quote(target)}` }))
  }
  return blockers
}
