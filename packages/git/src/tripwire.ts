import { compareFingerprints, type Oid, type SourceChange, type SourceDifference, type SourceFingerprint, type SourcePart } from '@signalbox/core'
import { findEvidence, type SavedChange } from './evidence.ts'
import type { Git } from './exec.ts'
import { observeAgain } from './fingerprint.ts'
import { runBranch, type Layout } from './layout.ts'
import { gitInSource, type CheckoutRef, type SourceRef } from './source-ref.ts'
import type { Vaults } from './vault.ts'

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

/**
 * Compares a source with what it was before the run and says what shows that the run changed it.
 * @throws ControlError `repo.unreachable`, `git.*`
 */
export async function compareSource({ git, layout, vaults }: TripwireTools, checkout: CheckoutRef, before: SourceFingerprint, round: SavedChange | undefined): Promise<ComparedSource> {
  const { fingerprint, unread } = await observeAgain(git, checkout.source, before)
  const differences = compareFingerprints(before, fingerprint).filter((difference) => !isExpected(checkout, difference))
  if (differences.length === 0) return { changes: [], unread }
  return { changes: await findEvidence(layout, await vaults.open(checkout.source), { checkout, before, differences, round }), unread }
}

/** What runs themselves bring into a source: the branch of a linked one, and pins, which are made but never taken away. */
function isExpected({ run, isolation }: CheckoutRef, { what, name, before }: SourceDifference): boolean {
  if (what !== 'ref') return false
  return (isolation === 'linked' && name === `refs/heads/${runBranch(run)}`) || (name.startsWith('refs/signalbox/pins/') && before === null)
}

/**
 * Returns those changes that are still there: a ref that still has the run's commit, anything else that is not back
 * at what it was. While a part cannot be read, all of them stand.
 * @throws ControlError `repo.unreachable`
 */
export async function findStanding({ git }: TripwireTools, source: SourceRef, changes: readonly SourceChange[]): Promise<readonly SourceChange[]> {
  const was = changes.flatMap(({ what, name, after }) => (what === 'file' && after !== null ? [[name, after] as const] : []))
  const { fingerprint, unread } = await observeAgain(git, source, { ...emptyFingerprint, file: was })
  if (unread !== null) return changes
  const standing = await Promise.all(changes.map((change) => isStanding(git, source, fingerprint, change)))
  return changes.filter((_, index) => standing[index])
}

const emptyFingerprint: SourceFingerprint = { head: [], ref: [], stash: [], index: [], config: [], hook: [], info: [], file: [] }

async function isStanding(git: Git, source: SourceRef, now: SourceFingerprint, { what, name, before, evidence }: SourceChange): Promise<boolean> {
  const id = idOf(now, what, name)
  if (id === before) return false
  return evidence?.kind === 'commit' ? id !== null && (await contains(git, source, id, evidence.oid)) : true
}

function idOf(fingerprint: SourceFingerprint, part: SourcePart, name: string): string | null {
  return fingerprint[part].find(([each]) => each === name)?.[1] ?? null
}

async function contains(git: Git, source: SourceRef, head: string, commit: Oid): Promise<boolean> {
  const { exitCode } = await gitInSource(git, source.path)(['merge-base', '--is-ancestor', commit, head], { okExits: [0, 1, 128] })
  return exitCode !== 1
}
