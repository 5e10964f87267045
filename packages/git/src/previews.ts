import type { Oid } from '@signalbox/core'
import type { Change } from './change-list.ts'
import { commitSide, mergeSides, type MergePreview } from './merge-preview.ts'
import { withScratchObjects } from './scratch-objects.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** Computes a change on a commit, or on the tree that another preview gave. */
export type Preview = (change: Change, onto: Oid) => Promise<MergePreview>

/** Runs `work` with a way to compute any number of merges, on trees only: what git writes for it is thrown away afterwards. */
export function withPreviews<T>(vault: Vault, work: (preview: Preview) => Promise<T>): Promise<T> {
  return withWorkDir(vault.work, (folder) => {
    const scratch = withScratchObjects(vault, folder)
    const sides = new Map<string, Promise<Oid>>()
    return work(async (change, onto) => {
      const key = `${change.base} ${onto}`
      const side = sides.get(key) ?? commitSide(scratch, change.base, onto)
      sides.set(key, side)
      return mergeSides(scratch, await side, change)
    })
  })
}
