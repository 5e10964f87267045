import { count } from './amounts.ts'
import { findApprovalBlockers } from './gate-approval.ts'
import { findCheckBlockers } from './gate-checks.ts'
import { findFindingBlockers } from './gate-findings.ts'
import type { GateFacts, RepoFacts } from './gate-facts.ts'
import { findKeepBlockers, reportKept } from './gate-keep.ts'
import { findMissing, isWhole } from './gate-missing.ts'
import { findUnreadable, isChangeReadable } from './gate-readable.ts'
import { block, nameUpTo5, type Blocker, type GateReport } from './gate-report.ts'
import { findScopeBlockers } from './gate-scope.ts'
import { findSourceBlockers } from './gate-sources.ts'
import { findSecretBlockers } from './gate-secrets.ts'
import { findRevertBlockers } from './gate-reverts.ts'
import { findTargetBlockers, putBack, reviewedHead } from './gate-target.ts'
import { applyWaivers } from './waiver.ts'

/** Returns every reason this run may not be merged now; empty means it may. */
export function findBlockers(facts: GateFacts): readonly Blocker[] {
  return applyWaivers(facts, findReasons(facts)).blockers
}

/** Returns what speaks against a merge, waived or not. */
function findReasons(facts: GateFacts): readonly Blocker[] {
  if (facts.merge === 'merged') {
    return [block('nothing_changed', undefined, `${facts.run} is already merged; nothing is left to land`, {}, { sentence: 'Look at what landed', command: `signalbox show ${facts.run}` })]
  }
  const changed = facts.repos.filter((repo) => repo.changed)
  return [
    ...findRunBlockers(facts, changed),
    ...facts.sources.flatMap((source) => findSourceBlockers(facts, source)),
    ...findMetadataBlockers(facts),
    ...findQuestionBlockers(facts),
    ...facts.repos.flatMap((repo) => findRepoBlockers(facts, repo)),
    ...findCheckBlockers(facts, changed),
    ...findFindingBlockers(facts),
    ...findApprovalBlockers(facts, changed),
  ]
}

/** Tells whether targets that moved, without a conflict, are all that stands in the way of an approved round: were each where the round began, it might land. */
export function isHeldUpByTargets(facts: GateFacts): boolean {
  return findBlockers({ ...facts, repos: facts.repos.map(putBack) }).length === 0
}

/** Judges the facts: the whole verdict, all reasons at once. */
export function reportGate(facts: GateFacts): GateReport {
  const { blockers, waived } = applyWaivers(facts, findReasons(facts))
  // A refresh leaves the agent's commits behind: a yes to those is none to what it makes.
  const carried = facts.strategy !== 'keep' && blockers.some(({ code }) => code === 'target_moved') && isHeldUpByTargets(facts) ? facts.approval?.value : undefined
  const kept = reportKept(facts)
  const nothing = blockers.some((blocker) => blocker.code === 'nothing_changed')
  return {
    run: facts.run,
    snapshot: facts.round?.id ?? null,
    verdict: nothing ? 'nothing_to_merge' : blockers.length === 0 ? 'mergeable' : 'blocked',
    digest: facts.round?.digest ?? null,
    repos: facts.repos.map((repo) => ({
      repo: repo.repo,
      branch: repo.branch,
      base: repo.base,
      tree: repo.tree,
      targetHead: repo.target.known ? (reviewedHead(repo, repo.target.value) ?? null) : null,
      ...(repo.target.known && repo.target.value.advanced !== undefined ? { advanced: repo.target.value.advanced } : {}),
      checkout: repo.target.known ? (repo.target.value.checkout?.path ?? null) : null,
      changed: repo.changed,
      files: repo.files,
      insertions: repo.insertions,
      deletions: repo.deletions,
    })),
    blockers,
    waived,
    ...(kept === undefined ? {} : { kept }),
    ...(carried === undefined ? {} : { carries: { by: carried.by, at: carried.at } }),
  }
}

/** Codes that stop a merge but not an approval: one may approve, clear the checkout, and merge. */
const mergeOnly: readonly Blocker['code'][] = ['approval_missing', 'approval_stale', 'target_dirty', 'target_busy']

/** Returns the blockers that also stop an approval. A landing of the run itself that is not settled (busy, of no one repo) does. */
export function blockersOfApproval(blockers: readonly Blocker[]): readonly Blocker[] {
  return blockers.filter(({ code, repo }) => !mergeOnly.includes(code) || (code === 'target_busy' && repo === undefined))
}

function findRunBlockers(facts: GateFacts, changed: readonly RepoFacts[]): Blocker[] {
  const { run, round } = facts
  const blockers: Blocker[] = facts.newer.map((because) => block('facts_unavailable', undefined, because, { because }, { sentence: 'Update Signalbox' }))
  if (!facts.ended) {
    blockers.push(block('run_active', undefined, `${run} has not ended; what it still writes is not in any round`, {}, { sentence: 'Wait for it, or cancel it', command: `signalbox cancel ${run}` }))
  }
  if (facts.merge === 'merging' || facts.merge === 'stuck') {
    blockers.push(block('target_busy', undefined, `The landing of ${run} stopped half-way and is not settled yet`, {}, { sentence: 'Read what it needs', command: 'signalbox doctor' }))
  }
  if (round === undefined) {
    blockers.push(block('snapshot_missing', undefined, `${run} has no sealed round`, {}, facts.ended ? sealOrStart(facts, 'Seal what its workspace holds') : { sentence: 'Wait for the run to end' }))
    return blockers
  }
  if (!isWhole(round)) {
    blockers.push(findMissing(facts, round))
  } else if (changed.length === 0 && facts.ended) {
    blockers.push(findNothing(facts, round))
  }
  return blockers
}

/** Says why a round changes nothing. Its handoff was written before a refresh found that it is landed already. */
function findNothing({ run, task, handoff }: GateFacts, { id, refreshed }: NonNullable<GateFacts['round']>): Blocker {
  if (refreshed) return block('nothing_changed', undefined, `${id} changes nothing: its targets have all of it already`, {}, { sentence: 'If nothing else is to be done for it, close the task', command: `signalbox task edit ${task} --status done` })
  return block('nothing_changed', undefined, `No repo of ${id} differs from its base`, {}, { sentence: 'Read the handoff for what happened', command: handoff === undefined ? `signalbox log ${run}` : `signalbox handoff show ${handoff}` })
}

/** Where there is no workspace, nothing can be sealed. */
function sealOrStart({ run, sealable, again }: GateFacts, sentence: string): Blocker['remedy'] {
  return sealable ? { sentence, command: `signalbox seal ${run}` } : { sentence: 'Start again: it has no workspace to seal', command: `signalbox ${again}` }
}

function findMetadataBlockers({ run, metadata }: GateFacts): Blocker[] {
  if (!metadata.known) return [block('facts_unavailable', undefined, `What the task means now could not be read: ${metadata.because}`, { because: metadata.because }, { sentence: 'Repair or bring back what it names', command: 'signalbox doctor' })]
  return metadata.value.changes.map(({ field, was, now }) =>
    block('metadata_stale', undefined, `The task's ${field} changed since ${run} began: it was ${was} and is ${now}`, { field, was, now }, { sentence: `Set ${field} back, or start a new run for the task as it is now` }),
  )
}

/**
 * Returns what one repo has against a merge. The target of an unchanged repo is not touched, so it is not judged; its
 * workspace is, for later work there is work that nobody reviewed.
 */
function findQuestionBlockers({ run, questions }: GateFacts): Blocker[] {
  const [first] = questions
  if (first === undefined) return []
  const ids = questions.map(({ id }) => id)
  return [block('question_open', undefined, `${count(ids.length, 'question')} of ${run} ${ids.length === 1 ? 'is' : 'are'} not answered: ${questions.slice(0, 5).map(({ id, text }) => `${id} ${JSON.stringify(text.slice(0, 80))}`).join(', ')}`, { questions: ids }, { sentence: 'Answer what its agent asked', command: `signalbox answer ${run} ${first.id} TEXT` })]
}

function findRepoBlockers(facts: GateFacts, repo: RepoFacts): Blocker[] {
  const name = repo.repo
  if (!repo.changed) return findStaleness(facts, repo)
  if (!repo.reachable.known) {
    return [block('repo_unreachable', name, `${name} could not be reached: ${repo.reachable.because}`, { because: repo.reachable.because }, remedyOfUnreachable)]
  }
  const blockers = findUnreadable(facts, repo)
  // Of a diff that cannot be read, that is the reason given.
  const readable = isChangeReadable(repo)
  if (repo.changedSince.known || readable) blockers.push(...findStaleness(facts, repo))
  blockers.push(...findKeepBlockers(facts, repo), ...findScopeBlockers(facts, repo))
  if (repo.secrets.known || readable) blockers.push(...findSecretBlockers(facts, repo))
  return [...blockers, ...findRevertBlockers(facts, repo), ...findTargetBlockers(facts, repo)]
}

const remedyOfUnreachable: Blocker['remedy'] = { sentence: 'Bring the repository back, or register where it is now', command: 'signalbox doctor' }

function findStaleness({ run, round }: GateFacts, { repo, reachable, changedSince }: RepoFacts): Blocker[] {
  if (round === undefined) return []
  if (!changedSince.known && !reachable.known) {
    return [block('facts_unavailable', repo, `Whether the workspace of ${repo} changed since ${round.id} could not be told, for the repository could not be reached: ${reachable.because}`, { because: reachable.because }, remedyOfUnreachable)]
  }
  if (!changedSince.known) {
    return [block('facts_unavailable', repo, `The workspace of ${repo} could not be read: ${changedSince.because}`, { because: changedSince.because }, { sentence: 'Clear the cause and ask again', command: `signalbox gate ${run}` })]
  }
  const paths = changedSince.value
  if (paths.length === 0) return []
  return [block('snapshot_stale', repo, `The workspace of ${repo} changed since ${round.id} was sealed: ${nameUpTo5(paths)}`, { paths }, { sentence: 'Seal it as the next round, then review that', command: `signalbox seal ${run}` })]
}
