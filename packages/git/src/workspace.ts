import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ControlError, runBranch, type BranchName, type Oid } from '@signalbox/core'
import { agentDirsOf } from './agent-dirs.ts'
import { refuseLinks } from './checkout-place.ts'
import { conversionOf } from './conversion.ts'
import { convertCheckout, convertSaved, humanIndex, settingsOfHuman } from './convert-checkout.ts'
import { dropConversion } from './convert-view.ts'
import type { Git } from './exec.ts'
import type { Filters } from './filters.ts'
import { readHumanSettings, type Environment } from './human-settings.ts'
import { createLinkedBranch, dropUnusedBranch, refuseTakenBranch } from './linked-branch.ts'
import { refuseForeignWorktree, removeLinkedWorktree } from './linked-worktree.ts'
import type { Layout } from './layout.ts'
import { removeTree } from './remove-tree.ts'
import { branchRefs, linkWorktree, writeGitDir, type NewGitDir } from './run-git-dir.ts'
import type { CheckoutRef } from './source-ref.ts'
import { pinBase } from './pin-base.ts'
import { beginWith, CHECKOUT_MS, exactOf, type SavedFiles } from './saved-files.ts'
import { readWrittenAttributes } from './tree-attributes.ts'
import { awaitWriters, markWriter } from './survivors.ts'
import { storesOf, type Vault, type Vaults } from './vault.ts'

export interface WorkspaceTools {
  readonly git: Git
  readonly layout: Layout
  readonly vaults: Vaults
  readonly filters: Filters
  /** The human's environment. */
  readonly env: Environment
}

/**
 * Creates the checkout of one repo at `base`, on a branch of the run's own: in a git directory that is the run's and
 * borrows the source's objects, or linked to the source itself. With `saved`, its files are those of a snapshot on that base, all of
 * them in the agent's index, so that none is lost as an ignored one. Does nothing when that was done before; what a killed creation left is made anew.
 * @throws ControlError `input.invalid` when something else lies at the path or has the branch or worktree of the run, `repo.filter_not_allowed`, `git.*`
 */
export async function createWorkspace(tools: WorkspaceTools, checkout: CheckoutRef, { base, baseBranch, saved }: Omit<Start, 'vault'>): Promise<void> {
  const { layout, vaults } = tools
  const { run, source } = checkout
  if (existsSync(layout.keptIndex(run, source.repo))) return
  const vault = await vaults.open(source)
  // Before anything is taken away: what is somebody else's is not the half of ours.
  refuseForeignWorktree(layout, checkout)
  if (checkout.isolation === 'linked') await refuseTakenBranch(tools.git, checkout, base)
  await clearHalf(layout, checkout)
  try {
    await fillWorkspace(tools, checkout, { base, baseBranch, saved, vault })
  } catch (error) {
    // Should this fail too, the mark of half-done work stays, and the next creation takes up from there.
    await removeWorkspace(layout, checkout).catch(() => undefined)
    if (checkout.isolation === 'linked') await dropUnusedBranch(tools.git, checkout, base).catch(() => undefined)
    throw error
  }
}

interface Start {
  readonly base: Oid
  readonly baseBranch: BranchName
  /** What it begins with in place of the files of its base. */
  readonly saved: SavedFiles | undefined
  readonly vault: Vault
}

async function fillWorkspace(tools: WorkspaceTools, checkout: CheckoutRef, start: Start): Promise<void> {
  const { git, layout, filters, env } = tools
  const { run, source, path, isolation } = checkout
  const { saved } = start
  const index = layout.keptIndex(run, source.repo)
  const half = `${index}.half`
  // At the same time, the longest first: what was borrowed without a pin was not yet given to anybody.
  const [, settings] = await Promise.all([checkOut(start, checkout, half), readHumanSettings(git, env, source), pinBase(git, checkout, start.base)])
  const excludes = layout.excludes(run, source.repo)
  mkdirSync(dirname(excludes), { recursive: true })
  writeFileSync(excludes, settings.excludes)
  const conversion = conversionOf(filters, { path: source.path, settings, inTree: readWrittenAttributes(path, half, start.base) })
  if (conversion === undefined) await dropConversion(start.vault, run)
  else if (saved === undefined || saved.isComputed === true) await convertCheckout(tools, checkout, { vault: start.vault, base: saved?.commit ?? start.base, index: half, conversion })
  else await convertSaved(tools, checkout, { vault: start.vault, index: half, conversion, saved })
  if (isolation === 'linked') await createLinkedBranch(git, checkout, start.base)
  else writeRunGitDir(layout, checkout, start, settingsOfHuman(settings, conversion))
  if (saved !== undefined) await beginWith(layout, start.vault, { checkout, base: start.base, saved })
  refuseForeignWorktree(layout, checkout)
  linkWorktree(agentDirsOf(layout, checkout).worktree, path, runBranch(run), conversion === undefined ? half : humanIndex(half))
  await rename(half, index) // the last step: from here on the checkout is whole
  for (const file of [humanIndex(half), halfMark(layout, checkout)]) await rm(file, { force: true })
}

/**
 * Removes the checkout and the git directory that belongs to it. Snapshots and what they borrow stay, and the branch of a linked run.
 * @throws ControlError `input.invalid` when the worktree of a linked one is somewhere else by now, `disk.unwritable` when a link lies in the place of either
 */
export async function removeWorkspace(layout: Layout, checkout: CheckoutRef): Promise<void> {
  const { run, source, path, isolation } = checkout
  for (const place of [path, layout.runGitDir(run, source.repo)]) refuseLinks(place)
  refuseForeignWorktree(layout, checkout)
  if (existsSync(halfMark(layout, checkout))) await awaitWriters(path)
  const mark = markHalf(layout, checkout)
  const index = layout.keptIndex(run, source.repo)
  const half = `${index}.half`
  for (const file of [mergedMark(layout, checkout), index, half, `${half}.lock`, humanIndex(half), `${humanIndex(half)}.lock`, layout.excludes(run, source.repo)]) await rm(file, { force: true })
  await removeTree(path)
  await (isolation === 'linked' ? removeLinkedWorktree(layout, checkout) : removeTree(layout.runGitDir(run, source.repo)))
  await rm(mark, { force: true })
}

/** File that says which change was merged in the checkout, and onto which commit. */
export function mergedMark(layout: Layout, { run, source }: Pick<CheckoutRef, 'run' | 'source'>): string {
  return `${layout.keptIndex(run, source.repo)}.merged`
}

function halfMark(layout: Layout, { run, source }: CheckoutRef): string {
  return `${layout.keptIndex(run, source.repo)}.half-done`
}

/** Notes that the checkout is being made or removed: what lies at its path now is ours to take away. */
function markHalf(layout: Layout, checkout: CheckoutRef): string {
  const mark = halfMark(layout, checkout)
  mkdirSync(dirname(mark), { recursive: true })
  writeFileSync(mark, '')
  return mark
}

/** Takes away what a killed creation or removal left, and nothing else. */
async function clearHalf(layout: Layout, checkout: CheckoutRef): Promise<void> {
  const taken = existsSync(checkout.path) && readdirSync(checkout.path).length > 0
  if (taken && !existsSync(halfMark(layout, checkout))) {
    throw new ControlError('input.invalid', `${checkout.path} is not empty, so no checkout was made there`, { hint: 'Move away what lies there' })
  }
  await removeWorkspace(layout, checkout)
  markHalf(layout, checkout)
  mkdirSync(checkout.path, { recursive: true })
}

/** Writes the files. The objects of a base are read straight from the source: through the vault, each would be looked for twice. */
async function checkOut({ vault, base, saved }: Start, { source, path }: CheckoutRef, index: string): Promise<void> {
  const [objects = ''] = storesOf(source)
  const env = { ...markWriter(path), ...(saved === undefined ? { GIT_OBJECT_DIRECTORY: objects } : {}) }
  await vault.git(['read-tree', '--reset', '-u', saved === undefined ? base : exactOf(saved)], { workTree: path, indexFile: index, timeoutMs: CHECKOUT_MS, env })
}

function writeRunGitDir(layout: Layout, { run, source }: CheckoutRef, { base, baseBranch, vault }: Start, own: Pick<NewGitDir, 'config' | 'excludes' | 'attributes'>): void {
  writeGitDir({
    dir: layout.runGitDir(run, source.repo),
    modelConfig: join(vault.dir, 'config'),
    bare: true,
    stores: storesOf(source),
    head: `ref: refs/heads/${baseBranch}`,
    refs: branchRefs(runBranch(run), baseBranch, base),
    ...own,
  })
}
