import type { Change } from './change-list.ts'
import { diff, type ChangeDiff } from './diff.ts'
import { reopenDiff } from './kept-diff.ts'
import { commitSide, mergeTrees } from './merge-preview.ts'
import { withScratchObjects } from './scratch-objects.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** What a newer change is beyond an older one. */
export interface Interdiff extends ChangeDiff {
  /** Where the older change conflicts with the newer base: the older side of these paths is what git merged, with its conflict marks. */
  readonly conflicts: readonly string[]
}

/**
 * Returns what an author changed between two changes. On one base that is what lies between their trees. On another
 * one, the older change is computed on the newer base first, so that what the base brought is on both sides; what git
 * writes for it is thrown away.
 */
export async function interdiff(vault: Vault, workDir: string, older: Change, newer: Change): Promise<Interdiff> {
  if (older.base === newer.base) return { ...(await reopenDiff(vault, workDir, { base: older.commit, commit: newer.commit })), conflicts: [] }
  return withWorkDir(workDir, async (folder) => {
    const scratch = withScratchObjects(vault, folder)
    const { tree, conflicts } = await mergeTrees(scratch, await commitSide(scratch, older.base, newer.base), older)
    return { ...(await diff(scratch, workDir, { base: tree, commit: newer.commit })), conflicts }
  })
}
