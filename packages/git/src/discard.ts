import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunId } from '@signalbox/core'
import { isMissing } from './git-dir.ts'
import type { Layout } from './layout.ts'
import { refuseForeignWorktree, removeLinkedWorktree } from './linked-worktree.ts'
import { namesIn } from './names-in.ts'
import type { CheckoutRef } from './source-ref.ts'
import { awaitWriters } from './survivors.ts'
import { putAside } from './trash.ts'

/**
 * Takes the whole workspace of a run away, with the git directories and indexes of its checkouts. One rename decides;
 * a kill after it leaves only what nobody can take for a workspace, and the next call takes that too. Snapshots stay, and
 * so do the branches of linked checkouts; what git keeps of those beside the branch is ours and goes.
 * @throws ControlError `input.invalid`, before anything goes, when the worktree of a linked one is somewhere else by now
 */
export async function discardWorkspace(layout: Layout, stateDir: string, { run, workspace, linked }: { readonly run: RunId; readonly workspace: string; readonly linked: readonly CheckoutRef[] }): Promise<void> {
  for (const checkout of linked) refuseForeignWorktree(layout, checkout)
  const isHalf = listKeptIndexes(layout, run).some((name) => name.endsWith('.half-done'))
  for (const name of isHalf ? namesIn(workspace) : []) await awaitWriters(join(workspace, name)) // a git that outlived a killed creation
  await putAside(stateDir, workspace)
  for (const checkout of linked) await removeLinkedWorktree(layout, checkout)
  for (const folder of [join(layout.run(run), 'git'), layout.sandbox(run)]) await putAside(stateDir, folder)
  for (const name of listKeptIndexes(layout, run)) await rm(join(layout.run(run), name), { force: true })
  await rmdir(layout.run(run)).catch(ignoreFull) // that of an id no run has
}

function ignoreFull(error: unknown): void {
  if (!isMissing(error) && !(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error
}

/** Takes a kept check folder away, with our indexes of the repos in it. */
export async function discardCheckFolder(layout: Layout, stateDir: string, folder: string): Promise<void> {
  const indexes = namesIn(folder).map((name) => layout.checkIndex(join(folder, name)))
  await putAside(stateDir, folder)
  for (const index of indexes) for (const file of [index, `${index}.exclude`, `${index}.lock`, `${index}.human`, `${index}.stored`]) await rm(file, { force: true })
}

/** Says whether anything is kept of a run's checkouts beside the workspace itself: a removal that was killed leaves it. */
export function hasLeftovers(layout: Layout, run: RunId): boolean {
  return namesIn(layout.run(run)).some((name) => name === 'git' || name === 'sandbox') || listKeptIndexes(layout, run).length > 0
}

function listKeptIndexes(layout: Layout, run: RunId): readonly string[] {
  return namesIn(layout.run(run)).filter((name) => name.startsWith('index-'))
}
