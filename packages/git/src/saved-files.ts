import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Oid } from '@signalbox/core'
import { listOptions } from './change-list.ts'
import { agentDirsOf } from './agent-dirs.ts'
import { vaultRefs, type Layout } from './layout.ts'
import { parseRawDiff } from './raw-diff.ts'
import { saveRefs } from './snapshot-ref.ts'
import type { CheckoutRef } from './source-ref.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** One saved repo of a snapshot, as far as its files go. */
export interface SavedFiles {
  readonly commit: Oid
  /** Tree of the bytes that lay on disk, where git stores others. */
  readonly exactTree?: Oid | undefined
  /** It was computed in the vault and never lay on a disk: its bytes are those that its human's git would write. */
  readonly computed?: boolean
}

/** Milliseconds a checkout may take: minutes on a slow disk with a hundred thousand files. */
export const CHECKOUT_MS = 600_000

/** Names what holds the bytes that lay on disk. */
export function exactOf({ commit, exactTree }: SavedFiles): Oid {
  return exactTree ?? commit
}

/** Writes the files of a snapshot, byte for byte as they lay on disk, into a folder that is empty. Nothing of git's is left there. */
export async function writeFiles(vault: Vault, saved: SavedFiles, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await withWorkDir(vault.work, (dir) => vault.git(['read-tree', '--reset', '-u', exactOf(saved)], { workTree: folder, indexFile: join(dir, 'index'), timeoutMs: CHECKOUT_MS }))
}

/**
 * Makes a fresh checkout, whose files are those of a snapshot, one that began with them: keeps them in the vault for as
 * long as the run, and gives the objects of the change to the git directory of its agent, whose index names them.
 */
export async function beginWith(layout: Layout, vault: Vault, { checkout, base, saved }: { readonly checkout: CheckoutRef; readonly base: Oid; readonly saved: SavedFiles }): Promise<void> {
  const { run } = checkout
  const { commit, exactTree } = saved
  await saveRefs(vault, [...(exactTree === undefined ? [] : [[vaultRefs.startExact(run), exactTree] as const]), [vaultRefs.start(run), commit]])
  const trees = [commit, ...(exactTree === undefined ? [] : [exactTree])]
  const [{ text: tops }, ...lists] = await Promise.all([vault.git(['rev-parse', ...trees.map((tree) => `${tree}^{tree}`)]), ...trees.map((tree) => vault.git(['diff-tree', ...listOptions, base, tree]))])
  const changed = lists.flatMap(({ stdout }) => parseRawDiff(stdout).changes.flatMap(({ to }) => (to === undefined || to.mode === '160000' ? [] : [to.oid])))
  const oids = new Set([...tops.trim().split('\n'), ...changed])
  const packs = join(agentDirsOf(layout, checkout).gitDir, 'objects', 'pack')
  mkdirSync(packs, { recursive: true })
  await vault.git(['pack-objects', '-q', join(packs, 'pack')], { stdin: [...oids].map((oid) => `${oid}\n`).join('') })
}
