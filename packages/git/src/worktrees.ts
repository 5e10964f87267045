import { existsSync } from 'node:fs'
import { ControlError, parseOid, type BranchName, type ErrorCode, type Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readCommonDir, readGitDir, repositoryOf } from './git-dir.ts'
import { readWorktreePath } from './operation.ts'
import { gitInSource } from './source-ref.ts'

/** One worktree of a repository that has a branch checked out. */
export interface BranchCheckout {
  readonly path: string
  readonly head: Oid
}

/**
 * Lists the worktrees that have `branch` checked out. One that git calls prunable is left out, its folder being gone.
 * @throws ControlError `git.command_failed` where the main worktree has it and is not where git thinks
 */
export async function listCheckouts(git: Git, source: string, branch: BranchName): Promise<readonly BranchCheckout[]> {
  return (await readWorktrees(git, source))
    .filter(({ labels }) => labels.get('branch') === `refs/heads/${branch}`)
    .flatMap(({ labels, listed, path }) => {
      const head = parseOid(labels.get('HEAD'))
      if (path === undefined) throw lostMain('git.command_failed', source, listed)
      // Git also calls a worktree prunable whose link back is broken. Its folder is there, so it must not be ignored:
      // the look at it will fail, and a failed look blocks.
      const gone = labels.has('prunable') && !existsSync(path)
      return head === undefined || gone ? [] : [{ path, head }]
    })
}

/**
 * Refuses a linked worktree of a repository whose main one could not be found when something is to land there.
 * @throws ControlError `input.invalid`
 */
export async function refuseLostMain(git: Git, source: string): Promise<void> {
  const lost = (await readWorktrees(git, source)).find(({ labels, path }) => path === undefined && !labels.has('bare'))
  if (lost !== undefined) throw lostMain('input.invalid', source, lost.listed)
}

function lostMain(code: ErrorCode, source: string, listed: string): ControlError {
  return new ControlError(code, `${source} is a linked worktree, and where the main one is cannot be told: git names ${listed}, which is no checkout of it`, {
    hint: 'Register the main checkout itself: signalbox repo add PATH',
    data: { source, listed },
  })
}

interface Worktree {
  readonly labels: ReadonlyMap<string, string>
  /** Where git says it is. */
  readonly listed: string
  /** Where it is; undefined when that cannot be told. */
  readonly path: string | undefined
}

/**
 * Reads the worktrees of a repository, the main one first. Git only guesses where that is, from the place of its git directory,
 * which need not lie in it; and it remembers where a linked one was once made. So of the one we came through we know better.
 */
async function readWorktrees(git: Git, source: string): Promise<readonly Worktree[]> {
  const { text } = await gitInSource(git, source)(['worktree', 'list', '--porcelain', '-z'])
  const gitDir = readGitDir(source)
  const commonDir = readCommonDir(gitDir)
  const own = gitDir === commonDir ? undefined : readWorktreePath(commonDir, gitDir)
  return parseWorktrees(text).map((labels, index) => {
    const listed = labels.get('worktree') ?? ''
    const isOwn = index === 0 ? own === undefined : listed === own
    const isKnown = isOwn || index > 0 || repositoryOf(listed) === repositoryOf(source)
    return { labels, listed, path: isOwn ? source : isKnown ? listed : undefined }
  })
}

/** Splits the records of `git worktree list --porcelain -z` into label and value. */
function parseWorktrees(text: string): readonly ReadonlyMap<string, string>[] {
  return text
    .split('\0\0')
    .filter((record) => record !== '')
    .map(
      (record) =>
        new Map(
          record.split('\0').map((line) => {
            const space = line.indexOf(' ')
            return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
          }),
        ),
    )
}
