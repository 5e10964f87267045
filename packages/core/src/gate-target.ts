import { count } from './amounts.ts'
import type { CheckoutFacts, GateFacts, RepoFacts, TargetFacts } from './gate-facts.ts'
import { isChangeReadable } from './gate-readable.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'
import { quote } from './quote.ts'

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
    blockers.push(block('target_busy', name, `${name} is busy: ${busy.join('; ')}`, { operations: busy }, { sentence: 'Finish or abort what is under way there' }))
  }
  if (checkout !== undefined) blockers.push(...findDirt(facts, repo, checkout))
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

function findDirt(facts: GateFacts, { repo, branch }: RepoFacts, checkout: CheckoutFacts): Blocker[] {
  const blockers: Blocker[] = []
  const untracked = facts.policy.untracked === 'all' ? [...new Set([...checkout.untracked, ...checkout.untrackedInTheWay])] : checkout.untrackedInTheWay
  const paths = [...new Set([...checkout.staged, ...checkout.unstaged, ...untracked])]
  if (paths.length > 0) {
    const counts = [
      checkout.staged.length > 0 ? `${checkout.staged.length} staged` : '',
      checkout.unstaged.length > 0 ? `${checkout.unstaged.length} unstaged` : '',
      untracked.length > 0 ? `${untracked.length} untracked` : '',
    ].filter((text) => text !== '')
    blockers.push(
      block('target_dirty', repo, `The checkout of ${branch} of ${repo} has changes of its own (${counts.join(', ')}): ${nameUpTo5(paths)}`, { paths, staged: checkout.staged, unstaged: checkout.unstaged, untracked, checkout: checkout.path }, {
        sentence: 'Stash them there (the target stays in place), or commit them and refresh the run',
        command: `git -C ${quote(checkout.path)} stash -u`,
      }),
    )
  }
  if (checkout.ignoredInTheWay.length > 0) {
    const ignored = checkout.ignoredInTheWay
    blockers.push(
      block('target_dirty', repo, `The landing would overwrite ${count(ignored.length, 'ignored file')} in the checkout of ${branch} of ${repo}: ${nameUpTo5(ignored)}`, { paths: ignored, ignored, checkout: checkout.path }, {
        sentence: 'Move those files away; git would overwrite them without a word',
      }),
    )
  }
  return blockers
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
