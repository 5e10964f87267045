import { oidSchema, type Oid, type ReportedPath } from '@signalbox/core'
import { keepChangeList } from './change-list.ts'
import { newConverting } from './converting.ts'
import { measureChange, type Counts } from './counts.ts'
import { localizeChange } from './localize.ts'
import { showPath, type RawChange, type TreeEntry } from './raw-diff.ts'
import { ourSignature } from './signature.ts'
import { isAttributesFile, readAttributesBlobs } from './tree-attributes.ts'
import type { Vault } from './vault.ts'

/** One saved repo of a snapshot. */
export interface CapturedRepo extends Counts {
  readonly commit: Oid
  readonly tree: Oid
  /** Tree of the bytes on disk, where they differ from what is stored. */
  readonly exactTree?: Oid
  /** What is not in `tree` though it should be. Empty means complete. */
  readonly missing: readonly ReportedPath[]
}

/** Commits a tree on its base, in the vault alone, and returns it with its counts and its own faults; no ref knows it yet. */
export async function saveTree(vault: Vault, { base, tree, message }: { readonly base: Oid; readonly tree: Oid; readonly message: string }): Promise<CapturedRepo> {
  const [{ text }, { changes, list, counts }] = await Promise.all([
    vault.git(['commit-tree', '-p', base, '-m', message, tree], { env: ourSignature }),
    measureChange(vault, base, tree),
  ])
  const commit = oidSchema.parse(text.trim())
  const [missing] = await Promise.all([
    findConversions(vault, changes),
    localizeChange(vault, changes, changes.length === 0 ? [] : [tree]),
    keepChangeList(vault, { base, commit }, list),
  ])
  return { commit, tree, ...counts, missing }
}

/** A change that brings in conversion means other bytes after it has landed than while it was reviewed. */
async function findConversions({ git }: Vault, changes: readonly RawChange[]): Promise<readonly ReportedPath[]> {
  const changed = changes.filter(({ path, to }) => to !== undefined && isAttributesFile(path, to.mode))
  const [after, before] = await Promise.all([readAttributesBlobs(git, changed.flatMap(({ path, to }) => blobOf(path, to))), readAttributesBlobs(git, changed.flatMap(({ path, from }) => blobOf(path, from)))])
  const textBefore = new Map(before.map(({ path, text }) => [path, text]))
  return after.filter(({ path, text }) => newConverting(text, textBefore.get(path) ?? '').length > 0).map(({ path }) => ({ path: showPath(path), reason: 'converting_attributes' }))
}

function blobOf(path: string, entry: TreeEntry | undefined): readonly { readonly path: string; readonly oid: Oid }[] {
  return entry !== undefined && isAttributesFile(path, entry.mode) ? [{ path, oid: entry.oid }] : []
}
