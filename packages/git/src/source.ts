import { statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, parseOid, type BranchName, type Oid, type SourceState } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { findOperations } from './operation.ts'
import { showPath } from './raw-diff.ts'
import { gitInSource, reach, unreachable, type GitHere, type SourceRef } from './source-ref.ts'
import { readStatus, type Status } from './status.ts'

/**
 * Returns the head of a local branch; `undefined` when there is none.
 * @throws ControlError `repo.unreachable`, also for a branch whose file cannot be read
 */
export function readHead(git: Git, source: SourceRef, branch: BranchName): Promise<Oid | undefined> {
  return reach(source, async () => {
    const here = gitInSource(git, source.path)
    const ref = `refs/heads/${branch}`
    const { text } = await here(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], { okExits: [0, 1] })
    const head = parseOid(text.trim())
    if (head === undefined && (await exists(here, source, ref))) throw unreachable(source, `its branch ${branch} names no commit that is there`)
    return head
  })
}

/** Says whether a repository lies there at all, readable or not. @throws ControlError `repo.unreachable` when nobody can tell */
export function isThere(source: SourceRef): boolean {
  try {
    return statSync(join(source.path, '.git'), { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    throw unreachable(source, messageOf(error), error)
  }
}

/** Returns those of some commits that a source does not hold. @throws ControlError `repo.unreachable` */
export async function findAbsent(git: Git, source: SourceRef, commits: readonly Oid[]): Promise<readonly Oid[]> {
  if (commits.length === 0) return []
  const { text } = await reach(source, () => gitInSource(git, source.path)(['cat-file', '--batch-check=%(objectname)'], { stdin: commits.map((commit) => `${commit}^{commit}\n`).join('') }))
  const found = new Set(text.split('\n'))
  return commits.filter((commit) => !found.has(commit))
}

/** Tells a broken branch from none: of both, git only says that they lead to no commit. */
async function exists(here: GitHere, source: SourceRef, ref: string): Promise<boolean> {
  const file = statSync(join(readCommonDir(readGitDir(source.path)), ref), { throwIfNoEntry: false })
  const { text } = await here(['for-each-ref', '--format=%(refname)', ref])
  return file?.isFile() === true || text.split('\n').includes(ref)
}

/**
 * Returns what the registered checkout looks like now.
 * @throws ControlError `repo.unreachable`
 */
export function readState(git: Git, source: SourceRef): Promise<SourceState> {
  return reach(source, async () => {
    return toState(source, await readStatus(git, source.path))
  })
}

/** Tells the state of a checkout from what git says of it. */
export function toState(source: SourceRef, status: Status): SourceState {
  if (status.head === undefined) throw unreachable(source, 'it has no commit')
  const paths = [...new Set([...status.staged, ...status.unstaged, ...status.untracked])].map(showPath)
  const [operation = null] = findOperations(readGitDir(source.path))
  return { branch: status.branch, head: status.head, dirty: paths.length > 0, paths, operation }
}
