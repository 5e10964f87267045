import type { Oid, Reported, ReportedPath } from '@signalbox/core'
import { keepChangeList } from './change-list.ts'
import { writeCommit } from './commit-object.ts'
import { measureChange, type Counts } from './counts.ts'
import { localizeChange } from './localize.ts'
import type { Vault } from './vault.ts'

/** One saved repo of a snapshot. */
export interface CapturedRepo extends Counts {
  readonly commit: Oid
  readonly tree: Oid
  /** Tree of the bytes on disk, where they differ from what is stored. */
  readonly exactTree?: Oid
  /** What is not in `tree` though it should be. Empty means complete. */
  readonly missing: readonly ReportedPath[]
  /** What a reviewer must know of though nothing is missing; undefined for nothing. */
  readonly reported?: readonly Reported[] | undefined
}

/** Commits a tree on its base, in the vault alone, and returns it with its counts; no ref knows it yet. */
export async function saveTree(vault: Vault, { base, tree, message }: { readonly base: Oid; readonly tree: Oid; readonly message: string }): Promise<CapturedRepo> {
  const { changes, list, counts } = await measureChange(vault, base, tree)
  const commit = await writeCommit(vault, { base, tree, message })
  await Promise.all([localizeChange(vault, changes, changes.length === 0 ? [] : [tree]), keepChangeList(vault, { base, commit }, list)])
  return { commit, tree, ...counts, missing: [] }
}
