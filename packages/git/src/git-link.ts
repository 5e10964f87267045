import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readPlain } from './git-dir.ts'

/** Bytes of a `.git` file that are read: what names a folder is short. */
const MAX_BYTES = 64 * 1024

/**
 * Says whether the `.git` of a checkout leads to another repository than the one we gave it, whose commits no look of ours
 * sees. One that is missing, or leads nowhere, keeps nothing.
 */
export function isOtherRepository(checkout: string, worktree: string): boolean {
  const path = join(checkout, '.git')
  if (!existsSync(path)) return false
  const target = lstatSync(path).isFile() ? readTarget(path) : undefined
  if (target === undefined) return true
  const dir = resolve(checkout, target)
  return dir !== worktree && existsSync(dir) && !(existsSync(worktree) && realpathSync(dir) === realpathSync(worktree))
}

/** Returns the folder that a `.git` file names; undefined where it says nothing of the kind or cannot be read: what it hides is then unknown. */
function readTarget(path: string): string | undefined {
  try {
    return /^gitdir: (.+?)\s*$/s.exec(readPlain(path, { maxBytes: MAX_BYTES })?.toString() ?? '')?.[1]
  } catch {
    return undefined
  }
}
