import type { Oid, RunId } from '@signalbox/core'
import type { Change } from './change-list.ts'
import { findConvertingBase } from './convert-refresh.ts'
import type { InspectTools } from './inspect.ts'
import { vaultRefs, type Layout } from './layout.ts'
import { previewMerge } from './merge-preview.ts'
import { saveTree, type CapturedRepo } from './save-tree.ts'
import { saveRefs } from './snapshot-ref.ts'
import type { SourceRef } from './source-ref.ts'
import type { Vault, Vaults } from './vault.ts'
import { pinBase } from './pin-base.ts'

/** What became of a change on a new base. */
export type RefreshedRepo =
  | { readonly kind: 'clean'; readonly captured: CapturedRepo; /** The author's own change is the same patch as before. */ readonly sameChange: boolean }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }

export interface RefreshTools extends InspectTools {
  readonly layout: Layout
  readonly vaults: Vaults
}

export interface RefreshRequest {
  readonly source: SourceRef
  readonly run: RunId
  readonly number: number
  /** `exactTree`: the bytes that lay on disk, where others were stored. */
  readonly from: Change & { readonly exactTree?: Oid | undefined }
  readonly newBase: Oid
}

/**
 * Computes a change on a new base, in the vault, and saves it as snapshot `number`; or names the paths that conflict.
 * @throws ControlError `repo.filter_not_allowed` where the new base has files go through a program that may not run, `git.*`
 */
export async function refresh(tools: RefreshTools, { source, run, number, from, newBase }: RefreshRequest): Promise<RefreshedRepo> {
  const vault = await tools.vaults.open(source)
  await pinBase(tools.git, { run, source }, newBase) // before anything is built on it
  const merged = await previewMerge(vault, from, newBase)
  if (merged.kind === 'conflict') return merged
  const converting = await findConvertingBase(tools, vault, { source, from, newBase, merged: merged.tree })
  const captured = await saveTree(vault, { base: newBase, tree: merged.tree, message: `${run}.s${number}` })
  await saveRefs(vault, [[vaultRefs.snapshot(run, number), captured.commit]])
  const sameChange = await isSameIn(vault, from, { base: newBase, commit: captured.commit })
  return { kind: 'clean', captured: { ...captured, missing: converting }, sameChange }
}

/** Tells whether two changes are the same patch, each on its own base. @throws ControlError `git.*` where either cannot be read */
export async function isSameChange({ vaults }: Pick<RefreshTools, 'vaults'>, source: SourceRef, one: Change, other: Change): Promise<boolean> {
  return isSameIn(await vaults.open(source), one, other)
}

async function isSameIn(vault: Vault, one: Change, other: Change): Promise<boolean> {
  const [a, b] = await Promise.all([readOwnChange(vault, one), readOwnChange(vault, other)])
  return a === b
}

/** Returns a change as text without what its surroundings decide: object ids and where in a file its lines stand. */
async function readOwnChange({ git }: Vault, { base, commit }: Change): Promise<string> {
  const { stdout } = await git(['diff-tree', '-r', '--patch', '--binary', '--full-index', '--no-renames', '--no-ext-diff', '--no-textconv', base, commit])
  // Lines of content begin with a space, `+` or `-`, so none of them can be mistaken for these. To git only LF ends a line.
  return stdout.toString('latin1').replaceAll(/\nindex [^\n]*/g, '').replaceAll(/\n@@ [^\n]*/g, '\n@@')
}
