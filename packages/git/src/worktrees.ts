import { existsSync } from 'node:fs'
import { parseOid, type BranchName, type Oid } from '@signalbox/core'
import type { GitHere } from './source-ref.ts'

/** One worktree of a repository that has a branch checked out. */
export interface BranchCheckout {
  readonly path: string
  readonly head: Oid
}

/** Lists the worktrees that have `branch` checked out. One that git calls prunable is left out, its folder being gone. */
export async function listCheckouts(git: GitHere, branch: BranchName): Promise<readonly BranchCheckout[]> {
  const { text } = await git(['worktree', 'list', '--porcelain', '-z'])
  return parseWorktrees(text)
    .filter((worktree) => worktree.get('branch') === `refs/heads/${branch}`)
    .flatMap((worktree) => {
      const path = worktree.get('worktree') ?? ''
      const head = parseOid(worktree.get('HEAD'))
      // Git also calls a worktree prunable whose link back is broken. Its folder is there, so it must not be ignored:
      // the look at it will fail, and a failed look blocks.
      const gone = worktree.has('prunable') && !existsSync(path)
      return head === undefined || gone ? [] : [{ path, head }]
    })
}

/** Splits the records of `git worktree list --porcelain -z` into label and value. */
function parseWorktrees(text: string): readonly ReadonlyMap<string, string>[] {
  return text.split('\0\0').map(
    (record) =>
      new Map(
        record.split('\0').map((line) => {
          const space = line.indexOf(' ')
          return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
        }),
      ),
  )
}
