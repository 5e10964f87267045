import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { api, changedRepo, cleanCheckout, greenReceipt, mergeableFacts, oid, snapshot, unchangedRepo } from '../test/facts.ts'
import type { OpenFinding } from './gate-findings.ts'
import { findingIdSchema } from './ids.ts'
import type { Receipt } from './check.ts'
import type { Busy, CheckoutFacts, GateFacts, Known, RepoFacts, TargetFacts } from './gate-facts.ts'
import type { Blocker } from './gate-report.ts'
import type { SecretScan } from './gate-secrets.ts'
import type { LandedRevert, RevertSearch } from './gate-reverts.ts'
import { findBlockers, reportGate } from './gate.ts'
import type { SourceChange } from './source-change.ts'

// Arbitrary facts: each field is fine most of the time, so that deep judgements are reached.

const because = 'it could not be read'
type KnownMetadata = Extract<GateFacts['metadata'], { known: true }>['value']

function mostly<T>(good: T, bad: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 15, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: bad })
}

function perhapsUnknown<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Known<T>> {
  return fc.oneof({ weight: 15, arbitrary: arbitrary.map((value) => ({ known: true as const, value })) }, { weight: 1, arbitrary: fc.constant({ known: false as const, because }) })
}

const noSecrets: SecretScan = { found: [], unscanned: [] }
const aSecret = { path: '.env', line: 3, rule: 'github' }
const revert: LandedRevert = { path: 'a', commit: oid('7'), subject: 'fix a', whole: true, characters: 9 }
const paths = mostly<readonly string[]>([], fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '.env'), { minLength: 1 }))
const head = mostly<TargetFacts['head']>(oid('1'), fc.constantFrom(undefined, oid('9')))
const checkout: fc.Arbitrary<CheckoutFacts> = fc.record({ path: fc.constant('/src/api'), staged: paths, unstaged: paths, untracked: paths, untrackedInTheWay: paths, ignoredInTheWay: paths, conflicted: paths, announced: paths, submodules: paths })
const inUse = mostly<TargetFacts['busy']>([], fc.subarray<Busy>([{ kind: 'operation', what: 'merge in /src/api' }, { kind: 'lock', path: '/src/api/.git/index.lock' }, { kind: 'checkouts', paths: ['/src/api', '/src/other'] }], { minLength: 1 }))
const target: fc.Arbitrary<TargetFacts> = fc.record({ head, checkout: fc.option(checkout, { nil: undefined }), busy: inUse, conflicts: paths, unread: mostly<string | undefined>(undefined, fc.constant(because)) })
const changedOne: fc.Arbitrary<RepoFacts> = fc.record({
  ...mapConstants(changedRepo),
  reachable: perhapsUnknown(fc.constant(true as const)),
  target: perhapsUnknown(target),
  readable: perhapsUnknown(mostly(true, fc.constant(false))),
  changedSince: perhapsUnknown(paths),
  offScope: paths,
  secrets: perhapsUnknown(mostly(noSecrets, fc.constant({ ...noSecrets, found: [aSecret] }))),
  reverts: perhapsUnknown(mostly<RevertSearch>({ reverts: [], unseen: [] }, fc.constantFrom({ reverts: [revert], unseen: [] }, { reverts: [], unseen: ['b'] }))),
})
const receipt: fc.Arbitrary<Receipt> = fc.record({
  ...mapConstants(greenReceipt),
  digest: mostly(greenReceipt.digest, fc.constant('digest of s1')),
  tree: mostly(greenReceipt.tree, fc.constant(oid('3'))),
  exitCode: mostly<number | null>(0, fc.constantFrom(null, 1)),
  voided: mostly<string | null>(null, fc.constant('it changed the tree')),
})
const goodApproval = mergeableFacts.approval?.value
if (goodApproval === undefined) throw new Error('the sample facts are approved')
const approval = fc.record({
  value: fc.record({
    ...mapConstants(goodApproval),
    snapshot: mostly(goodApproval.snapshot, fc.constant(snapshot('R0031.s1'))),
    digest: mostly(goodApproval.digest, fc.constant('digest of s1')),
    targetHeads: mostly(goodApproval.targetHeads, fc.constantFrom({}, { [api]: oid('9') })),
    taskRevision: mostly('task 1', fc.constant('task 0')),
    packetHash: mostly('packet 1', fc.constant('packet 0')),
    receipts: mostly('receipts 1', fc.constant('receipts 0')),
  }),
  genuine: mostly(true, fc.constant(false)),
})

const open = { id: findingIdSchema.parse('F1'), text: 'why', repo: api, path: 'a' }
const question = { id: 'Q1', text: 'Which port?' }
const escape: SourceChange = { what: 'file', name: 'a', before: null, after: `100644 ${oid('7')}`, evidence: { kind: 'bytes', oid: oid('7') } }
const tampering: SourceChange = { what: 'ref', name: 'refs/heads/main', before: oid('1'), after: oid('6'), evidence: null }

const arbitraryFacts: fc.Arbitrary<GateFacts> = fc.record({
  ...mapConstants(mergeableFacts),
  ended: mostly(true, fc.constant(false)),
  merge: mostly<GateFacts['merge']>('none', fc.constantFrom('merging', 'stuck', 'merged', 'undone')),
  round: mostly(mergeableFacts.round, fc.constantFrom(undefined, incomplete(mergeableFacts).round)),
  metadata: perhapsUnknown(mostly<KnownMetadata>({ changes: [], taskRevision: 'task 1' }, fc.constant({ changes: [{ field: 'scope', was: 'a', now: 'b' }], taskRevision: 'task 2' }))),
  repos: fc.tuple(mostly<RepoFacts>(unchangedRepo, fc.constant({ ...unchangedRepo, changedSince: { known: true, value: ['late'] } })), fc.oneof({ weight: 9, arbitrary: changedOne }, { weight: 1, arbitrary: fc.constant({ ...unchangedRepo, repo: api }) })),
  checks: perhapsUnknown(mostly<readonly { repo: typeof api; name: string; command: string }[]>([{ repo: api, name: 'test', command: 'npm test' }], fc.constant([]))),
  receipts: mostly<readonly Receipt[]>([greenReceipt], fc.array(receipt, { maxLength: 3 })),
  findings: perhapsUnknown(mostly<readonly OpenFinding[]>([], fc.constant([open]))),
  approval: fc.option(approval, { nil: undefined, freq: 12 }),
  sources: fc.tuple(fc.record({ repo: fc.constant(api), foreign: fc.boolean(), path: fc.constant('/src/api'), standing: mostly<readonly SourceChange[]>([], fc.subarray([escape, tampering], { minLength: 1 })), checkedOut: fc.constant([]), gone: fc.constant([]), comparable: fc.boolean(), unknown: mostly<string | null>(null, fc.constant(because)) })),
  questions: mostly<GateFacts['questions']>([], fc.constant([question])),
  policy: fc.record({ untracked: fc.constantFrom('all', 'colliding') }),
})

function mapConstants<T extends object>(value: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fc.constant(one)])) as { [K in keyof T]: fc.Arbitrary<T[K]> }
}

// Dirt: one thing gets worse. `hides` says which findings may make way for what the dirt itself is found as.

interface Dirt {
  readonly name: string
  readonly add: (facts: GateFacts) => GateFacts
  /** Codes, on the repo of the dirt or on the run, that a more fundamental finding stands for. */
  readonly hides?: readonly Blocker['code'][]
}

const ofTarget: readonly Blocker['code'][] = ['target_missing', 'target_dirty', 'target_busy', 'target_moved', 'merge_conflict']
const unknown = { known: false, because } as const

function toRepo(change: (repo: RepoFacts) => Partial<RepoFacts>): Dirt['add'] {
  return (facts) => ({ ...facts, repos: facts.repos.map((repo) => (repo.changed ? { ...repo, ...change(repo) } : repo)) })
}

function toTarget(change: (target: TargetFacts) => Partial<TargetFacts>): Dirt['add'] {
  return toRepo(({ target: before }) => (before.known ? { target: { known: true, value: { ...before.value, ...change(before.value) } } } : {}))
}

function toCheckout(change: (checkout: CheckoutFacts) => Partial<CheckoutFacts>): Dirt['add'] {
  return toTarget((before) => ({ checkout: { ...(before.checkout ?? cleanCheckout), ...change(before.checkout ?? cleanCheckout) } }))
}

function toSource(change: (standing: readonly SourceChange[]) => readonly SourceChange[]): Dirt['add'] {
  return (facts) => ({ ...facts, sources: facts.sources.map((source) => ({ ...source, standing: change(source.standing) })) })
}

function toApproval(change: Partial<typeof goodApproval>): Dirt['add'] {
  return (facts) => (facts.approval === undefined ? facts : { ...facts, approval: { ...facts.approval, value: { ...facts.approval.value, ...change } } })
}

function incomplete(facts: GateFacts): GateFacts {
  return { ...facts, round: facts.round && { ...facts.round, complete: false, missing: [...facts.round.missing, { repo: api, path: 'vendor', reason: 'nested_repository' }] } }
}

const dirts: readonly Dirt[] = [
  { name: 'another staged path', add: toCheckout(({ staged }) => ({ staged: [...staged, 'z'] })) },
  { name: 'another unstaged path', add: toCheckout(({ unstaged }) => ({ unstaged: [...unstaged, 'z'] })) },
  { name: 'another untracked path', add: toCheckout(({ untracked }) => ({ untracked: [...untracked, 'z'] })) },
  { name: 'another untracked path in the way', add: toCheckout(({ untrackedInTheWay }) => ({ untrackedInTheWay: [...untrackedInTheWay, 'z'] })) },
  { name: 'another ignored path in the way', add: toCheckout(({ ignoredInTheWay }) => ({ ignoredInTheWay: [...ignoredInTheWay, 'z'] })) },
  { name: 'a busy operation', add: toTarget(({ busy }) => ({ busy: [...busy, { kind: 'operation', what: 'rebase in /src/api' }] })) },
  { name: 'a conflict', add: toTarget(({ conflicts }) => ({ conflicts: [...conflicts, 'z'] })) },
  { name: 'a head that moved on', add: toTarget(() => ({ head: oid('8') })), hides: ['target_missing'] },
  { name: 'a branch that is gone', add: toTarget(() => ({ head: undefined })), hides: ['target_moved'] },
  { name: 'a target that cannot be read', add: toRepo(() => ({ target: unknown })), hides: [...ofTarget, 'approval_stale'] },
  { name: 'a repository that is gone', add: toRepo(() => ({ reachable: unknown })), hides: [...ofTarget, 'snapshot_missing', 'snapshot_stale', 'scope_exceeded', 'secret_found', 'reverts_landed_work', 'facts_unavailable'] },
  { name: 'a round that could not be held against its target', add: toTarget(() => ({ unread: because })) },
  { name: 'unreadable objects', add: toRepo(() => ({ readable: { known: true, value: false } })), hides: ['facts_unavailable'] },
  { name: 'objects nobody could look at', add: toRepo(() => ({ readable: unknown })), hides: ['facts_unavailable'] },
  { name: 'another finding', add: (facts) => (facts.findings.known ? { ...facts, findings: { known: true, value: [...facts.findings.value, { ...open, id: findingIdSchema.parse('F9') }] } } : facts) },
  { name: 'a review that cannot be read', add: (facts) => ({ ...facts, findings: unknown }), hides: ['finding_open'] },
  { name: 'another undone commit', add: toRepo(({ reverts }) => (reverts.known ? { reverts: { known: true, value: { ...reverts.value, reverts: [...reverts.value.reverts, { ...revert, path: 'z' }] } } } : {})) },
  { name: 'another file with too much history', add: toRepo(({ reverts }) => (reverts.known ? { reverts: { known: true, value: { ...reverts.value, unseen: [...reverts.value.unseen, 'z'] } } } : {})) },
  { name: 'a history that cannot be read', add: toRepo(() => ({ reverts: unknown })), hides: ['reverts_landed_work'] },
  { name: 'later work', add: toRepo(({ changedSince }) => (changedSince.known ? { changedSince: { known: true, value: [...changedSince.value, 'z'] } } : {})) },
  { name: 'a workspace that cannot be read', add: toRepo(() => ({ changedSince: unknown })), hides: ['snapshot_stale'] },
  { name: 'later work in an unchanged repo', add: (facts) => ({ ...facts, repos: facts.repos.map((repo) => (repo.changed ? repo : { ...repo, changedSince: { known: true, value: ['z'] } })) }) },
  { name: 'another off-scope path', add: toRepo(({ offScope }) => ({ offScope: [...offScope, 'z'] })) },
  { name: 'another credential', add: toRepo(({ secrets }) => (secrets.known ? { secrets: { known: true, value: { ...secrets.value, found: [...secrets.value.found, aSecret] } } } : {})) },
  { name: 'a file too much to look through', add: toRepo(({ secrets }) => (secrets.known ? { secrets: { known: true, value: { ...secrets.value, unscanned: [{ path: 'z', bytes: 9 }] } } } : {})) },
  { name: 'added lines that cannot be looked through', add: toRepo(() => ({ secrets: unknown })), hides: ['secret_found'] },
  { name: 'an agent that still runs', add: (facts) => ({ ...facts, ended: false }), hides: ['nothing_changed'] },
  { name: 'a landing that is stuck', add: (facts) => (facts.merge === 'merged' ? facts : { ...facts, merge: 'stuck' }) },
  { name: 'a merge that is published', add: (facts) => ({ ...facts, merge: 'merged' }), hides: [...ofTarget, 'run_active', 'run_escaped', 'repo_tampered', 'snapshot_missing', 'snapshot_stale', 'metadata_stale', 'question_open', 'scope_exceeded', 'secret_found', 'reverts_landed_work', 'checks_missing', 'checks_failed', 'checks_stale', 'finding_open', 'approval_missing', 'approval_stale', 'repo_unreachable', 'facts_unavailable'] },
  { name: 'another question', add: (facts) => ({ ...facts, questions: [...facts.questions, question] }) },
  { name: 'an incomplete round', add: incomplete, hides: ['nothing_changed'] },
  { name: 'no round', add: (facts) => ({ ...facts, round: undefined }), hides: ['nothing_changed', 'snapshot_stale', 'facts_unavailable', 'checks_missing', 'checks_failed', 'checks_stale', 'approval_missing', 'approval_stale'] },
  { name: 'an edited task', add: (facts) => (facts.metadata.known ? { ...facts, metadata: { known: true, value: { changes: [...facts.metadata.value.changes, { field: 'repos', was: 'api', now: 'web' }], taskRevision: 'task 9' } } } : facts) },
  { name: 'a task that cannot be read', add: (facts) => ({ ...facts, metadata: unknown }), hides: ['metadata_stale', 'approval_stale'] },
  { name: 'checks that cannot be read', add: (facts) => ({ ...facts, checks: unknown }), hides: ['checks_missing', 'checks_failed', 'checks_stale', 'approval_stale'] },
  { name: 'one more check', add: (facts) => (facts.checks.known ? { ...facts, checks: { known: true, value: [...facts.checks.value, { repo: api, name: 'lint', command: 'npm run lint' }] } } : facts) },
  { name: 'an escape', add: toSource((standing) => [...standing, escape]) },
  { name: 'an altered ref', add: toSource((standing) => [...standing, tampering]) },
  { name: 'a source that cannot be compared', add: (facts) => ({ ...facts, sources: facts.sources.map((source) => ({ ...source, unknown: because })) }) },
  { name: 'no receipts', add: (facts) => ({ ...facts, receipts: [] }), hides: ['checks_failed', 'checks_stale'] },
  { name: 'a red receipt', add: (facts) => ({ ...facts, receipts: [...facts.receipts, { ...greenReceipt, exitCode: 1 }] }), hides: ['checks_missing', 'checks_stale'] },
  { name: 'no approval', add: (facts) => ({ ...facts, approval: undefined }), hides: ['approval_stale'] },
  { name: 'a forged approval', add: (facts) => ({ ...facts, approval: facts.approval && { ...facts.approval, genuine: false } }), hides: ['approval_stale'] },
  { name: 'an approval of another digest', add: toApproval({ digest: 'digest of s9' }) },
  { name: 'an approval of other heads', add: toApproval({ targetHeads: { [api]: oid('5') } }) },
  { name: 'an approval of another packet', add: toApproval({ packetHash: 'packet 9' }) },
  { name: 'an approval of other receipts', add: toApproval({ receipts: 'receipts 9' }) },
  { name: 'a waiver since the approval', add: (facts) => ({ ...facts, waiversHash: 'waivers 9' }) },
]

function keysOf(facts: GateFacts): readonly string[] {
  return findBlockers(facts).map(({ code, repo }) => `${repo ?? 'run'} ${code}`)
}

/** Everything that must be seen for work to land, written down without looking at the rule. */
function mayLand(facts: GateFacts): boolean {
  const { round, approval: yes, metadata, checks } = facts
  if (!facts.ended || (facts.merge !== 'none' && facts.merge !== 'undone')) return false
  if (!round?.complete || round.missing.length > 0 || !metadata.known || metadata.value.changes.length > 0 || !checks.known) return false
  if (!yes?.genuine || yes.value.snapshot !== round.id || yes.value.digest !== round.digest) return false
  if (yes.value.taskRevision !== metadata.value.taskRevision || yes.value.packetHash !== facts.packetHash || yes.value.receipts !== facts.receiptsHash) return false
  if (!facts.findings.known || facts.findings.value.length > 0) return false
  if (facts.questions.length > 0) return false
  if (facts.sources.some(({ standing, unknown: gap }) => gap !== null || standing.length > 0)) return false
  const landing = facts.repos.filter(({ changed }) => changed)
  if (landing.length === 0 || facts.repos.some(({ changedSince }) => !changedSince.known || changedSince.value.length > 0)) return false
  return landing.every((repo) => {
    if (!repo.reachable.known || !repo.target.known || !repo.readable.known || !repo.readable.value || repo.offScope.length > 0) return false
    if (!repo.secrets.known || repo.secrets.value.found.length > 0) return false
    if (!repo.reverts.known || repo.reverts.value.reverts.length + repo.reverts.value.unseen.length > 0) return false
    const { head: now, busy, conflicts, unread, checkout: place } = repo.target.value
    if (unread !== undefined) return false
    if (now === undefined || now !== repo.base || yes.value.targetHeads[repo.repo] !== now || busy.length > 0 || conflicts.length > 0) return false
    if (place !== undefined) {
      const dirt = [...place.staged, ...place.unstaged, ...place.untrackedInTheWay, ...place.ignoredInTheWay, ...(facts.policy.untracked === 'all' ? place.untracked : [])]
      if (dirt.length > 0) return false
    }
    return checks.value
      .filter((check) => check.repo === repo.repo)
      .every((check) => {
        const last = facts.receipts.filter((one) => one.repo === check.repo && one.name === check.name && one.command === check.command && one.digest === round.digest).at(-1)
        return last !== undefined && last.tree === repo.tree && last.exitCode === 0 && last.voided === null
      })
  })
}

const runs = { numRuns: 300 }

describe('blockers are monotone', () => {
  it.each(dirts)('$name never unblocks', ({ add }) => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        fc.pre(reportGate(facts).verdict !== 'mergeable')
        expect(reportGate(add(facts)).verdict).not.toBe('mergeable')
      }),
      runs,
    )
  })

  it.each(dirts)('$name keeps every other reason, or stands for it', ({ add, hides = [] }) => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const after = keysOf(add(facts))
        const lost = keysOf(facts).filter((key) => !after.includes(key))
        expect(lost.filter((key) => !hides.some((code) => key.endsWith(` ${code}`)))).toEqual([])
        if (lost.length > 0) expect(after).not.toEqual([])
      }),
      runs,
    )
  })

  it.each(dirts.filter(({ name }) => name !== 'another untracked path'))('$name blocks what could land', ({ add }) => {
    expect(reportGate(add(mergeableFacts)).verdict).not.toBe('mergeable')
  })

  it('any heap of dirt blocks', () => {
    fc.assert(
      fc.property(fc.subarray([...dirts], { minLength: 1 }), (heap) => {
        expect(reportGate(heap.reduce((facts, { add }) => add(facts), mergeableFacts)).verdict).not.toBe('mergeable')
      }),
    )
  })
})

describe('mergeable', () => {
  it('is said exactly when every positive fact was seen', () => {
    const seen = { land: 0, stay: 0 }
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const may = mayLand(facts)
        seen[may ? 'land' : 'stay'] += 1
        expect(reportGate(facts).verdict === 'mergeable').toBe(may)
      }),
      { numRuns: 5_000 },
    )
    expect(Math.min(seen.land, seen.stay)).toBeGreaterThan(100)
  })

  it('is said exactly when nothing blocks', () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        expect(reportGate(facts).verdict === 'mergeable').toBe(findBlockers(facts).length === 0)
      }),
      runs,
    )
  })
})
