import type { GateFacts, RepoFacts } from './gate-facts.ts'
import { block, type Blocker } from './gate-report.ts'
import { reviewedHead } from './gate-target.ts'
import type { Approval } from './run-event.ts'

/** Returns the text an approval's seal is computed over: everything it binds, in a fixed order. */
export function approvalText(approval: Omit<Approval, 'seal'>): string {
  const { snapshot, digest, targetHeads, taskRevision, packetHash, receipts, waivers, commits, carriedFrom, by, at } = approval
  const heads = Object.entries(targetHeads).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([snapshot, digest, heads, taskRevision, packetHash, receipts, by, at, ...(waivers === undefined ? [] : [waivers]), ...(carriedFrom === undefined ? [] : [[carriedFrom.snapshot, carriedFrom.digest, carriedFrom.by, carriedFrom.at]]), ...(commits === undefined ? [] : [['commits', commits]])])
}

/** Returns whether a human's yes is missing, or no longer about what would land. */
export function findApprovalBlockers(facts: GateFacts, changed: readonly RepoFacts[]): Blocker[] {
  const { run, round, approval, rejection } = facts
  if (round === undefined || changed.length === 0) return []
  const approve = { sentence: rejection === undefined ? `Review ${round.id}, then approve it` : 'Start another run, or approve this one after all', command: `signalbox approve ${run}${facts.strategy === 'keep' ? ' --strategy keep' : ''}` }
  if (approval === undefined) {
    const message = rejection === undefined ? `Nobody approved ${round.id}` : `${rejection.by} rejected ${run}: ${rejection.because}`
    return [block('approval_missing', undefined, message, {}, approve)]
  }
  if (!approval.genuine) {
    return [block('approval_missing', undefined, `The approval recorded for ${run} is not sealed with the key of this machine and does not count`, { by: approval.value.by }, approve)]
  }
  const changes = staleBecause(facts, approval.value)
  if (changes.length === 0) return []
  return [block('approval_stale', undefined, `The approval by ${approval.value.by} no longer holds: ${changes.join('; ')}`, { changes }, approve)]
}

function staleBecause(facts: GateFacts, approval: Approval): string[] {
  const changes: string[] = []
  if (facts.round?.id !== approval.snapshot) changes.push(`it is for ${approval.snapshot}, the latest round is ${facts.round?.id}`)
  else if (facts.round.digest !== approval.digest) changes.push('the digest of the round differs')
  for (const repo of facts.repos) {
    if (!repo.changed || !repo.target.known) continue
    const approved = approval.targetHeads[repo.repo]
    const now = reviewedHead(repo, repo.target.value)
    // A head that nobody named was never approved, also where the branch is gone.
    if (approved === undefined || approved !== now) changes.push(`${repo.branch} of ${repo.repo} was at ${approved?.slice(0, 10) ?? 'nothing'} and is at ${now?.slice(0, 10) ?? 'nothing'}`)
  }
  if (facts.metadata.known && facts.metadata.value.taskRevision !== approval.taskRevision) changes.push('the task was edited')
  if (facts.packetHash !== approval.packetHash) changes.push('the context packet differs')
  // Which receipts count is known only where the checks are; where they are not, that is the reason given.
  if (facts.checks.known && facts.receiptsHash !== approval.receipts) changes.push('the check receipts differ')
  if (facts.waiversHash !== approval.waivers) changes.push('the waivers differ')
  const differs = sayOtherCommits(facts, approval)
  if (differs !== undefined) changes.push(differs)
  return changes
}

/** A yes to the change as one is none to the commits that led to it, nor the other way round. */
function sayOtherCommits({ strategy, commitsHash, repos }: GateFacts, { commits }: Approval): string | undefined {
  if (strategy !== 'keep') return commits === undefined ? undefined : "it is to landing the agent's own commits, not to landing the change as one"
  if (commits === undefined) return "it is to landing the change as one, not to landing the agent's own commits"
  // Commits that are unknown or unfit are the reason given for themselves.
  const isKnown = repos.every(({ changed, kept }) => !changed || (kept?.known === true && kept.value.history.kind === 'linear'))
  return isKnown && commits !== commitsHash ? "the agent's commits differ" : undefined
}
