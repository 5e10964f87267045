import { gateReportSchema, handoffSchema, runDiffSchema, runViewSchema, taskViewSchema } from '@signalbox/core'
import { expect, test } from 'vitest'
import { createInk, plainLook } from './look.ts'
import { whyUnchecked } from './text-check.ts'
import { noteOfBudget } from './text-context.ts'
import { patchNote, patchPage, patchText, statText } from './text-diff.ts'
import { gateText } from './text-gate.ts'
import { ago, duration, size } from './text-parts.ts'
import { handoffText } from './text-record.ts'
import { runText } from './text-run.ts'
import { taskListText } from './text-task.ts'

const now = Date.parse('2026-11-22T10:05:00Z')
const look = plainLook(now)
const a = 'a'.repeat(40)
const b = 'b'.repeat(40)
const file = { path: 'tasks/T0001.md', hash: 'h', body: '' }

const source = { branch: 'feature', head: a, dirty: true, paths: ['x', 'y'], operation: null }
const snapshot = {
  id: 'R0001.s1',
  kind: 'round',
  complete: true,
  digest: 'd',
  repos: [
    { repo: 'api', base: a, commit: b, tree: b, files: 3, insertions: 31, deletions: 5, missing: [] },
    { repo: 'web', base: a, commit: b, tree: b, files: 0, insertions: 0, deletions: 0, missing: [] },
  ],
}
const moment = { snapshot: null, because: null, heldMs: null, thinned: false, files: 3, insertions: 31, deletions: 5 }
const receipt = { repo: 'api', name: 'test', command: 'npm test', tree: b, digest: 'd', exitCode: 1, durationMs: 1234, at: '2026-11-22T10:02:00Z', voided: null, outputTail: 'boom' }
const run = runViewSchema.parse({
  id: 'R0001',
  task: 'T0001',
  agent: 'shell',
  state: 'ended',
  outcome: 'completed',
  because: 'the agent exited with 0',
  waitsFor: null,
  queuedAt: '2026-11-22T10:01:00Z',
  endedAt: '2026-11-22T10:02:00Z',
  isolation: 'private',
  promise: 'It is kept apart.',
  home: 'own',
  argv: ['sh', '-c', 'echo\u0007'],
  by: 'Ada',
  exits: [],
  taskStatus: 'review',
  questions: [],
  session: null,
  spent: null,
  repos: [
    { repo: 'api', baseBranch: 'main', baseHead: a, source: { ...source, dirty: false, paths: [] } },
    { repo: 'web', baseBranch: 'release/2', baseHead: b, source },
  ],
  packet: { hash: 'c'.repeat(64), tokens: 812 },
  workspace: '/state/workspaces/R0001',
  from: 'R0009.s4',
  ontoTarget: false,
  delegated: [],
  requested: [],
  snapshots: [{ ...snapshot, id: 'R0001.s2', kind: 'checkpoint' }, { ...snapshot, id: 'R0001.s3' }],
  timeline: [
    { ...moment, at: '2026-11-22T10:01:10Z', kind: 'checkpoint', snapshot: 'R0001.s1', reason: 'turn', heldMs: 30, thinned: true },
    { ...moment, at: '2026-11-22T10:01:20Z', kind: 'checkpoint', snapshot: 'R0001.s2', reason: 'rest', heldMs: 40 },
    { ...moment, at: '2026-11-22T10:01:30Z', kind: 'failed', reason: 'busy', because: 'the disk\u001b is full', files: null, insertions: null, deletions: null },
    { ...moment, at: '2026-11-22T10:02:00Z', kind: 'round', snapshot: 'R0001.s3', reason: 'run' },
  ],
  survivors: [{ pid: 4712, command: 'sl\u001beep' }],
  sources: [{ repo: 'api', changes: [{ what: 'file', name: 'a\u001b.txt', before: null, after: 'x', evidence: null }], unlisted: 0, unread: null, accepted: null }, { repo: 'web', foreign: true, live: true, changes: [{ what: 'ref', name: 'refs/heads/b\u001b', before: null, after: 'x', evidence: { kind: 'command', command: 'commit' } }], unlisted: 0, unread: null, accepted: null }],
  receipts: [receipt],
  approval: null,
  waived: [{ code: 'scope_exceeded', repo: 'api', message: 'api changes 1 path outside', because: 'the lock file', by: 'Ada', at: 'now' }],
  handoff: 'H0001',
  merge: { state: 'blocked', because: 'a check is red', exits: ['signalbox gate R0001'], repos: [], reverts: [] },
  takesBack: null,
  newer: null,
  resolving: null,
  pushes: [
    {
      by: 'Ada', at: 'now', snapshot: 'R0001.s1', digest: 'd', approval: 's', strategy: 'squash', remote: 'origin', branch: 'signalbox/r0001', because: 'web: it said \u001b[31mno',
      repos: [
        { repo: 'api', url: 'https://example.org/api', target: 'main', from: null, to: a, pushed: true, pullRequest: 'https://example.org/api/pull/1' },
        { repo: 'web', url: 'https://example.org/web', target: 'main', from: null, to: b, pushed: false, pullRequest: null },
      ],
    },
  ],
})

test('the page of a run says where it stands, why, and what is next', () => {
  expect(runText(run, look)).toMatchInlineSnapshot(`
    "R0001 of T0001  shell · private · by Ada · 4 min ago

    State       completed  the agent exited with 0
    Merge       blocked  a check is red
    Task        review
    Isolation   It is kept apart.
    Home        its own: it finds nothing of yours there, and no other run has it
    Began with  the files of R0009.s4
    Command     sh -c 'echo\\x07'
    Packet      812 tokens, cccccccccc
    Handoff     H0001
    Workspace   /state/workspaces/R0001

    Alive
      process 4712 (sl\\x1beep) could not be ended and may still write

    Began on
      api → main       aaaaaaaaaa  you were on feature
      web → release/2  bbbbbbbbbb  you were on feature, 2 paths of your own uncommitted

    Beside it
      1 thing of yours in api changed during the run (a\\x1b.txt); nothing shows that the run did it
      1 thing of yours in web changed during the run (refs/heads/b\\x1b); the run did it: it gave git commit there, and refs/heads/b\\x1b changed

    Saved
      10:01:20  R0001.s2  checkpoint  api 3 files +31 -5 · web unchanged  its files came to rest
      10:01:30            failed      the disk\\x1b is full  its files kept changing
      10:02:00  R0001.s3  round       api 3 files +31 -5 · web unchanged  the run ended
      1 checkpoint thinned out

    Checks
      ✗ api test  failed (exit 1)  1.2 s  npm test

    Waived
      ~ scope_exceeded  api  waived by Ada: the lock file
        api changes 1 path outside

    Pushed
      api → signalbox/r0001 on origin (https://example.org/api), pull request https://example.org/api/pull/1  aaaaaaaaaa R0001.s1
      web → signalbox/r0001 on origin (https://example.org/web): not seen there yet                           bbbbbbbbbb R0001.s1
        web: it said \\x1b[31mno

    Next
      signalbox gate R0001"
  `)
})

test.each([
  [null, 'signalbox refresh R0001 --resolve'],
  [[], 'git settled what conflicted'],
  [[{ repo: 'api', path: 'a.txt' }], '/w/api/a.txt'],
] as const)('a workspace that was prepared to settle conflicts says what is left to do: %j', (conflicts, said) => {
  const resolving = { of: 'R0001.s3', repos: [{ repo: 'api', base: a, path: '/w/api' }], conflicts }
  expect(runText(runViewSchema.parse({ ...run, resolving }), look)).toMatch(new RegExp(`To settle\\n +.*${said}`))
})

test.each([
  ['merging', 'To land'],
  ['merged', 'Landed'],
] as const)('of a run that is %s, what moves is under “%s”', (state, title) => {
  const merge = { ...run.merge, state, repos: [{ repo: 'api', branch: 'main', from: a, to: b }] }
  const page = runText(runViewSchema.parse({ ...run, merge }), look)
  expect(/^(.*)\n +api → main  a{10}\.\.b{10}$/m.exec(page)?.[1]).toBe(title)
})

test('a gate report gives its verdict first, then what would land, then every reason', () => {
  const report = gateReportSchema.parse({
    run: 'R0001',
    snapshot: 'R0001.s1',
    verdict: 'blocked',
    digest: 'd',
    repos: [
      { repo: 'api', branch: 'main', base: a, tree: b, targetHead: a, checkout: '/src/a\npi', changed: true, files: 3, insertions: 31, deletions: 5 },
      { repo: 'web', branch: 'release/2', base: a, tree: b, targetHead: a, checkout: null, changed: false, files: 0, insertions: 0, deletions: 0 },
    ],
    blockers: [{ code: 'approval_missing', message: 'R0001.s1 is not approved', data: {}, remedy: { sentence: 'Approve it', command: 'signalbox approve R0001' } }],
    waived: [],
  })
  expect(gateText(report, look)).toMatchInlineSnapshot(`
    "✗ R0001.s1 is blocked: 1 reason

      REPO             CHANGE          CHECKOUT
      api → main       3 files +31 -5  /src/a\\npi
      web → release/2  unchanged

    ✗ approval_missing
      R0001.s1 is not approved
      → Approve it
        signalbox approve R0001"
  `)
  const red = { code: 'checks_failed', repo: 'api', message: 'Check test of api failed', data: {}, remedy: { sentence: 'Read its output', command: 'signalbox check R0001', waive: 'signalbox waive R0001 checks_failed --repo api --because TEXT' } }
  const waived = { code: 'secret_found', repo: 'api', message: 'api adds what looks like 1 credential: a\n.env:3 (github)', because: 'a key of \u001b[31m tests', by: 'Ada', at: 'now' }
  expect(gateText(gateReportSchema.parse({ ...report, repos: [], blockers: [red], waived: [waived] }), look)).toMatchInlineSnapshot(`
    "✗ R0001.s1 is blocked: 1 reason

    ✗ checks_failed  api
      Check test of api failed
      → Read its output
        signalbox check R0001
      → Or waive it with a reason
        signalbox waive R0001 checks_failed --repo api --because TEXT

    ~ secret_found  api  waived by Ada: a key of \\x1b[31m tests
      api adds what looks like 1 credential: a\\n.env:3 (github)"
  `)
  expect(gateText({ ...report, verdict: 'mergeable', blockers: [] }, look)).toMatch(/^✓ R0001\.s1 may be merged\n/)
})

test('a list of tasks is a table, and files that could not be read are named below it', () => {
  const task = taskViewSchema.parse({ id: 'T0001', title: 'Fix the \u001b[31mlogin', status: 'ready', baseBranch: 'main', repos: ['api', 'web'], ...file })
  expect(taskListText([task, { ...task, status: 'review', priority: 1 }], [{ path: 'tasks/T0002.md', line: 3, reason: 'conflict markers' }], look)).toMatchInlineSnapshot(`
    "TASK   STATUS  PRIO  REPOS     TITLE
    T0001  ready   P3    api, web  Fix the \\x1b[31mlogin
    T0001  review  P1    api, web  Fix the \\x1b[31mlogin

    Could not be read (1); the files are left as they are:
      tasks/T0002.md:3  conflict markers"
  `)
})

test('a handoff marks claims as claims', () => {
  const handoff = handoffSchema.parse({
    id: 'H0001',
    task: 'T0001',
    run: 'R0001',
    at: '2026-11-22T10:02:00Z',
    by: 'signalbox',
    what: 'Login renews its token',
    evidence: {
      changed: [{ repo: 'api', files: ['a', 'b'], insertions: 3, deletions: 0, reason: 'the token' }],
      validation: [
        { kind: 'fact', text: 'api test: green in 1.2 s' },
        { kind: 'claim', text: 'tried it by hand' },
      ],
    },
    next: 'Watch the error rate',
    ...file,
    path: 'handoffs/H0001-T0001.md',
  })
  expect(handoffText(handoff, look)).toMatchInlineSnapshot(`
    "H0001  R0001 of T0001 · by signalbox · 3 min ago

    What        Login renews its token
    Changed     api 2 files +3: the token
    Validation  api test: green in 1.2 s
                claim: tried it by hand
    Blocker     none
    Next        Watch the error rate
    File        handoffs/H0001-T0001.md"
  `)
})

const patch = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\r\n+new\u001b[2J\n'
const diff = runDiffSchema.parse({
  snapshot: 'R0001.s1',
  repos: [
    { repo: 'api', files: [{ path: 'x', oldPath: null, status: 'modified', insertions: 1, deletions: 1 }, { path: 'n\new', oldPath: 'old', status: 'renamed', insertions: null, deletions: null }], patch },
    { repo: 'web', files: [], patch: '' },
  ],
})

test('in a pipe a diff is the patch byte for byte', () => {
  expect(patchText(diff)).toBe(patch)
})

test('on a terminal a diff has colours and nothing of its own that steers', () => {
  const page = patchPage(diff, { ...look, ink: createInk(true) })
  expect(page).toContain('\u001b[31m-old\\r\u001b[39m')
  expect(page).toContain('\u001b[32m+new\\x1b[2J\u001b[39m')
})

test('beside a diff it is said what it is, in text that steers nothing', () => {
  expect(patchNote(diff, true)).toBeUndefined()
  expect(patchNote({ ...diff, repos: diff.repos.slice(1) }, true)).toBe('R0001.s1 changes nothing')
  const since = { snapshot: diff.snapshot, repos: [], says: ['s2 conflicts in a\n\u001b[2J', 'web is new'] }
  expect(patchNote({ ...diff, since, repos: [...diff.repos, ...diff.repos] }, true)).toBe('s2 conflicts in a\\n\\x1b[2J\nweb is new\nPatches of api and api, one after the other; --repo picks one')
  expect(patchNote({ ...diff, since, repos: [...diff.repos, ...diff.repos] }, false)).toBe('s2 conflicts in a\\n\\x1b[2J\nweb is new')
})

test('the statistics of a diff name each file on one line', () => {
  expect(statText(diff, look)).toMatchInlineSnapshot(`
    "api  2 files
    CHANGE    ADDED   REMOVED  FILE
    modified  +1      -1       x
    renamed   binary           old → n\\new

    web  unchanged"
  `)
})

test.each([
  ['2026-11-22T10:04:55Z', 'just now'],
  ['2026-11-22T10:04:20Z', '40 s ago'],
  ['2026-11-22T10:02:00Z', '3 min ago'],
  ['2026-11-22T08:00:00Z', '2 h ago'],
  ['2026-11-20T08:00:00Z', '2 d ago'],
  ['2026-11-22T10:06:00Z', 'just now'],
  ['yester\u0007day', 'yester\\x07day'],
])('%s is %s', (at, text) => {
  expect(ago(at, now)).toBe(text)
})

test.each([
  [24, '24 ms'],
  [312, '0.3 s'],
  [59_600, '1 min 0 s'],
  [12_000, '12 s'],
  [200_000, '3 min 20 s'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test.each([
  [{ files: 0, insertions: 0, deletions: 0 }, 'unchanged'],
  [{ files: 1, insertions: 2, deletions: 0 }, '1 file +2'],
  [{ files: 3, insertions: 31, deletions: 5 }, '3 files +31 -5'],
])('%j is %s', (change, text) => {
  expect(size(change)).toBe(text)
})

test('a round without a check to run says whether it changes nothing or no check is configured for what it changes', () => {
  expect(whyUnchecked(run)).toBe("No checks are configured for api. Add one: signalbox repo add … --check 'test=npm test'")
  const idle = run.snapshots.map((saved) => ({ ...saved, repos: saved.repos.map((repo) => ({ ...repo, files: 0 })) }))
  expect(whyUnchecked({ snapshots: [...run.snapshots, ...idle] })).toBe('R0001.s3 changes nothing, so there is nothing to check')
  expect(whyUnchecked({ snapshots: [...idle, ...run.snapshots] })).toMatch(/for api/)
})

test('a packet that costs more than it may says so', () => {
  expect(noteOfBudget({ tokens: 812, budget: 10 })).toBe('The required parts alone are larger than the budget: 812 of 10 tokens')
  expect(noteOfBudget({ tokens: 812, budget: 812 })).toBeUndefined()
})
