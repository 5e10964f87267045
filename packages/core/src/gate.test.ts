import { count } from './amounts.ts'
import { describe, expect, it } from 'vitest'
import { api, changedRepo, cleanCheckout, greenReceipt, keepFacts, mergeableFacts, oid, quietTarget, run, snapshot, unchangedRepo, web, withApproval, withCheckout, withKept, withRepo, withTarget } from '../test/facts.ts'
import type { GateFacts, RepoFacts, TargetFacts } from './gate-facts.ts'
import { blockerCodes, gateReportSchema, nameUpTo5, type BlockerCode } from './gate-report.ts'
import { LEAST_CHARACTERS, type LandedRevert } from './gate-reverts.ts'
import { blockersOfApproval, findBlockers, isHeldUpByTargets, reportGate } from './gate.ts'
import { findingIdSchema, handoffIdSchema } from './ids.ts'
import { reportedPathSchema } from './snapshot.ts'
import type { SourceChange } from './source-change.ts'

const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const round = { id: snapshot('R0031.s2'), digest: 'digest of s2', complete: true, refreshed: false, missing: [] }
const revert: LandedRevert = { path: 'a.ts', commit: oid('7'), subject: 'fix a', whole: true, characters: 1 }
const stale = { ...greenReceipt, digest: 'digest of s1', tree: oid('3') }
const nothing = { found: [], unscanned: [] }
const nowhere = { known: false, because: 'the disk is gone' } as const

const movedRef: SourceChange = { what: 'ref', name: 'refs/heads/main', before: oid('1'), after: oid('6'), evidence: null }
const escaped = (name: string): SourceChange => ({ what: 'file', name, before: null, after: `100644 ${oid('7')}`, evidence: { kind: 'bytes', oid: oid('7') } })

function withStanding(value: readonly SourceChange[]): GateFacts {
  return { ...mergeableFacts, sources: [{ repo: api, foreign: false, path: '/src/api', standing: value, checkedOut: ['refs/heads/main'], gone: [], unknown: null, comparable: true }] }
}

interface Row {
  readonly code: BlockerCode
  readonly when: string
  readonly facts: GateFacts
  readonly says: string
  readonly repo?: RepoFacts['repo']
  readonly paths?: readonly string[]
  readonly verdict?: 'nothing_to_merge'
  /** The command of its remedy, where that is not the same for all. */
  readonly command?: string
  /** What cannot but be found beside it. */
  readonly also?: readonly BlockerCode[]
}

/** Facts that lack one thing each, so that exactly one blocker is found. */
const rows: readonly Row[] = [
  { code: 'run_active', when: 'the run has not ended', facts: { ...mergeableFacts, ended: false }, says: 'R0031 has not ended' },
  { code: 'run_escaped', when: 'its bytes lie in the checkout of the human', facts: withStanding(seven.map(escaped)), says: 'a, b, c, d, e and 2 more hold the bytes of its round', repo: api, paths: seven },
  { code: 'run_escaped', when: 'its commits are in a ref of the human', facts: withStanding([{ ...movedRef, evidence: { kind: 'commit', oid: oid('6') } }]), says: 'commits made in its own git directory are in refs/heads/main', repo: api, paths: [] },
  { code: 'repo_tampered', when: 'a guarded ref moved', facts: withStanding([movedRef]), says: 'refs/heads/main went from 1111111111 to 6666666666', repo: api },
  { code: 'repo_tampered', when: 'a hook is new', facts: withStanding([{ what: 'hook', name: 'hooks/pre-commit', before: null, after: 'x', evidence: null }]), says: '.git/hooks/pre-commit is new', repo: api },
  { code: 'facts_unavailable', when: 'nobody knows what became of a source', facts: { ...mergeableFacts, sources: [{ repo: api, foreign: false, path: '/src/api', standing: [], checkedOut: undefined, gone: [], unknown: 'the disk is gone', comparable: true }] }, says: 'What became of your api during R0031 is not known: the disk is gone', repo: api },
  { code: 'snapshot_missing', when: 'nothing is sealed', facts: { ...mergeableFacts, round: undefined }, says: 'R0031 has no sealed round' },
  { code: 'snapshot_missing', when: 'the round says it is incomplete', facts: { ...mergeableFacts, round: { ...round, complete: false } }, says: 'R0031.s2 is incomplete: not everything was saved', paths: [] },
  {
    code: 'snapshot_missing',
    when: 'the round lacks paths, whatever it says of itself',
    facts: { ...mergeableFacts, round: { ...round, missing: seven.map((path) => ({ repo: api, path, reason: 'nested_repository' as const })) } },
    says: 'api/a (nested repository), api/b (nested repository), api/c (nested repository), api/d (nested repository), api/e (nested repository) and 2 more',
    paths: seven.map((path) => `api/${path}`),
  },
  { code: 'snapshot_missing', when: 'objects of the round are gone', facts: withRepo({ readable: { known: true, value: false } }), says: 'objects are missing from its vault, or damaged', repo: api, command: 'signalbox doctor --fix' },
  { code: 'snapshot_missing', when: 'the round is on another machine', facts: withRepo({ readable: { known: true, value: false } }, { ...mergeableFacts, here: false }), says: 'R0031.s2 of api is not on this machine: R0031 was made on another one', repo: api },
  { code: 'snapshot_missing', when: 'the round is gone, and with it what else is known of it', facts: withRepo({ readable: { known: true, value: false }, target: { known: true, value: { ...quietTarget, unread: 'bad object' } }, changedSince: nowhere, secrets: nowhere, reverts: nowhere }), says: 'objects are missing', repo: api },
  { code: 'snapshot_missing', when: 'nobody knows whether the round can be read', facts: withRepo({ readable: nowhere }), says: 'the disk is gone', repo: api },
  { code: 'snapshot_stale', when: 'the workspace changed since', facts: withRepo({ changedSince: { known: true, value: seven } }), says: 'a, b, c, d, e and 2 more', repo: api, paths: seven },
  {
    code: 'snapshot_stale',
    when: 'the workspace of an unchanged repo changed since',
    facts: { ...mergeableFacts, repos: [changedRepo, { ...unchangedRepo, changedSince: { known: true, value: ['late.ts'] } }] },
    says: 'The workspace of web changed since R0031.s2 was sealed: late.ts',
    repo: web,
    paths: ['late.ts'],
  },
  { code: 'nothing_changed', when: 'no repo differs', facts: { ...mergeableFacts, repos: [{ ...unchangedRepo, repo: api }, unchangedRepo] }, says: 'No repo of R0031.s2 differs', verdict: 'nothing_to_merge' },
  { code: 'nothing_changed', when: 'no repo differs, which its handoff tells of', facts: { ...mergeableFacts, handoff: handoffIdSchema.parse('H0009'), repos: [{ ...unchangedRepo, repo: api }, unchangedRepo] }, says: 'No repo of R0031.s2 differs', verdict: 'nothing_to_merge', command: 'signalbox handoff show H0009' },
  {
    code: 'nothing_changed',
    when: 'a refresh found that the targets have it already, which its handoff does not know',
    facts: { ...mergeableFacts, handoff: handoffIdSchema.parse('H0009'), round: { ...round, refreshed: true }, repos: [{ ...unchangedRepo, repo: api }, unchangedRepo] },
    says: 'R0031.s2 changes nothing: its targets have all of it already',
    verdict: 'nothing_to_merge',
    command: 'signalbox task edit T0147 --status done',
  },
  { code: 'nothing_changed', when: 'the run is merged', facts: { ...mergeableFacts, merge: 'merged' }, says: 'R0031 is already merged', verdict: 'nothing_to_merge' },
  { code: 'question_open', when: 'its agent asked something nobody answered', facts: { ...mergeableFacts, questions: [{ id: 'Q2', text: 'Which port?' }] }, says: '1 question of R0031 is not answered: Q2 "Which port?"' },
  {
    code: 'metadata_stale',
    when: 'the task means something else',
    facts: { ...mergeableFacts, metadata: { known: true, value: { changes: [{ field: 'base_branch', was: 'main', now: 'release/2' }], taskRevision: 'task 1' } } },
    says: "The task's base_branch changed since R0031 began: it was main and is release/2",
  },
  { code: 'target_missing', when: 'the branch is gone', facts: withTarget({ head: undefined, checkout: undefined }), says: 'api has no branch main', repo: api, also: ['approval_stale'] },
  { code: 'target_dirty', when: 'something is staged', facts: withCheckout({ staged: seven }), says: '(7 staged): a, b, c, d, e and 2 more', repo: api, paths: seven },
  { code: 'target_dirty', when: 'something is edited', facts: withCheckout({ unstaged: ['a'] }), says: '(1 unstaged): a', repo: api, paths: ['a'] },
  { code: 'target_dirty', when: 'something is untracked', facts: withCheckout({ untracked: ['a'] }), says: '(1 untracked): a', repo: api, paths: ['a'] },
  {
    code: 'target_dirty',
    when: 'an untracked file is in the way, under the relaxed policy too',
    facts: withCheckout({ untracked: ['a', 'b'], untrackedInTheWay: ['b'] }, { ...mergeableFacts, policy: { untracked: 'colliding' } }),
    says: '(1 untracked): b',
    repo: api,
    paths: ['b'],
  },
  { code: 'target_dirty', when: 'an ignored file would be overwritten', facts: withCheckout({ ignoredInTheWay: ['.env'] }), says: 'would overwrite 1 ignored file in the checkout of main of api: .env', repo: api, paths: ['.env'] },
  { code: 'target_busy', when: 'a rebase is under way', facts: withTarget({ busy: [{ kind: 'operation', what: 'rebase in /src/api' }] }), says: 'api is busy: rebase in /src/api', repo: api },
  { code: 'target_busy', when: 'its own merge stopped half-way', facts: { ...mergeableFacts, merge: 'stuck' }, says: 'The landing of R0031 stopped half-way' },
  { code: 'target_busy', when: 'its own merge is under way', facts: { ...mergeableFacts, merge: 'merging' }, says: 'The landing of R0031 stopped half-way' },
  { code: 'target_moved', when: 'the target has a new commit', facts: withApproval({ targetHeads: { [api]: oid('9') } }, withTarget({ head: oid('9') })), says: 'main of api moved from 1111111111 to 9999999999', repo: api },
  { code: 'merge_conflict', when: 'a refresh would conflict', facts: withTarget({ conflicts: seven }), says: 'A refresh of api would conflict in a, b, c, d, e and 2 more', repo: api, paths: seven },
  {
    code: 'reverts_landed_work',
    when: 'there is too much history to tell',
    facts: withRepo({ reverts: { known: true, value: { reverts: [], unseen: ['big.json'] } } }),
    says: 'api changes files with too much history to tell whether they take back landed work: big.json',
    repo: api,
    paths: ['big.json'],
  },
  {
    code: 'reverts_landed_work',
    when: 'a hunk undoes a landed commit',
    facts: withRepo({ reverts: { known: true, value: { reverts: [{ ...revert, whole: false, characters: LEAST_CHARACTERS }], unseen: [] } } }),
    says: 'api takes back landed work: a.ts undoes 7777777777 (fix a)',
    repo: api,
    paths: ['a.ts'],
  },
  {
    code: 'reverts_landed_work',
    when: 'whole files are as they were before, one of them binary',
    facts: withRepo({ reverts: { known: true, value: { reverts: [...seven.map((path) => ({ ...revert, path })), { ...revert, path: 'g', commit: oid('8'), characters: null }], unseen: [] } } }),
    says: 'e undoes 7777777777 (fix a) and 3 more',
    repo: api,
    paths: seven,
  },
  { code: 'commits_unfit', when: 'the commits of the agent cannot land as they are', facts: withKept({ history: { kind: 'unfit', because: '4444444444 is a merge' } }), says: "The agent's commits in api cannot land as they are: 4444444444 is a merge", repo: api },
  { code: 'commits_unfit', when: 'records of ours came between them and the target', facts: withTarget({ head: oid('9'), advanced: { to: oid('9'), commits: 1 } }, keepFacts), says: 'records of ours took main further', repo: api },
  { code: 'facts_unavailable', when: 'the commits could not be read', facts: withRepo({ kept: nowhere }, keepFacts), says: "The agent's commits in api could not be looked at: the disk is gone", repo: api },
  { code: 'facts_unavailable', when: 'nobody looked at the commits', facts: { ...keepFacts, repos: [changedRepo, unchangedRepo] }, says: 'could not be looked at: nobody looked', repo: api },
  { code: 'scope_exceeded', when: 'a commit touches a path off scope', facts: withKept({ steps: [{ commit: oid('4'), offScope: ['a'], secrets: nothing }, { commit: null, offScope: ['a'], secrets: nothing }] }), says: "api changes 1 path outside the task's scope: a in 4444444444, a in what was not committed", repo: api, paths: ['a'] },
  { code: 'secret_found', when: 'a commit adds a credential', facts: withKept({ steps: [{ commit: oid('4'), offScope: [], secrets: { found: [{ path: 'a.env', line: 3, rule: 'github' }], unscanned: [{ path: 'b.json', bytes: 9 }] } }] }), says: 'api adds what looks like 1 credential: a.env:3 (github) in 4444444444. It adds more than is looked through for credentials: b.json in 4444444444', repo: api, paths: ['a.env', 'b.json'] },
  { code: 'approval_stale', when: 'the yes was to the change as one', facts: { ...keepFacts, approval: mergeableFacts.approval }, says: "it is to landing the change as one, not to landing the agent's own commits" },
  { code: 'approval_stale', when: 'the yes was to the commits', facts: { ...mergeableFacts, approval: keepFacts.approval }, says: "it is to landing the agent's own commits, not to landing the change as one" },
  { code: 'approval_stale', when: 'the commits are others', facts: { ...keepFacts, commitsHash: 'commits 0' }, says: "the agent's commits differ" },
  { code: 'scope_exceeded', when: 'a path is off scope', facts: withRepo({ offScope: seven }), says: "api changes 7 paths outside the task's scope: a, b, c, d, e and 2 more", repo: api, paths: seven },
  {
    code: 'secret_found',
    when: 'a credential is added',
    facts: withRepo({ secrets: { known: true, value: { found: [{ path: 'a.env', line: 3, rule: 'github' }], unscanned: [{ path: 'b.json', bytes: 9 }] } } }),
    says: 'api adds what looks like 1 credential: a.env:3 (github). It adds more than is looked through for credentials: b.json',
    repo: api,
    paths: ['a.env', 'b.json'],
  },
  {
    code: 'secret_found',
    when: 'text is too much to look through',
    facts: withRepo({ secrets: { known: true, value: { found: [], unscanned: [{ path: 'b.json', bytes: 9 }] } } }),
    says: 'api adds more than is looked through for credentials: b.json',
    repo: api,
    paths: ['b.json'],
  },
  {
    code: 'finding_open',
    when: 'reviewers found something that nobody settled',
    facts: { ...mergeableFacts, findings: { known: true, value: [{ id: findingIdSchema.parse('F2'), text: 'why', repo: api, path: 'a.ts' }, { id: findingIdSchema.parse('F3'), text: 'tests', repo: null, path: null }] } },
    says: '2 findings are open: F2 (api/a.ts), F3 (the run)',
  },
  { code: 'facts_unavailable', when: 'the review could not be read', facts: { ...mergeableFacts, findings: nowhere }, says: 'The findings of R0031 could not be read: the disk is gone' },
  { code: 'facts_unavailable', when: 'the added lines could not be looked through', facts: withRepo({ secrets: nowhere }), says: 'could not be looked through for credentials: the disk is gone', repo: api },
  { code: 'checks_missing', when: 'a check never ran', facts: { ...mergeableFacts, receipts: [] }, says: 'Check test of api has not run on R0031.s2', repo: api },
  { code: 'checks_missing', when: 'another command ran under its name', facts: { ...mergeableFacts, receipts: [{ ...greenReceipt, command: 'true' }] }, says: 'has not run', repo: api },
  { code: 'checks_failed', when: 'a check is red', facts: { ...mergeableFacts, receipts: [{ ...greenReceipt, exitCode: 1 }] }, says: 'Check test of api failed on R0031.s2: it exited 1', repo: api },
  { code: 'checks_failed', when: 'a check was ended', facts: { ...mergeableFacts, receipts: [{ ...greenReceipt, exitCode: null }] }, says: 'it was ended before it finished', repo: api },
  { code: 'checks_failed', when: 'a check changed the tree', facts: { ...mergeableFacts, receipts: [{ ...greenReceipt, voided: 'it changed the tree' }] }, says: 'it changed the tree', repo: api },
  { code: 'checks_failed', when: 'a green check went red when it ran again', facts: { ...mergeableFacts, receipts: [greenReceipt, { ...greenReceipt, exitCode: 2 }] }, says: 'it exited 2', repo: api },
  { code: 'checks_stale', when: 'a check ran on another snapshot only', facts: { ...mergeableFacts, receipts: [stale] }, says: 'ran only for another tree than that of R0031.s2', repo: api },
  { code: 'checks_stale', when: 'a receipt names this snapshot and another tree', facts: { ...mergeableFacts, receipts: [{ ...greenReceipt, tree: oid('3') }] }, says: 'ran only for another tree', repo: api },
  { code: 'approval_missing', when: 'nobody approved', facts: { ...mergeableFacts, approval: undefined }, says: 'Nobody approved R0031.s2' },
  { code: 'approval_missing', when: 'somebody rejected', facts: { ...mergeableFacts, approval: undefined, rejection: { by: 'ada', because: 'too large' } }, says: 'ada rejected R0031: too large' },
  {
    code: 'approval_missing',
    when: 'the approval is forged',
    facts: { ...mergeableFacts, approval: mergeableFacts.approval && { ...mergeableFacts.approval, genuine: false } },
    says: 'is not sealed with the key of this machine and does not count',
  },
  { code: 'approval_stale', when: 'an older round was approved', facts: withApproval({ snapshot: snapshot('R0031.s1') }), says: 'it is for R0031.s1, the latest round is R0031.s2' },
  { code: 'approval_stale', when: 'the digest differs', facts: withApproval({ digest: 'other' }), says: 'the digest of the round differs' },
  { code: 'approval_stale', when: 'another head was approved', facts: withApproval({ targetHeads: { [api]: oid('7') } }), says: 'main of api was at 7777777777 and is at 1111111111' },
  { code: 'approval_stale', when: 'no head was approved', facts: withApproval({ targetHeads: {} }), says: 'main of api was at nothing and is at 1111111111' },
  { code: 'approval_stale', when: 'the task was edited', facts: withApproval({ taskRevision: 'task 0' }), says: 'the task was edited' },
  { code: 'approval_stale', when: 'the packet differs', facts: withApproval({ packetHash: 'packet 0' }), says: 'the context packet differs' },
  { code: 'approval_stale', when: 'the receipts differ', facts: withApproval({ receipts: 'receipts 0' }), says: 'the check receipts differ' },
  { code: 'repo_unreachable', when: 'the repository is gone', facts: withRepo({ reachable: nowhere }), says: 'api could not be reached: the disk is gone', repo: api },
  { code: 'facts_unavailable', when: 'the target could not be read', facts: withRepo({ target: nowhere }), says: 'api could not be looked at: the disk is gone', repo: api },
  { code: 'facts_unavailable', when: 'nobody knows what the round meets at its target', facts: withTarget({ unread: 'the disk is gone' }), says: 'How the round fits on main of api is not known: the disk is gone', repo: api },
  { code: 'facts_unavailable', when: 'the history could not be read', facts: withRepo({ reverts: nowhere }), says: 'Whether api takes back landed work could not be told: the disk is gone', repo: api },
  { code: 'facts_unavailable', when: 'the workspace could not be read', facts: withRepo({ changedSince: nowhere }), says: 'The workspace of api could not be read', repo: api },
  {
    code: 'facts_unavailable',
    when: 'the workspace of an unchanged repo could not be read',
    facts: { ...mergeableFacts, repos: [changedRepo, { ...unchangedRepo, changedSince: nowhere }] },
    says: 'The workspace of web could not be read',
    repo: web,
  },
  {
    code: 'facts_unavailable',
    when: 'the source of an unchanged repo is gone, and so nobody can compare its workspace',
    facts: { ...mergeableFacts, repos: [changedRepo, { ...unchangedRepo, reachable: nowhere, target: nowhere, readable: nowhere, changedSince: nowhere }] },
    says: 'for the repository could not be reached: the disk is gone',
    repo: web,
    command: 'signalbox doctor',
  },
  { code: 'facts_unavailable', when: 'the task could not be read', facts: { ...mergeableFacts, metadata: nowhere }, says: 'What the task means now could not be read: the disk is gone' },
  { code: 'facts_unavailable', when: 'the checks could not be read', facts: { ...mergeableFacts, checks: nowhere, receiptsHash: 'of none' }, says: 'The configured checks could not be read: the disk is gone' },
]

describe('each reason alone', () => {
  it.each(rows)('$code when $when', ({ code, facts, says, repo: name, paths, verdict = 'blocked', also = [], command }) => {
    const report = reportGate(facts)
    expect(report.blockers.map((blocker) => blocker.code)).toEqual([code, ...also])
    const [blocker] = report.blockers
    expect(blocker?.message).toContain(says)
    expect(blocker?.repo).toBe(name)
    expect(blocker?.data.paths).toEqual(paths)
    if (command !== undefined) expect(blocker?.remedy.command).toBe(command)
    expect(report.verdict).toBe(verdict)
    expect(gateReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
  })

  it.each(rows)('$code when $when: the remedy is a sentence, and any command is one of ours or of git', ({ facts }) => {
    for (const { remedy } of findBlockers(facts)) {
      expect(remedy.sentence).toMatch(/^[A-Z].{10,}[^.]$/)
      expect(remedy.command ?? 'git -C x').toMatch(/^(signalbox|git -C) \S/)
    }
  })

  it('has a row for every code', () => {
    expect(new Set(rows.map(({ code }) => code))).toEqual(new Set(blockerCodes))
  })
})

describe('reportGate', () => {
  it('lets approved, checked, unmoved work land, and lists the repo that did not change', () => {
    const report = reportGate(mergeableFacts)
    expect(report).toMatchObject({ run, snapshot: 'R0031.s2', verdict: 'mergeable', digest: 'digest of s2', blockers: [] })
    expect(report.repos.map((one) => [one.repo, one.changed, one.targetHead, one.checkout])).toEqual([
      [api, true, oid('1'), '/src/api'],
      [web, false, oid('1'), '/src/api'],
    ])
  })

  it('says which commits a landing keeps, and what a yes to them names', () => {
    expect(reportGate(keepFacts)).toMatchObject({ verdict: 'mergeable', kept: { digest: 'commits 1', repos: [{ repo: api, commits: [oid('4')], rest: true }] } })
    expect(reportGate(withKept({ history: { kind: 'linear', commits: [], rest: null } })).kept?.repos).toEqual([{ repo: api, commits: [], rest: true }])
    expect(reportGate(mergeableFacts)).not.toHaveProperty('kept')
  })

  it('lets work land again that was undone and approved anew', () => {
    expect(reportGate({ ...mergeableFacts, merge: 'undone' }).verdict).toBe('mergeable')
  })

  it('does not judge the target of a repo that did not change', () => {
    const target = { known: true, value: { ...quietTarget, head: oid('9'), busy: [{ kind: 'operation', what: 'merge in /src/api' }] } } as const
    expect(reportGate({ ...mergeableFacts, repos: [changedRepo, { ...unchangedRepo, target, offScope: ['x'] }] }).verdict).toBe('mergeable')
    expect(reportGate({ ...mergeableFacts, repos: [changedRepo, { ...unchangedRepo, reachable: nowhere, target: nowhere, readable: nowhere }] }).verdict).toBe('mergeable')
  })

  it('does not ask for the checks of a repo that did not change', () => {
    const checks = { known: true, value: [{ repo: web, name: 'test', command: 'npm test' }] } as const
    expect(reportGate({ ...mergeableFacts, checks }).verdict).toBe('mergeable')
  })

  it('lets a green rerun stand for a red one', () => {
    expect(reportGate({ ...mergeableFacts, receipts: [{ ...greenReceipt, exitCode: 1 }, greenReceipt, stale] }).verdict).toBe('mergeable')
  })

  it('overlooks untracked files that are not in the way, where the policy says so', () => {
    const facts = withCheckout({ untracked: ['notes.txt'] }, { ...mergeableFacts, policy: { untracked: 'colliding' } })
    expect(reportGate(facts).verdict).toBe('mergeable')
  })

  it('overlooks a hunk that undoes a commit by chance: too few letters, or blanks alone', () => {
    const small = [{ ...revert, whole: false, characters: LEAST_CHARACTERS - 1 }, { ...revert, whole: true, characters: 0 }]
    expect(reportGate(withRepo({ reverts: { known: true, value: { reverts: small, unseen: [] } } })).verdict).toBe('mergeable')
  })

  it('does not call work nothing that was not wholly saved', () => {
    const facts: GateFacts = { ...mergeableFacts, repos: [unchangedRepo], round: { ...round, complete: false } }
    expect(reportGate(facts)).toMatchObject({ verdict: 'blocked', blockers: [{ code: 'snapshot_missing' }] })
  })

  it('does not call a run that still goes on nothing', () => {
    expect(reportGate({ ...mergeableFacts, repos: [unchangedRepo], ended: false })).toMatchObject({ verdict: 'blocked', blockers: [{ code: 'run_active' }] })
  })

  it('gives all reasons at once: of the run, of each repo in the order of the facts, of the approval', () => {
    const dirty: TargetFacts = { ...quietTarget, head: oid('9'), conflicts: ['x'], busy: [{ kind: 'operation', what: 'rebase in /src/api' }], checkout: { ...cleanCheckout, staged: ['s'], unstaged: ['u'], untracked: ['n'], ignoredInTheWay: ['.env'] } }
    const bad: Partial<RepoFacts> = { target: { known: true, value: dirty }, readable: { known: true, value: false }, changedSince: { known: true, value: ['w'] }, offScope: ['o'] }
    const facts: GateFacts = {
      ...mergeableFacts,
      ended: false,
      round: { ...round, complete: false },
      metadata: { known: true, value: { changes: [{ field: 'scope', was: 'a', now: 'b' }], taskRevision: 'task 2' } },
      repos: [
        { ...changedRepo, ...bad, repo: web },
        { ...changedRepo, ...bad },
      ],
      receipts: [{ ...greenReceipt, exitCode: 1 }],
    }
    const ofRepo = ['snapshot_missing', 'snapshot_stale', 'scope_exceeded', 'target_moved', 'merge_conflict', 'target_busy', 'target_dirty', 'target_dirty']
    expect(findBlockers(facts).map(({ code, repo: name }) => `${name ?? 'run'} ${code}`)).toEqual([
      'run run_active',
      'run snapshot_missing',
      'run metadata_stale',
      ...ofRepo.map((code) => `web ${code}`),
      ...ofRepo.map((code) => `api ${code}`),
      'api checks_failed',
      'run approval_stale',
    ])
    expect(findBlockers(structuredClone(facts))).toEqual(findBlockers(facts))
  })
})

describe('remedies', () => {
  it('offers a refresh where it would be clean, and no command that would be refused', () => {
    const [moved] = findBlockers(withTarget({ head: oid('9') }))
    expect(moved?.remedy.command).toBe('signalbox refresh R0031')
    const conflicting = withTarget({ head: oid('9'), conflicts: ['x'] })
    const commandsOf = (settling: GateFacts['settling']) => findBlockers({ ...conflicting, settling }).filter(({ code }) => code === 'target_moved' || code === 'merge_conflict').map(({ remedy }) => remedy.command)
    expect(commandsOf({ kind: 'possible' })).toEqual(['signalbox refresh R0031 --resolve', 'signalbox refresh R0031 --resolve'])
    expect(commandsOf({ kind: 'ready', workspace: '/w' })).toEqual(['signalbox seal R0031', 'signalbox seal R0031'])
    expect(commandsOf({ kind: 'impossible' })).toEqual([undefined, undefined])
  })

  it('offers to seal only what has ended', () => {
    const commandOf = (ended: boolean) => findBlockers({ ...mergeableFacts, ended, round: undefined }).find(({ code }) => code === 'snapshot_missing')?.remedy.command
    expect(commandOf(true)).toBe('signalbox seal R0031')
    expect(commandOf(false)).toBeUndefined()
  })

  it('offers to start again where there is no workspace to seal', () => {
    const commandOf = (facts: Partial<GateFacts>) => findBlockers({ ...mergeableFacts, ...facts, sealable: false }).map(({ remedy }) => remedy.command)
    const again = [`signalbox ${mergeableFacts.again}`]
    expect(commandOf({ round: undefined })).toEqual(again)
    expect(commandOf({ round: { ...round, complete: false } })).toEqual(again)
  })

  it('offers to seal nothing of a run that another machine made', () => {
    const [blocker] = findBlockers({ ...mergeableFacts, here: false, sealable: false, round: { ...round, complete: false } })
    expect(blocker?.remedy).toEqual({ sentence: expect.stringContaining('on the machine that made it'), command: `signalbox ${mergeableFacts.again}` })
  })

  it.each([
    ['workspace_lost', '.', 'Start again', `signalbox ${mergeableFacts.again}`],
    ['unreadable', '.git/HEAD', 'Start again', `signalbox ${mergeableFacts.again}`],
    ['unreadable', 'a', 'make readable', 'signalbox seal R0031'],
    ['conflict_unsettled', 'a', 'until no mark is left', 'signalbox seal R0031'],
    ['name_refused', 'a', 'rename', 'signalbox seal R0031'],
    ['nested_repository', 'a', 'move the repository inside out of it', 'signalbox seal R0031'],
    ['submodule_changed', 'a', 'empty again', 'signalbox seal R0031'],
    ['converting_attributes', 'a', 'put the attributes back', 'signalbox seal R0031'],
    ['not_convertible', 'a', 'in the encoding', 'signalbox seal R0031'],
    ['filter_failed', 'a', 'filter program', 'signalbox seal R0031'],
    ['content_missing', 'a', 'bring the content', 'signalbox seal R0031'],
  ])('says what is to be done about what a round lacks: %s of %s', (reason, path, sentence, command) => {
    const missing = [{ repo: api, ...reportedPathSchema.parse({ path, reason }) }]
    expect(findBlockers({ ...mergeableFacts, round: { ...round, missing } })).toMatchObject([{ code: 'snapshot_missing', remedy: { sentence: expect.stringContaining(sentence), command } }])
  })

  it('says all that is to be done about what a round lacks, each once', () => {
    const missing = (['name_refused', 'unreadable', 'name_refused'] as const).map((reason, index) => ({ repo: api, path: `${index}`, reason }))
    expect(findBlockers({ ...mergeableFacts, round: { ...round, missing } })[0]?.remedy.sentence).toBe('In the workspace: rename what git stores no file by; then make readable what cannot be read, or delete it; then seal it again')
  })

  it('quotes the checkout of a command that is pasted', () => {
    const [dirty] = findBlockers(withCheckout({ path: "/home/ada's code/api", staged: ['a'] }))
    expect(dirty?.remedy.command).toBe(`git -C '/home/ada'\\''s code/api' stash -u`)
  })
})

describe('blockersOfApproval', () => {
  it.each(rows.filter(({ facts }) => facts.merge === 'none'))('$code when $when: decides alone whether one may approve', ({ code, facts }) => {
    const merely = ['approval_missing', 'approval_stale', 'target_dirty', 'target_busy'].includes(code)
    expect(blockersOfApproval(findBlockers(facts)).map((blocker) => blocker.code)).toEqual(merely ? [] : [code])
  })

  it.each(['merging', 'stuck', 'merged'] as const)('stops an approval while the merge of the run is %s, as the log would', (merge) => {
    expect(blockersOfApproval(findBlockers({ ...mergeableFacts, merge }))).toHaveLength(1)
  })
})

describe('an approved round whose target moved', () => {
  const moved = withTarget({ head: oid('9') })

  it('is held up by that alone, and the report says whose yes a refresh may carry over', () => {
    expect(findBlockers(moved).map(({ code }) => code)).toEqual(['target_moved', 'approval_stale'])
    expect(isHeldUpByTargets(moved)).toBe(true)
    expect(reportGate(moved).carries).toEqual({ by: 'ada', at: '2026-11-22T10:01:00Z' })
  })

  it('has nothing carried over where the yes was to the commits: a refresh leaves those behind', () => {
    const facts = withTarget({ head: oid('9') }, keepFacts)
    expect(findBlockers(facts).map(({ code, remedy }) => [code, remedy.command])).toEqual([['target_moved', 'signalbox refresh R0031'], ['approval_stale', 'signalbox approve R0031 --strategy keep']])
    expect(reportGate(facts).carries).toBeUndefined()
  })

  it('has nothing carried over where no target moved', () => {
    expect(isHeldUpByTargets(mergeableFacts)).toBe(true)
    expect(reportGate(mergeableFacts).carries).toBeUndefined()
  })

  const moving = (facts: GateFacts): GateFacts => withRepo({ target: moved.repos[0]?.target ?? nowhere }, facts)
  it.each<[string, GateFacts]>([
    ['nobody approved it', moving({ ...mergeableFacts, approval: undefined })],
    ['the approval was given elsewhere', moving({ ...mergeableFacts, approval: mergeableFacts.approval && { ...mergeableFacts.approval, genuine: false } })],
    ['the approval is for another round', moving(withApproval({ snapshot: snapshot('R0031.s1') }))],
    ['the approval named another head than the base', moving(withApproval({ targetHeads: { [api]: oid('8') } }))],
    ['the task was edited', moving(withApproval({ taskRevision: 'task 0' }))],
    ['the receipts differ', moving(withApproval({ receipts: 'receipts 0' }))],
    ['the waivers differ', moving(withApproval({ waivers: 'waivers 1' }))],
    ['a check is red', moving({ ...mergeableFacts, receipts: [{ ...greenReceipt, exitCode: 1 }] })],
    ['the checkout is dirty', withCheckout({ staged: ['a'] }, moved)],
    ['a merge is under way there', withTarget({ head: oid('9'), busy: [{ kind: 'operation', what: 'merge in /src/api' }] })],
    ['a refresh would conflict', withTarget({ head: oid('9'), conflicts: ['a'] })],
    ['its branch is gone', withTarget({ head: undefined })],
    ['the workspace changed since', withRepo({ changedSince: { known: true, value: ['a'] } }, moved)],
    ['something could not be looked at', withRepo({ readable: nowhere }, moved)],
    ['it is merged', { ...moved, merge: 'merged' }],
  ])('is not held up by that alone where %s', (_why, facts) => {
    expect(isHeldUpByTargets(facts)).toBe(false)
    expect(reportGate(facts).carries).toBeUndefined()
  })
})

describe('words of messages', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b, c, d, e'],
    [seven.slice(0, 6), 'a, b, c, d, e and 1 more'],
    [seven, 'a, b, c, d, e and 2 more'],
  ])('names up to five of %j', (paths, text) => {
    expect(nameUpTo5(paths)).toBe(text)
  })

  it('counts one thing as one', () => {
    expect([0, 1, 2].map((number) => count(number, 'path'))).toEqual(['0 paths', '1 path', '2 paths'])
  })
})
