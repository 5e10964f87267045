import {
  branchNameSchema,
  oidSchema,
  repoNameSchema,
  runIdSchema,
  snapshotIdSchema,
  taskIdSchema,
  type BranchName,
  type Oid,
  type RepoName,
  type RunId,
  type SnapshotId,
  type TaskId,
} from '../src/ids.ts'
import type { AgentCommit } from '../src/agent-history.ts'
import type { Receipt } from '../src/check.ts'
import type { CheckoutFacts, GateFacts, RepoFacts, TargetFacts } from '../src/gate-facts.ts'
import type { KeptFacts } from '../src/gate-keep.ts'

/** Returns the text as what it has to be; throws when it is not. */
export const repo = (text: string): RepoName => repoNameSchema.parse(text)
export const branch = (text: string): BranchName => branchNameSchema.parse(text)
export const snapshot = (text: string): SnapshotId => snapshotIdSchema.parse(text)
/** Returns an object id made of one hex digit. */
export const oid = (digit: string): Oid => oidSchema.parse(digit.repeat(40))

export const run: RunId = runIdSchema.parse('R0031')
export const task: TaskId = taskIdSchema.parse('T0147')
export const [api, web]: [RepoName, RepoName] = [repo('api'), repo('web')]
export const main: BranchName = branch('main')

export const cleanCheckout: CheckoutFacts = { path: '/src/api', staged: [], unstaged: [], untracked: [], untrackedInTheWay: [], ignoredInTheWay: [], conflicted: [], announced: [], submodules: [] }

export const quietTarget: TargetFacts = { head: oid('1'), checkout: cleanCheckout, busy: [], conflicts: [] }

/** A changed repo that may land: base `1…`, tree `2…`, its target where the base is, checked out and clean. */
export const changedRepo: RepoFacts = {
  repo: api,
  branch: main,
  base: oid('1'),
  tree: oid('2'),
  files: 2,
  insertions: 31,
  deletions: 5,
  changed: true,
  reachable: { known: true, value: true },
  target: { known: true, value: quietTarget },
  readable: { known: true, value: true },
  changedSince: { known: true, value: [] },
  offScope: [],
  secrets: { known: true, value: { found: [], unscanned: [] } },
  reverts: { known: true, value: { reverts: [], unseen: [] } },
}

export const unchangedRepo: RepoFacts = { ...changedRepo, repo: web, tree: oid('1'), files: 0, insertions: 0, deletions: 0, changed: false }

export const greenReceipt: Receipt = {
  repo: api,
  name: 'test',
  command: 'npm test',
  tree: oid('2'),
  digest: 'digest of s2',
  exitCode: 0,
  durationMs: 1200,
  at: '2026-11-22T10:00:00Z',
  voided: null,
  outputTail: 'ok',
}

/** Facts of an approved run that may be merged: `api` changed, `web` did not, one check and it is green. */
export const mergeableFacts: GateFacts = {
  settling: { kind: 'possible' },
  sealable: true,
  again: 'run T0147 --agent shell --from R0031.s1',
  run,
  task,
  here: true,
  strategy: 'squash',
  newer: [],
  ended: true,
  merge: 'none',
  round: { id: snapshot('R0031.s2'), digest: 'digest of s2', complete: true, refreshed: false, missing: [] },
  metadata: { known: true, value: { changes: [], taskRevision: 'task 1' } },
  packetHash: 'packet 1',
  questions: [],
  sources: [{ repo: api, foreign: false, path: '/src/api', standing: [], checkedOut: [], gone: [], unknown: null, comparable: true }],
  repos: [changedRepo, unchangedRepo],
  checks: { known: true, value: [{ repo: api, name: 'test', command: 'npm test' }] },
  receipts: [greenReceipt],
  receiptsHash: 'receipts 1',
  findings: { known: true, value: [] },
  approval: {
    value: {
      snapshot: snapshot('R0031.s2'),
      digest: 'digest of s2',
      targetHeads: { [api]: oid('1') },
      taskRevision: 'task 1',
      packetHash: 'packet 1',
      receipts: 'receipts 1',
      by: 'ada',
      at: '2026-11-22T10:01:00Z',
      seal: 'seal',
    },
    genuine: true,
  },
  waivers: [],
  waiversHash: undefined,
  commitsHash: undefined,
  handoff: undefined,
  rejection: undefined,
  policy: { untracked: 'all' },
}

/** A commit of the agent, of one line in one file. */
export const agentCommit: AgentCommit = { oid: oid('4'), parent: oid('1'), subject: 'one', message: 'one\n', author: 'agent', email: 'agent@example.org', at: '2026-11-22T09:00:00.000Z', committer: { name: 'agent', email: 'agent@example.org', at: '2026-11-22T09:00:00.000Z' }, files: 1, insertions: 1, deletions: 0 }

/** The same facts of a landing that keeps the agent's one commit, and one more of what is in none, to which a human said yes. */
export const keepFacts: GateFacts = {
  ...mergeableFacts,
  strategy: 'keep',
  commitsHash: 'commits 1',
  repos: [{ ...changedRepo, kept: { known: true, value: { history: { kind: 'linear', commits: [agentCommit], rest: { files: 1, insertions: 1, deletions: 0 } }, steps: [] } } }, unchangedRepo],
  approval: mergeableFacts.approval && { ...mergeableFacts.approval, value: { ...mergeableFacts.approval.value, commits: 'commits 1' } },
}

/** Returns facts of a landing that keeps commits, with something else said of those. */
export function withKept(changes: Partial<KeptFacts>): GateFacts {
  const kept = keepFacts.repos[0]?.kept
  if (kept?.known !== true) throw new TypeError('the sample facts know the commits')
  return withRepo({ kept: { known: true, value: { ...kept.value, ...changes } } }, keepFacts)
}

/** Returns the facts with something else said of their first repo. */
export function withRepo(changes: Partial<RepoFacts>, facts: GateFacts = mergeableFacts): GateFacts {
  return { ...facts, repos: facts.repos.map((one, index) => (index === 0 ? { ...one, ...changes } : one)) }
}

/** Returns the facts with something else said of the target of their first repo. */
export function withTarget(changes: Partial<TargetFacts>, facts: GateFacts = mergeableFacts): GateFacts {
  return withRepo({ target: { known: true, value: { ...quietTarget, ...changes } } }, facts)
}

/** Returns the facts with something else said of the checkout that holds the target of their first repo. */
export function withCheckout(changes: Partial<CheckoutFacts>, facts: GateFacts = mergeableFacts): GateFacts {
  return withTarget({ checkout: { ...cleanCheckout, ...changes } }, facts)
}

/** Returns the facts with something else in their approval. */
export function withApproval(changes: Partial<NonNullable<GateFacts['approval']>['value']>, facts: GateFacts = mergeableFacts): GateFacts {
  return facts.approval === undefined ? facts : { ...facts, approval: { ...facts.approval, value: { ...facts.approval.value, ...changes } } }
}
