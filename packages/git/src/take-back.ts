import type { Oid, RunId } from '@signalbox/core'
import type { Change } from './change-list.ts'
import { commitSide } from './merge-preview.ts'
import { withPreviews } from './previews.ts'
import { refresh, type RefreshedRepo, type RefreshTools } from './refresh.ts'
import type { SourceRef } from './source-ref.ts'
import type { Vault } from './vault.ts'

/** The moves of one repo in a landing: what landed lies between `from` and `to`. */
export interface LandedMove {
  readonly from: Oid
  readonly to: Oid
}

/** What taking a landing back would give. */
export interface TakeBackPreview {
  /** Paths where what was built on top is in the way. */
  readonly conflicts: readonly string[]
  /** Whether any of it is still there. */
  readonly changes: boolean
}

/** Computes what taking a landing back would give on a target as it is now; nothing is saved. */
export async function previewTakeBack(vault: Vault, landed: LandedMove, onto: Oid): Promise<TakeBackPreview> {
  const back = await changeBack(vault, landed, onto)
  const [preview, { text }] = await Promise.all([withPreviews(vault, (compute) => compute(back, onto)), vault.git(['rev-parse', '--verify', `${onto}^{tree}`])])
  return preview.kind === 'conflict' ? { conflicts: preview.paths, changes: true } : { conflicts: [], changes: preview.tree !== text.trim() }
}

export interface TakeBackRequest {
  readonly source: SourceRef
  readonly run: RunId
  readonly number: number
  /** Undefined where nothing landed. */
  readonly landed: LandedMove | undefined
  /** Head of the target now: what was built on top stays. */
  readonly onto: Oid
}

/**
 * Computes what takes a landing back on a target as it is now, in the vault, and saves it as snapshot `number`; or names
 * the paths where what was built on top is in the way. Where the target does not have the landing any more, nothing changes.
 */
export async function takeBack(tools: RefreshTools, { source, run, number, landed, onto }: TakeBackRequest): Promise<RefreshedRepo> {
  const from = landed === undefined ? { base: onto, commit: onto } : await changeBack(await tools.vaults.open(source), landed, onto)
  return refresh(tools, { source, run, number, from, newBase: onto })
}

/** The landing the other way round; no change at all where the target does not have it. */
async function changeBack(vault: Vault, { from, to }: LandedMove, onto: Oid): Promise<Change> {
  return (await contains(vault, onto, to)) ? { base: to, commit: await commitSide(vault, to, from) } : { base: onto, commit: onto }
}

async function contains({ git }: Vault, head: Oid, commit: Oid): Promise<boolean> {
  return (await git(['merge-base', '--is-ancestor', commit, head], { okExits: [0, 1] })).exitCode === 0
}
