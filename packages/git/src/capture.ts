import { mkdirSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ControlError, oidSchema, type Oid, type ReportedPath } from '@signalbox/core'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { isLost } from './checkout-place.ts'
import { findConflicts } from './conflict-marks.ts'
import { findConvertingChange } from './convert-change.ts'
import { localizeExact } from './convert-checkout.ts'
import { openConvertView, storeAsHuman, storeSettled, type ConvertView } from './convert-view.ts'
import type { Git } from './exec.ts'
import { agentDirsOf } from './agent-dirs.ts'
import { readRef } from './agent-state.ts'
import { lfsFolderOf, saveContent } from './lfs-content.ts'
import type { Filters } from './filters.ts'
import type { Environment } from './human-settings.ts'
import { copyIndex, indexChecksum } from './index-file.ts'
import { vaultRefs, type Layout } from './layout.ts'
import { afterSpawn, beginScan, readAgentView, settle, withScratch, type AgentView, type Settled } from './observe.ts'
import { showPath } from './raw-diff.ts'
import { findReported } from './report.ts'
import { saveTree, type CapturedRepo } from './save-tree.ts'
import { addAll, distinct, gitOfScan, refuseUnread, splitNames, type Scan } from './scan.ts'
import { saveRefs } from './snapshot-ref.ts'
import type { CheckoutRef } from './source-ref.ts'
import type { Vault, Vaults } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

export interface CaptureTools {
  readonly git: Git
  readonly layout: Layout
  readonly vaults: Vaults
  readonly filters: Filters
  /** The human's environment. */
  readonly env: Environment
}

/** What a snapshot says of one repo, as far as a checkout is compared with it. */
export type SavedState = Pick<CapturedRepo, 'commit' | 'tree' | 'exactTree'>

/** Looks taken at a checkout before it is called unstable. */
const MAX_LOOKS = 5

/**
 * Saves what lies in a checkout as snapshot `number` of its run and returns it. The caller has stopped every process
 * that writes there; two looks in a row must agree all the same.
 * @throws ControlError `git.*`; nothing is saved then, and an earlier snapshot is as it was
 */
export async function capture(tools: CaptureTools, checkout: CheckoutRef, base: Oid, number: number): Promise<CapturedRepo> {
  const { layout, vaults, filters } = tools
  const vault = await vaults.open(checkout.source)
  const { run, source } = checkout
  const save = (tree: Oid): Promise<CapturedRepo> => saveTree(vault, { base, tree, message: `${run}.s${number}` })
  if (isLost(checkout.path)) {
    const { text } = await vault.git(['rev-parse', '--verify', `${base}^{tree}`])
    const saved = await save(oidSchema.parse(text.trim()))
    await saveRefs(vault, [[vaultRefs.snapshot(run, number), saved.commit]])
    return { ...saved, missing: [{ path: '.', reason: 'workspace_lost' }] }
  }
  return withWorkDir(layout.work, async (dir) => {
    const scan = await beginScan(layout, vault, { checkout, base, dir })
    // What the agent's git directory says is read while git looks at the files.
    const [missing, view, convert] = await Promise.all([addAll(scan), afterSpawn(() => readAgentView(layout, vault, checkout, base)), openConvertView(filters, scan, checkout)])
    const { exact, ...saved } = await captureSteady(scan, { ...view, missing, convert }, save)
    const converting = await findConvertingChange(tools, { source, scan, convert, exact, saved: { ...saved, base } })
    const content = convert === undefined || convert.drivers.length === 0 ? [] : await saveLfsContent(tools, vault, checkout, { ...saved, base })
    const differs = exact !== saved.tree
    if (differs) {
      await localizeExact(vault, saved.tree, exact)
      await saveRefs(vault, [[vaultRefs.exact(run, number), exact]])
    }
    // The agent's history first: a snapshot that is there is there with all that belongs to it.
    if (view.head !== undefined) await saveRefs(vault, [[vaultRefs.agentHead(run, number), view.head]])
    // Of an earlier try: those commits were taken back since, and would be shown as the agent's.
    else if (readRef(vault.dir, vaultRefs.agentHead(run, number)) !== undefined) await vault.git(['update-ref', '-d', vaultRefs.agentHead(run, number)])
    await saveRefs(vault, [[vaultRefs.snapshot(run, number), saved.commit]])
    // Whether anything is new in those, git would have to run in them to know: it is said, and stands in nobody's way.
    const [filled, unsaved] = [saved.missing.filter(isFilled), saved.missing.filter((one) => !isFilled(one))]
    const reported = await findReported({ scan, beyond: view.beyond, commit: saved.commit, filled, isFiltered: convert !== undefined && convert.drivers.length > 0, dir: join(dir, 'rules') })
    // An index that stands for a repository inside would hide the files of its folder once that is none any more.
    if (saved.missing.length === 0) await keepIndex(scan.index, layout.keptIndex(run, source.repo))
    return { ...saved, ...(differs ? { exactTree: exact } : {}), missing: distinct([...view.missing, ...unsaved, ...converting, ...content, ...findConflicts(checkout.path, view.state.index.unmerged)]), ...(reported.length === 0 ? {} : { reported }) }
  })
}

function isFilled({ reason }: ReportedPath): boolean {
  return reason === 'submodule_filled'
}

/** An agent may have put pointers into its checkout whose content lies where its own git keeps it. */
async function saveLfsContent({ layout }: CaptureTools, vault: Vault, checkout: CheckoutRef, saved: Change): Promise<readonly ReportedPath[]> {
  const places = [join(agentDirsOf(layout, checkout).gitDir, 'lfs'), lfsFolderOf(checkout.source)]
  return saveContent(vault, { base: saved.base, changes: filesOf(await readChangeList(vault, saved)) }, places)
}

interface FirstLook {
  /** What could not be read at the first look. */
  readonly missing: readonly ReportedPath[]
  readonly beyond: AgentView['beyond']
  readonly convert: ConvertView | undefined
}

/** A saved repo, and the tree of the bytes on disk. */
type Steady = CapturedRepo & { readonly exact: Oid }

/** Saves the tree that two looks in a row agree on; the second one is taken while the first is being saved. */
async function captureSteady(scan: Scan, { beyond, convert, missing: missed }: FirstLook, save: (tree: Oid) => Promise<CapturedRepo>): Promise<Steady> {
  const again = { ...scan, index: `${scan.index}.again` }
  let missing = missed
  for (let looks = 2; looks <= MAX_LOOKS; looks += 1) {
    const before = indexChecksum(scan.index)
    copyIndex(scan.index, again.index)
    const settled = settle(scan, beyond)
    const stored = settled.then(async (first) => (convert === undefined ? { tree: first.tree, missing: [] } : storeAsHuman(scan, convert, first.tree)))
    // Converting reads the files once more: what they held then is what the second look must find.
    const read = convert === undefined ? Promise.resolve() : stored
    const [look, asHuman, saved, missingAgain] = await Promise.all([settled, stored, stored.then(({ tree }) => save(tree)), read.then(() => addAll(again))])
    if (await isSame({ first: look, again, before }, () => settle(again, beyond))) return { ...saved, exact: look.tree, missing: [...missing, ...look.missing, ...asHuman.missing, ...saved.missing] }
    await rename(again.index, scan.index)
    missing = missingAgain
  }
  throw new ControlError('git.command_failed', `${scan.checkout} changed while it was saved, ${MAX_LOOKS} looks in a row`, { hint: 'End the processes that still write there, then seal again' })
}

/** Compares two looks: where an index says all, by its checksum, else by their trees. */
async function isSame({ first, again, before }: { readonly first: Settled; readonly again: Scan; readonly before: string }, settleAgain: () => Promise<Settled>): Promise<boolean> {
  if (first.plain && before === indexChecksum(again.index)) return true
  return (await settleAgain()).tree === first.tree
}

/** Returns the paths that differ now from a snapshot; empty when the checkout is gone. Nothing is kept of the look. @throws ControlError `disk.unwritable` when something of it cannot be read, `git.*` */
export async function changedSince({ layout, vaults, filters }: CaptureTools, checkout: CheckoutRef, saved: SavedState): Promise<readonly string[]> {
  if (isLost(checkout.path)) return []
  const vault = await vaults.open(checkout.source)
  const base = oidSchema.parse((await vault.git(['rev-parse', '--verify', `${saved.commit}^`])).text.trim())
  return withWorkDir(layout.work, async (dir) => {
    const scan = withScratch(await beginScan(layout, vault, { checkout, base, dir }), dir)
    const view = await readAgentView(layout, vault, checkout, base)
    refuseUnread(scan, await addAll(scan))
    const convert = await openConvertView(filters, scan, checkout)
    const settled = await settle(scan, view.beyond)
    // The same bytes are stored as they were: converting them anew would only cost.
    if (convert?.refusal === undefined && settled.tree === (saved.exactTree ?? saved.tree)) return []
    const { tree } = await storeSettled(scan, convert, settled)
    const { stdout } = await gitOfScan(scan)(['diff-tree', '-r', '-z', '--name-only', '--no-renames', saved.commit, tree])
    return splitNames(stdout).map(showPath)
  })
}

/** Says whether every object that the diff of a snapshot needs can be read. */
export async function isReadable(vault: Vault, { base, commit }: Change): Promise<boolean> {
  const { exitCode } = await vault.git(['diff-tree', '-r', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv', base, commit], { okExits: [0, 128] })
  return exitCode === 0
}

async function keepIndex(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true })
  await rename(from, to)
}
