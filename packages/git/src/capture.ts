import { mkdirSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ControlError, oidSchema, type Oid, type ReportedPath, type RunId } from '@signalbox/core'
import { readChangeList, type Change } from './change-list.ts'
import { isAttributesFile, readConvertingBlobs } from './converting.ts'
import { countChange, type Counts } from './counts.ts'
import { vaultRefs, type Layout } from './layout.ts'
import { localizeChange } from './localize.ts'
import { beginScan, isLost, observe, readAgentView, withScratch } from './observe.ts'
import { showPath, type RawChange } from './raw-diff.ts'
import { gitOfScan, splitNames } from './scan.ts'
import { ourSignature } from './signature.ts'
import { saveRefs } from './snapshot-ref.ts'
import type { CheckoutRef } from './source-ref.ts'
import type { Vault, Vaults } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** One saved repo of a snapshot. */
export interface CapturedRepo extends Counts {
  readonly commit: Oid
  readonly tree: Oid
  /** What is not in `tree` though it should be. Empty means complete. */
  readonly missing: readonly ReportedPath[]
}

export interface CaptureTools {
  readonly layout: Layout
  readonly vaults: Vaults
}

/** Looks taken at a checkout before it is called unstable. */
const MAX_LOOKS = 5

/**
 * Saves what lies in a checkout as snapshot `number` of its run and returns it. The caller has stopped every process
 * that writes there; two looks in a row must agree all the same.
 * @throws ControlError `git.*`; nothing is saved then, and an earlier snapshot is as it was
 */
export async function capture({ layout, vaults }: CaptureTools, checkout: CheckoutRef, base: Oid, number: number): Promise<CapturedRepo> {
  const vault = await vaults.open(checkout.source)
  const save = (tree: Oid): Promise<CapturedRepo> => saveTree(vault, { base, tree, message: `${checkout.run}.s${number}` })
  if (isLost(checkout.path)) {
    const { text } = await vault.git(['rev-parse', '--verify', `${base}^{tree}`])
    const saved = await save(oidSchema.parse(text.trim()))
    await saveRefs(vault, { [vaultRefs.snapshot(checkout.run, number)]: saved.commit })
    return { ...saved, missing: [{ path: '.', reason: 'workspace_lost' }] }
  }
  return withWorkDir(layout.work, async (dir) => {
    const scan = await beginScan(layout, vault, { checkout, base, dir })
    const view = await readAgentView(layout, vault, checkout, base)
    let seen = await observe(scan, view.beyond)
    for (let looks = 1; looks < MAX_LOOKS; looks += 1) {
      const [saved, again] = await Promise.all([save(seen.tree), observe(scan, view.beyond, seen)])
      if (again.tree === seen.tree) {
        await saveRefs(vault, refsOf(checkout.run, number, { commit: saved.commit, head: view.head }))
        // An index that stands for a repository inside would hide the files of its folder once that is none any more.
        if (again.missing.length === 0) await keepIndex(scan.index, layout.keptIndex(checkout.run, checkout.source.repo))
        return { ...saved, missing: [...view.missing, ...again.missing, ...saved.missing] }
      }
      seen = again
    }
    throw new ControlError('git.command_failed', `${checkout.path} changed while it was saved, ${MAX_LOOKS} times in a row`, { hint: 'End the processes that still write there, then seal again' })
  })
}

/** Returns the paths that differ now from a snapshot; empty when the checkout is gone. Nothing is kept of the look. */
export async function changedSince({ layout, vaults }: CaptureTools, checkout: CheckoutRef, commit: Oid): Promise<readonly string[]> {
  if (isLost(checkout.path)) return []
  const vault = await vaults.open(checkout.source)
  const base = oidSchema.parse((await vault.git(['rev-parse', '--verify', `${commit}^`])).text.trim())
  return withWorkDir(layout.work, async (dir) => {
    const scan = withScratch(await beginScan(layout, vault, { checkout, base, dir }), dir)
    const view = await readAgentView(layout, vault, checkout, base)
    const { tree } = await observe(scan, view.beyond)
    const { stdout } = await gitOfScan(scan)(['diff-tree', '-r', '-z', '--name-only', '--no-renames', commit, tree])
    return splitNames(stdout).map(showPath)
  })
}

/** Says whether every object that the diff of a snapshot needs can be read. */
export async function isReadable(vault: Vault, { base, commit }: Change): Promise<boolean> {
  const { exitCode } = await vault.git(['diff-tree', '-r', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv', base, commit], { okExits: [0, 128] })
  return exitCode === 0
}

/** Commits a tree on its base and returns it with its counts and its own faults; no ref knows it yet. */
export async function saveTree(vault: Vault, { base, tree, message }: { readonly base: Oid; readonly tree: Oid; readonly message: string }): Promise<CapturedRepo> {
  const { text } = await vault.git(['commit-tree', '-p', base, '-m', message, tree], { env: ourSignature })
  const commit = oidSchema.parse(text.trim())
  const changes = await readChangeList(vault, { base, commit })
  const [counts, missing] = await Promise.all([
    countChange(vault, { base, commit }),
    findConversions(vault, changes),
    localizeChange(vault, changes, changes.length === 0 ? [commit] : [commit, tree]),
  ])
  return { commit, tree, ...counts, missing }
}

/** A change that brings in conversion means other bytes after it has landed than while it was reviewed. */
async function findConversions(vault: Vault, changes: readonly RawChange[]): Promise<readonly ReportedPath[]> {
  const blobs = changes.flatMap(({ path, to }) => (to !== undefined && isAttributesFile(path, to.mode) ? [{ path: showPath(path), oid: to.oid }] : []))
  const found = await readConvertingBlobs(vault.git, blobs)
  return [...new Set(found.map(({ file }) => file))].map((path) => ({ path, reason: 'converting_attributes' }))
}

function refsOf(run: RunId, number: number, { commit, head }: { readonly commit: Oid; readonly head: Oid | undefined }): Readonly<Record<string, Oid>> {
  return { [vaultRefs.snapshot(run, number)]: commit, ...(head === undefined ? {} : { [vaultRefs.agentHead(run, number)]: head }) }
}

async function keepIndex(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true })
  await rename(from, to)
}
