import { compareFingerprints, parseOid, runBranch, type Oid, type RunId, type SourceChange, type SourceDifference, type SourceFingerprint, type SourcePart } from '@signalbox/core'
import { agentDirsOf } from './agent-dirs.ts'
import { LOOKED_ELSEWHERE } from './elsewhere.ts'
import type { ReadLanded } from './brought-bytes.ts'
import { findEvidence, TELLING_BYTES, type SavedChange } from './evidence.ts'
import type { Git } from './exec.ts'
import { observeAgain } from './fingerprint.ts'
import type { Layout } from './layout.ts'
import { gitInSource, unreachable, type CheckoutRef, type SourceRef } from './source-ref.ts'
import { storesOf, type Vaults } from './vault.ts'

export interface TripwireTools {
  readonly git: Git
  readonly layout: Layout
  readonly vaults: Vaults
}

/** What of a source is not as it was before a run. */
export interface ComparedSource {
  readonly changes: readonly SourceChange[]
  /** Why parts could not be compared; null when all were. */
  readonly unread: string | null
}

/** What a run left in its checkout of the source that is compared. */
export interface OwnWork {
  /** Undefined when nothing could be sealed. */
  readonly round: SavedChange | undefined
  readonly landed: ReadLanded
}

/**
 * Compares a source with what it was before the run and says what shows that the run changed it.
 * @throws ControlError `repo.unreachable`, `git.*`
 */
export async function compareSource({ git, layout, vaults }: TripwireTools, checkout: CheckoutRef, before: SourceFingerprint, { round, landed }: OwnWork): Promise<ComparedSource> {
  const { fingerprint, unread } = await observeAgain(git, checkout.source, before)
  const differences = compareFingerprints(before, fingerprint).filter((difference) => !isExpected(checkout, difference))
  if (differences.length === 0) return { changes: [], unread }
  const { run, source, isolation } = checkout
  const linked = isolation === 'linked'
  const stores = linked ? [] : [{ gitDir: agentDirsOf(layout, checkout).gitDir, base: undefined, borrows: [] }]
  const found = await findEvidence(layout, vaults, { run, source, before, differences, left: [{ vault: await vaults.open(source), round }], stores, landed, leastBytes: 0, linked })
  return { changes: found.changes, unread: unread ?? found.unread }
}

/** What one repo of a run may show of it in a source that is none of its repos. */
export interface OwnCheckout {
  readonly checkout: CheckoutRef
  /** The commit that its work there is made on. */
  readonly base: Oid
  /** What it left there; undefined when nothing is saved of it. */
  readonly saved: SavedChange | undefined
}

/** What a run left in all of its repos, where it has no checkout of the source that is compared. */
export interface ForeignWork {
  readonly own: readonly OwnCheckout[]
  readonly landed: ReadLanded
}

/**
 * Compares a source that a run has no checkout of with what it was before. That the run changed it shows less easily: a commit
 * must be made on the base of one of its repos, a file must be the same at the same path of one, and not short.
 * @throws ControlError `repo.unreachable`, `git.*`
 */
export async function compareForeign({ git, layout, vaults }: TripwireTools, run: RunId, source: SourceRef, before: SourceFingerprint, { own, landed }: ForeignWork): Promise<ComparedSource> {
  const { fingerprint, unread } = await observeAgain(git, source, before)
  const differences = compareFingerprints(before, fingerprint).filter((difference) => !isPin(difference))
  if (differences.length === 0) return { changes: [], unread }
  const left = await Promise.all(own.map(async ({ checkout, saved }) => ({ vault: await vaults.open(checkout.source), round: saved })))
  const stores = own.flatMap(({ checkout, base }) => (checkout.isolation === 'linked' ? [] : [{ gitDir: agentDirsOf(layout, checkout).gitDir, base, borrows: storesOf(checkout.source) }]))
  const found = await findEvidence(layout, vaults, { run, source, before, differences, left, stores, landed, leastBytes: TELLING_BYTES, linked: false })
  return { changes: found.changes, unread: unread ?? found.unread }
}

/** Looks at a source that a run has no checkout of, before it. @throws ControlError `repo.unreachable` where any part of it cannot be read */
export async function observeForeign({ git }: TripwireTools, source: SourceRef): Promise<SourceFingerprint> {
  const { fingerprint, unread } = await observeAgain(git, source, emptyFingerprint)
  if (unread !== null) throw unreachable(source, unread)
  return fingerprint
}

/** What runs themselves bring into a source: the branch of a linked one, and pins. */
function isExpected({ run, isolation }: CheckoutRef, difference: SourceDifference): boolean {
  return (isolation === 'linked' && difference.what === 'ref' && difference.name === `refs/heads/${runBranch(run)}`) || isPin(difference)
}

/** Pins are made but never taken away. */
function isPin({ what, name, before }: SourceDifference): boolean {
  return what === 'ref' && name.startsWith('refs/signalbox/pins/') && before === null
}

/** Commits of a run that are looked for in the refs of a source; where there are more, refs stand until they are back at what they were. */
const MAX_LOOKED_FOR = 50

/** What is still there of changes in a source. */
export interface Standing {
  readonly changes: readonly SourceChange[]
  /** Refs that a worktree of the source is on now. */
  readonly checkedOut: readonly string[]
  /** Objects that some of them stood for before and that the source does not have any more. */
  readonly gone: readonly Oid[]
}

/**
 * Returns those changes that are still there: a ref that still has the run's commit, anything else that is not back
 * at what it was. While a part cannot be read, all of them stand.
 * @throws ControlError `repo.unreachable`
 */
export async function findStanding({ git }: TripwireTools, source: SourceRef, changes: readonly SourceChange[]): Promise<Standing> {
  const was = changes.flatMap(({ what, name, after }) => (what === 'file' && after !== null ? [[name, after] as const] : []))
  const { fingerprint, unread } = await observeAgain(git, source, { ...emptyFingerprint, file: was })
  const checkedOut = fingerprint.head.flatMap(([, head]) => (head.startsWith('ref: ') ? [head.slice('ref: '.length)] : []))
  if (unread !== null) return { changes, checkedOut, gone: [] }
  const moved = changes.filter(({ what, name, before }) => idOf(fingerprint, what, name) !== before)
  const holders = await findHolders(git, source, moved)
  const standing = moved.filter((change) => isStanding(fingerprint, holders, change))
  return { changes: standing, checkedOut, gone: await findGone(git, source, standing) }
}

/** Returns what of the objects that refs and stashes stood for before a source does not have any more: a `gc` clears away what nothing leads to. */
async function findGone(git: Git, source: SourceRef, changes: readonly SourceChange[]): Promise<readonly Oid[]> {
  const before = changes.flatMap(({ what, before: was }) => (what === 'ref' || what === 'stash' ? (parseOid(was ?? undefined) ?? []) : []))
  if (before.length === 0) return []
  const { text } = await gitInSource(git, source.path)(['cat-file', '--buffer', '--batch-check=%(objecttype)'], { stdin: before.map((oid) => `${oid}\n`).join('') })
  const answers = text.split('\n')
  return before.filter((_, index) => answers[index]?.endsWith(' missing') === true)
}

const emptyFingerprint: SourceFingerprint = { head: [], ref: [], stash: [], index: [], config: [], hook: [LOOKED_ELSEWHERE], info: [], file: [] }

function isStanding(now: SourceFingerprint, holders: ReadonlyMap<Oid, ReadonlySet<string>>, { what, name, evidence }: SourceChange): boolean {
  if (evidence?.kind !== 'commit') return true
  return idOf(now, what, name) !== null && holders.get(evidence.oid)?.has(name) !== false
}

function idOf(fingerprint: SourceFingerprint, part: SourcePart, name: string): string | null {
  return fingerprint[part].find(([each]) => each === name)?.[1] ?? null
}

/** Returns which refs have each commit that shows what the run did; a commit that could not be looked for is left out. */
async function findHolders(git: Git, source: SourceRef, changes: readonly SourceChange[]): Promise<ReadonlyMap<Oid, ReadonlySet<string>>> {
  const commits = new Set(changes.flatMap(({ evidence }) => (evidence?.kind === 'commit' ? [evidence.oid] : [])))
  const holders = new Map<Oid, ReadonlySet<string>>()
  for (const commit of [...commits].slice(0, MAX_LOOKED_FOR)) {
    const { exitCode, text } = await gitInSource(git, source.path)(['for-each-ref', '--format=%(refname)', `--contains=${commit}`], { okExits: [0, 128, 129] }) // the source may not have it any more
    if (exitCode === 0) holders.set(commit, new Set(text.split('\n')))
  }
  return holders
}
