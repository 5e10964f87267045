import { existsSync } from 'node:fs'
import type { Oid, ReportedPath } from '@signalbox/core'
import { listRefs, listWorktreeRefs } from './agent-refs.ts'
import { agentDirsOf } from './agent-dirs.ts'
import type { CaptureTools } from './capture.ts'
import { isLost, refuseLinks } from './checkout-place.ts'
import { openConvertView, settleStored } from './convert-view.ts'
import { refuseForeignWorktree } from './linked-worktree.ts'
import { beginScan, readAgentView, withScratch } from './observe.ts'
import { recordPath } from './recorded-path.ts'
import { addAll, distinct, gitOfScan, splitNames, type Scan } from './scan.ts'
import type { CheckoutRef } from './source-ref.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** What would be lost with a checkout. All empty: a snapshot has everything, and only ignored files go. */
export interface Unsaved {
  /** Paths that differ from the snapshot, as records name them. */
  readonly changed: readonly string[]
  /** What no snapshot can hold, such as the content of a repository inside. */
  readonly missing: readonly ReportedPath[]
  /** Refs of the run's git directory, HEADs of its worktrees too, whose commits are in no snapshot of the run: a stash, another branch. Those of a source stay there. */
  readonly refs: readonly string[]
  /** Ignored files and folders, a folder as one: never part of a snapshot, so they do not count as work. */
  readonly ignored: readonly string[]
}

/**
 * Compares all that a checkout and its git directory hold with a snapshot of it. Nothing is kept of the look.
 * @throws ControlError `git.*`, `disk.unwritable` when a link lies in its place, `input.invalid` when its linked worktree was moved
 */
export async function findUnsaved({ layout, vaults, filters }: CaptureTools, checkout: CheckoutRef, { base, commit }: { readonly base: Oid; readonly commit: Oid }): Promise<Unsaved> {
  refuseLinks(checkout.path)
  refuseForeignWorktree(layout, checkout)
  const { gitDir, worktree } = agentDirsOf(layout, checkout)
  const lost = isLost(checkout.path)
  if (lost && !existsSync(checkout.isolation === 'linked' ? worktree : gitDir)) return { changed: [], missing: [], refs: [], ignored: [] }
  const vault = await vaults.open(checkout.source)
  const view = await readAgentView(layout, vault, checkout, base)
  const refs = await findUnsavedRefs(vault, checkout, { base, gitDir, head: view.state.head })
  if (lost) return { changed: [], missing: view.missing, refs, ignored: [] }
  return withWorkDir(layout.work, async (dir) => {
    const scan = withScratch(await beginScan(layout, vault, { checkout, base, dir }), dir)
    const left = await addAll(scan)
    const [{ tree, missing }, ignored] = [await settleStored(scan, view.beyond, await openConvertView(filters, scan, checkout)), await listIgnored(scan)]
    const { stdout } = await gitOfScan(scan)(['diff-tree', '-r', '-z', '--name-only', '--no-renames', commit, tree])
    return { changed: splitNames(stdout).map(recordPath), missing: distinct([...view.missing, ...left, ...missing]), refs, ignored: ignored.map(recordPath) }
  })
}

/** Lists what is ignored in a checkout, a folder as one, one character per byte. */
export async function listIgnored(scan: Scan): Promise<readonly string[]> {
  const { stdout } = await gitOfScan(scan)(['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'])
  return splitNames(stdout)
}

interface RunHistory {
  readonly base: Oid
  readonly gitDir: string
  readonly head: Oid | undefined
}

async function findUnsavedRefs(vault: Vault, { run, isolation }: CheckoutRef, { base, gitDir, head }: RunHistory): Promise<readonly string[]> {
  const refs = [...(head === undefined ? [] : [{ name: 'HEAD', oid: head }]), ...(isolation === 'linked' ? [] : [...listRefs(gitDir), ...listWorktreeRefs(gitDir)])].filter(({ oid }) => oid !== base)
  const isSaved = new Map<string, boolean>()
  for (const { oid } of refs) {
    if (isSaved.has(oid)) continue
    // 128: the vault does not know that commit at all.
    const { exitCode, text } = await vault.git(['rev-list', '--max-count=1', oid, '--not', base, `--glob=refs/signalbox/runs/${run}/*`], { okExits: [0, 128] })
    isSaved.set(oid, exitCode === 0 && text === '')
  }
  return refs.flatMap(({ name, oid }) => (isSaved.get(oid) === true ? [] : [name]))
}
