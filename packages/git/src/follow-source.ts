import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { agentDirsOf } from './agent-dirs.ts'
import { borrowedList, borrowsOnly } from './borrowed.ts'
import { alternatesLine, readPlain } from './git-dir.ts'
import { linkedWorktree } from './layout.ts'
import { refuseForeignWorktree } from './linked-worktree.ts'
import type { CheckoutRef } from './source-ref.ts'
import { lookAt } from './look-at.ts'
import { storesOf } from './vault.ts'
import type { WorkspaceTools } from './workspace.ts'
import { writeSynced } from './write-synced.ts'

/**
 * Lets git in the checkout of a run find its source again where that was moved since: it borrows the objects of the source, or is linked
 * to it, by a path. What the agent changed there stays as it is. No process of the run may be alive.
 */
export function followSource(tools: WorkspaceTools, checkout: CheckoutRef): Promise<void> {
  return checkout.isolation === 'linked' ? followByLink(tools, checkout) : followByList(tools, checkout)
}

async function followByList({ layout, vaults }: WorkspaceTools, checkout: CheckoutRef): Promise<void> {
  const { gitDir } = agentDirsOf(layout, checkout)
  const objects = join(gitDir, 'objects')
  const file = borrowedList(objects)
  const list = storesOf(checkout.source).map(alternatesLine).join('')
  if (![gitDir, objects, dirname(file)].every(isFolder) || readPlain(file)?.toString('utf8') === list) return
  if (borrowsOnly(await vaults.open(checkout.source), objects)) await writeSynced(file, list)
}

async function followByLink({ layout }: WorkspaceTools, checkout: CheckoutRef): Promise<void> {
  const { worktree } = agentDirsOf(layout, checkout)
  const file = join(checkout.path, '.git')
  const [, linkedTo] = /^gitdir: (.+)\n$/.exec((isFolder(checkout.path) ? readPlain(file)?.toString('utf8') : undefined) ?? '') ?? []
  if (linkedTo === undefined || basename(linkedTo) !== linkedWorktree(checkout.run) || existsSync(linkedTo) || !existsSync(worktree)) return
  refuseForeignWorktree(layout, checkout)
  await writeSynced(file, `gitdir: ${worktree}\n`)
}

/** Not a link to one: what is written is written where we look. */
function isFolder(path: string): boolean {
  return lookAt(path)?.isDirectory() === true
}
