import { endBusy, sayBusy } from './gate-busy.ts'
import { findDirt } from './gate-dirt.ts'
import type { GateFacts, RepoFacts, TargetFacts } from './gate-facts.ts'
import { isChangeReadable } from './gate-readable.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'

/** Returns what stands in the way at the target branch of one changed repo. */
export function findTargetBlockers(facts: GateFacts, repo: RepoFacts): Blocker[] {
  const { repo: name, branch, target } = repo
  if (!target.known) {
    return [block('facts_unavailable', name, `${name} could not be looked at: ${target.because}`, { because: target.because }, { sentence: 'Clear the cause and ask again', command: `signalbox gate ${facts.run}` })]
  }
  const blockers: Blocker[] = []
  const { head, checkout, busy, conflicts, unread, advanced } = target.value
  if (unread !== undefined && isChangeReadable(repo)) {
    blockers.push(block('facts_unavailable', name, `How the round fits on ${branch} of ${name} is not known: ${unread}`, { because: unread }, { sentence: 'Clear the cause and ask again', command: `signalbox gate ${facts.run}` }))
  }
  if (head === undefined) {
    blockers.push(block('target_missing', name, `${name} has no branch ${branch}`, { branch }, { sentence: `Create the branch again, or change the task's base_branch and start a new run` }))
  } else if (head !== repo.base && advanced === undefined) {
    blockers.push(
      block('target_moved', name, `${branch} of ${name} moved from ${repo.base.slice(0, 10)} to ${head.slice(0, 10)} since the round's base`, { branch, base: repo.base, now: head }, {
        ...(conflicts.length === 0 ? { sentence: facts.strategy === 'keep' ? 'Refresh the round onto the new tip; the agent\'s commits do not come along, so it lands as one then' : 'Refresh the round onto the new tip', command: `signalbox refresh ${facts.run}` } : remedyOfConflict(facts)),
      }),
    )
  }
  if (conflicts.length > 0) {
    blockers.push(block('merge_conflict', name, `A refresh of ${name} would conflict in ${nameUpTo5(conflicts)}`, { paths: conflicts }, remedyOfConflict(facts)))
  }
  if (busy.length > 0) {
    const operations = busy.map((one) => sayBusy(branch, one))
    blockers.push(block('target_busy', name, `${name} is busy: ${operations.join('; ')}`, { operations }, { sentence: endBusy(branch, busy) }))
  }
  if (checkout !== undefined) blockers.push(...findDirt(facts, repo, checkout, busy))
  return blockers
}

function remedyOfConflict({ run, settling }: GateFacts): Blocker['remedy'] {
  switch (settling.kind) {
    case 'ready':
      return { sentence: `Settle what conflicts in ${settling.workspace}, then seal it as the next round`, command: `signalbox seal ${run}` }
    case 'possible':
      return { sentence: 'Settle it in a workspace prepared for that, or start a new run on the new tip', command: `signalbox refresh ${run} --resolve` }
    case 'impossible':
      return { sentence: 'Start a new run on the new tip; this run and its diff stay readable' }
    default:
      return settling satisfies never
  }
}

/** Returns the head that an approval is about: records of ours that came since, beside the change, do not count. */
export function reviewedHead({ base }: Pick<RepoFacts, 'base'>, { head, advanced }: TargetFacts): TargetFacts['head'] {
  return advanced === undefined ? head : base
}

/** Returns a repo as it would be, had its target not moved; one whose branch is gone, or where the round does not fit any more, as it is. */
export function putBack(repo: RepoFacts): RepoFacts {
  const { base, target } = repo
  if (!target.known || target.value.head === undefined || target.value.conflicts.length > 0) return repo
  return { ...repo, target: { known: true, value: { ...target.value, head: base } } }
}
