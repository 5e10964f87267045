import { existsSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ControlError } from '@signalbox/core'
import { agentDirsOf } from './agent-dirs.ts'
import { readIfThere } from './git-dir.ts'
import type { Layout } from './layout.ts'
import { namesIn } from './names-in.ts'
import { removeTree } from './remove-tree.ts'
import type { CheckoutRef } from './source-ref.ts'

/**
 * Makes sure that the directory git keeps for the linked worktree of a checkout is that of this checkout: another memory
 * repo on the same source has runs of the same name, and a human may have moved the worktree. Private ones are never shared.
 * @throws ControlError `input.invalid` when it is that of a worktree somewhere else, or nobody can tell whose it is
 */
export function refuseForeignWorktree(layout: Layout, checkout: CheckoutRef): void {
  if (checkout.isolation !== 'linked') return
  const { worktree } = agentDirsOf(layout, checkout)
  const text = readIfThere(join(worktree, GITDIR))?.trim() ?? ''
  // Whoever makes one names its place first, and whoever removes one takes that name last: a kill leaves none alone.
  if (text === '' ? namesIn(worktree).every((name) => name === GITDIR) : isSame(dirname(resolve(worktree, text)), checkout.path)) return
  throw new ControlError('input.invalid', `${worktree} belongs to ${text === '' ? 'a worktree that it does not name' : dirname(resolve(worktree, text))} and not to ${checkout.path}, so nothing of it is touched`, {
    hint: 'Move that worktree away with `git worktree`: back to its run if it was moved from there, else remove it when nobody needs it, or use private isolation',
    data: { path: worktree },
  })
}

/** Removes the directory git keeps for the linked worktree of a checkout. @throws ControlError `input.invalid` when it is not that of this checkout */
export async function removeLinkedWorktree(layout: Layout, checkout: CheckoutRef): Promise<void> {
  refuseForeignWorktree(layout, checkout)
  const { worktree } = agentDirsOf(layout, checkout)
  for (const name of namesIn(worktree)) if (name !== GITDIR) await removeTree(join(worktree, name))
  await rm(worktree, { recursive: true, force: true })
}

/** The file that names the `.git` of a worktree, in the directory git keeps for it. */
const GITDIR = 'gitdir'

function isSame(a: string, b: string): boolean {
  return a === b || (existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b))
}
