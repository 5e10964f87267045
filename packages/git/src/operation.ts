import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { BranchName } from '@signalbox/core'
import { isMissing, readIfThere } from './git-dir.ts'

/** What a worktree can be in the middle of. */
export type Operation = 'merge' | 'rebase' | 'am' | 'cherry-pick' | 'revert' | 'bisect'

/** Returns every operation under way in the worktree of this git directory, told by the files git keeps for it. */
export function findOperations(gitDir: string): readonly Operation[] {
  const has = (name: string): boolean => existsSync(join(gitDir, name))
  const sequence = readIfThere(join(gitDir, 'sequencer', 'todo')) ?? ''
  const found: readonly (readonly [Operation, boolean])[] = [
    ['rebase', has('rebase-merge') || (has('rebase-apply') && !has(join('rebase-apply', 'applying')))],
    ['am', has(join('rebase-apply', 'applying'))],
    ['cherry-pick', has('CHERRY_PICK_HEAD') || /^pick/m.test(sequence)],
    ['revert', has('REVERT_HEAD') || /^revert/m.test(sequence)],
    ['merge', has('MERGE_HEAD')],
    ['bisect', has('BISECT_LOG') || has('BISECT_START')],
  ]
  return found.filter(([, underWay]) => underWay).map(([operation]) => operation)
}

/** Returns the git directories of all worktrees of a repository: the common one, then each linked one. */
export function listWorktreeDirs(commonDir: string): readonly string[] {
  const folder = join(commonDir, 'worktrees')
  try {
    return [commonDir, ...readdirSync(folder).map((name) => join(folder, name))]
  } catch (error) {
    if (isMissing(error)) return [commonDir]
    throw error
  }
}

/** Returns the folder a worktree's git directory belongs to. */
export function readWorktreePath(commonDir: string, gitDir: string): string {
  if (gitDir === commonDir) return dirname(commonDir)
  const link = readIfThere(join(gitDir, 'gitdir'))?.trim()
  return dirname(link === undefined ? gitDir : resolve(gitDir, link))
}

/** Returns the operations of one worktree that will come back to `branch`, though HEAD is detached meanwhile. */
export function findHoldOn(gitDir: string, branch: BranchName): readonly Operation[] {
  const ref = `refs/heads/${branch}`
  const read = (...name: string[]): string => readIfThere(join(gitDir, ...name))?.trim() ?? ''
  const rebased = [read('rebase-merge', 'head-name'), read('rebase-apply', 'head-name'), ...read('rebase-merge', 'update-refs').split('\n')]
  const start = read('BISECT_START')
  return [...(rebased.includes(ref) ? (['rebase'] as const) : []), ...(start === branch || start === ref ? (['bisect'] as const) : [])]
}

/** What a git that moves a branch locks in the git directory of its checkout. */
export const CHECKOUT_LOCKS: readonly string[] = ['index.lock', 'HEAD.lock', 'ORIG_HEAD.lock']

/** Returns the lock files that stand against a move of `branch`; `gitDir` is that of its checkout. */
export function findLocks(commonDir: string, branch: BranchName, gitDir: string | undefined): readonly string[] {
  const inCheckout = gitDir === undefined ? [] : CHECKOUT_LOCKS.map((name) => join(gitDir, name))
  return [...inCheckout, join(commonDir, 'refs', 'heads', `${branch}.lock`), join(commonDir, 'packed-refs.lock')].filter((path) => existsSync(path))
}
