import { mkdirSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ControlError, type BranchName, type Oid } from '@signalbox/core'
import { agentDirsOf } from './agent-dirs.ts'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { isLost, refuseLinks } from './checkout-place.ts'
import { hasMarks } from './conflict-marks.ts'
import { contentIdOf, readingRoom } from './content-id.ts'
import { programsOf, readKeptConversion } from './convert-view.ts'
import { readIfThere, readPlain } from './git-dir.ts'
import { readHumanSettings } from './human-settings.ts'
import { parseIndex } from './index-file.ts'
import { carryPack } from './landing-objects.ts'
import type { Layout } from './layout.ts'
import { lendContent } from './lfs-content.ts'
import { lookAt } from './look-at.ts'
import { namesIn } from './names-in.ts'
import { beginScan } from './observe.ts'
import { diskPath, showPath } from './raw-diff.ts'
import { readRecordedPath, recordPath } from './recorded-path.ts'
import { removeTree } from './remove-tree.ts'
import type { CheckoutRef } from './source-ref.ts'
import { markWriter } from './survivors.ts'
import { putAside } from './trash.ts'
import { listIgnored } from './unsaved.ts'
import { withWorkDir } from './work-dir.ts'
import { createWorkspace, mergedMark, removeWorkspace, type WorkspaceTools } from './workspace.ts'

/** A path that is in conflict, as records name it, and an id of what the merge left there; null where that is nothing. */
export interface LeftConflict {
  readonly path: string
  readonly left: string | null
}

export interface MergeCheckoutRequest {
  /** A private one. */
  readonly checkout: CheckoutRef
  /** What the checkout is made of anew. */
  readonly base: Oid
  readonly baseBranch: BranchName
  /** What is merged into it. */
  readonly of: Change
  /** What both sides are called in the marks. */
  readonly labels: { readonly base: string; readonly of: string }
}

/** Milliseconds a merge of working files may take. */
const MERGE_MS = 600_000

/**
 * Makes the checkout of a run anew at `base` and merges a change into it, as its human's own git would: with marks in the
 * files that conflict, and those unmerged in its index. What the checkout held before is in snapshots; ignored files, such as
 * installed dependencies, are moved over. Once it was done, it is not done again.
 * @throws ControlError `disk.unwritable` when a link lies in its place, before anything is moved; `git.*`
 */
export async function mergeIntoCheckout(tools: WorkspaceTools, stateDir: string, request: MergeCheckoutRequest): Promise<readonly LeftConflict[]> {
  const { checkout, base, baseBranch, of } = request
  refuseLinks(checkout.path)
  const mark = mergedMark(tools.layout, checkout)
  const done = `${base} ${of.commit}`
  if (readIfThere(mark)?.trim() !== done) {
    const ignored = tools.layout.ignored(checkout.run, checkout.source.repo)
    // Out of the way first: whatever stops this, the next try finds them there.
    await moveOut(checkout.path, ignored, await listOldIgnored(tools, checkout, base))
    await putAside(stateDir, checkout.path)
    await removeWorkspace(tools.layout, checkout)
    await createWorkspace(tools, checkout, { base, baseBranch, saved: undefined })
    await merge(tools, request)
    await moveIn(ignored, checkout.path)
    await removeTree(ignored)
    writeFileSync(mark, `${done}\n`)
  }
  return readUnmerged(tools.layout, checkout, base).map((path) => ({ path, left: idOf(checkout, base, path) }))
}

/** Names the conflicts that nobody settled: files with marks in them, and those that are still unmerged and as the merge left them. */
export function findUnresolved(layout: Layout, checkout: CheckoutRef, base: Oid, conflicts: readonly LeftConflict[]): readonly string[] {
  if (isLost(checkout.path)) return []
  const unmerged = new Set(readUnmerged(layout, checkout, base))
  return conflicts.filter(({ path, left }) => hasMarks(diskPath(checkout.path, readRecordedPath(path))) || (unmerged.has(path) && idOf(checkout, base, path) === left)).map(({ path }) => path)
}

async function listOldIgnored({ layout, vaults }: WorkspaceTools, checkout: CheckoutRef, base: Oid): Promise<readonly string[]> {
  if (isLost(checkout.path)) return []
  return withWorkDir(layout.work, async (dir) => listIgnored(await beginScan(layout, await vaults.open(checkout.source), { checkout, base, dir })))
}

/** The plumbing below git's own merges: it can name both sides, and leaves no operation under way. Nobody but us was in this git directory yet. */
async function merge({ git, layout, vaults, filters, env }: WorkspaceTools, { checkout, base, of, labels }: MergeCheckoutRequest): Promise<void> {
  const { gitDir, worktree } = agentDirsOf(layout, checkout)
  const [vault, settings] = await Promise.all([vaults.open(checkout.source), readHumanSettings(git, env, checkout.source)])
  await withWorkDir(layout.work, (folder) => carryPack({ vault, folder }, join(gitDir, 'objects', 'pack'), of))
  const { drivers = [] } = (await readKeptConversion(vault, checkout.run)) ?? {}
  if (drivers.length > 0) await lendContent(vault, filesOf(await readChangeList(vault, of)), gitDir)
  const { exitCode } = await git('vault', ['merge-recursive', of.base, '--', base, of.commit], {
    cwd: checkout.path,
    gitDir: worktree,
    workTree: checkout.path,
    okExits: [0, 1],
    timeoutMs: MERGE_MS,
    config: { 'merge.conflictStyle': 'zdiff3', ...programsOf(drivers, filters.allowedOf(checkout.source.path, drivers)), 'core.attributesFile': showPath(settings.conversion.userAttributes.path) },
    env: { ...markWriter(checkout.path), [`GITHEAD_${base}`]: labels.base, [`GITHEAD_${of.commit}`]: labels.of },
  })
  if ((exitCode === 1) === readUnmerged(layout, checkout, base).length > 0) return
  throw new ControlError('git.command_failed', `git merge-recursive exited ${exitCode} in ${checkout.path}, which its index does not bear out`, { hint: 'Run `signalbox doctor` to check the repository' })
}

async function moveOut(from: string, to: string, ignored: readonly string[]): Promise<void> {
  for (const path of ignored.map((name) => name.replace(/\/$/, ''))) {
    if (lookAt(diskPath(from, path)) === undefined || !isFree(to, path)) continue
    mkdirSync(diskPath(to, dirname(path)), { recursive: true })
    await rename(diskPath(from, path), diskPath(to, path))
  }
}

/** What the new base has itself stays as it is there. A link in the place of a folder is not followed: it may lead anywhere. */
async function moveIn(from: string, to: string, folder = '.'): Promise<void> {
  for (const name of namesIn(diskPath(from, folder), 'latin1')) {
    const path = `${folder}/${name}`
    const [own, other] = [lookAt(diskPath(from, path)), lookAt(diskPath(to, path))]
    if (own !== undefined && other === undefined) await rename(diskPath(from, path), diskPath(to, path))
    else if (own?.isDirectory() === true && other?.isDirectory() === true) await moveIn(from, to, path)
  }
}

/** Whether nothing lies at a path (one character per byte) and none of the folders to it is a link. */
function isFree(root: string, path: string): boolean {
  const parts = path.split('/')
  for (let length = 1; length <= parts.length; length += 1) {
    const kind = lookAt(diskPath(root, parts.slice(0, length).join('/')))
    if (kind === undefined) return true
    if (!kind.isDirectory()) return false
  }
  return false
}

/** Read as a plain file: once somebody has worked there, no git of ours is started on it. */
function readUnmerged(layout: Layout, checkout: CheckoutRef, base: Oid): readonly string[] {
  const bytes = readPlain(join(agentDirsOf(layout, checkout).worktree, 'index'))
  return bytes === undefined ? [] : parseIndex(bytes, base.length === 64 ? 32 : 20).unmerged.map(recordPath)
}

function idOf(checkout: CheckoutRef, base: Oid, path: string): string | null {
  return contentIdOf(diskPath(checkout.path, readRecordedPath(path)), { hash: base.length === 64 ? 'sha256' : 'sha1', room: readingRoom() }) ?? null
}
