import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Oid } from '@signalbox/core'
import { agentDirsOf } from './agent-dirs.ts'
import type { CaptureTools } from './capture.ts'
import { listOptions } from './change-list.ts'
import { conversionOf } from './conversion.ts'
import { viewOf, writeConvertDir } from './convert-view.ts'
import { readHumanSettings } from './human-settings.ts'
import { placePack } from './landing-objects.ts'
import { vaultRefs, type Layout } from './layout.ts'
import { parseRawDiff } from './raw-diff.ts'
import { saveRefs } from './snapshot-ref.ts'
import type { CheckoutRef, SourceRef } from './source-ref.ts'
import { readAttributesFiles } from './tree-attributes.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** One saved repo of a snapshot, as far as its files go. */
export interface SavedFiles {
  readonly commit: Oid
  /** Tree of the bytes that lay on disk, where git stores others. */
  readonly exactTree?: Oid | undefined
  /** It was made in the vault: its files never lay on a disk, so they are written as the human's git would. */
  readonly isComputed?: boolean
}

/** Milliseconds a checkout may take: minutes on a slow disk with a hundred thousand files. */
export const CHECKOUT_MS = 600_000

/** Names what holds the bytes that lay on disk. */
export function exactOf({ commit, exactTree }: SavedFiles): Oid {
  return exactTree ?? commit
}

/**
 * Writes the files of a snapshot, byte for byte as they lay on disk, into a folder that is empty. Nothing of git's is left there.
 * @throws ControlError `repo.filter_not_allowed` where they never did, and go through a program that may not run
 */
export async function writeFiles(tools: CaptureTools, source: SourceRef, saved: SavedFiles, folder: string): Promise<void> {
  const vault = await tools.vaults.open(source)
  mkdirSync(folder, { recursive: true })
  await withWorkDir(vault.work, async (dir) => {
    const view = saved.isComputed === true ? await viewOfHuman(tools, source, { vault, commit: saved.commit, dir: join(dir, 'convert') }) : vault
    await view.git(['read-tree', '--reset', '-u', exactOf(saved)], { workTree: folder, indexFile: join(dir, 'index'), timeoutMs: CHECKOUT_MS })
  })
}

/** Returns the vault as the human's git would write the files of a commit from it now. */
async function viewOfHuman({ git, env, filters }: CaptureTools, source: SourceRef, { vault, commit, dir }: { readonly vault: Vault; readonly commit: Oid; readonly dir: string }): Promise<Vault> {
  const [settings, inTree] = await Promise.all([readHumanSettings(git, env, source), readAttributesFiles(vault.git, commit)])
  const conversion = conversionOf(filters, { path: source.path, settings, inTree })
  if (conversion === undefined) return vault
  writeConvertDir(vault, dir, { conversion, head: commit, allowed: filters.allowedOf(source.path, conversion.drivers) })
  return viewOf(vault, dir)
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
  await withWorkDir(layout.work, async (dir) => {
    const { text } = await vault.git(['pack-objects', '-q', join(dir, 'pack')], { stdin: [...oids].map((oid) => `${oid}\n`).join('') })
    await placePack(dir, text.trim(), join(agentDirsOf(layout, checkout).gitDir, 'objects', 'pack'))
  })
}
