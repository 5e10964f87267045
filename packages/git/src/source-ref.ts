import { delimiter, dirname, join } from 'node:path'
import { codeOf, ControlError, hasCode, messageOf, type Isolation, type RepoName, type RunId } from '@signalbox/core'
import type { Git, GitAnswer, GitCall } from './exec.ts'

/** A registered source repository of the human: `path` is the absolute top level of the registered worktree. */
export interface SourceRef {
  readonly repo: RepoName
  readonly path: string
}

/** The checkout of one repo in a run's workspace. */
export interface CheckoutRef {
  readonly run: RunId
  readonly source: SourceRef
  /** Absolute path of the working tree. */
  readonly path: string
  /** Whose git directory it belongs to: the run's own, or the source's. */
  readonly isolation: Isolation
}

/** The door to git with its place fixed: one repository, one profile. */
export type GitHere = (args: readonly [string, ...string[]], more?: Omit<GitCall, 'cwd' | 'gitDir'>) => Promise<GitAnswer>

/** Returns git in a checkout of the human: the one at exactly this path, never one that happens to lie around it. */
export function gitInSource(git: Git, path: string): GitHere {
  const env = boundTo(path)
  return (args, more) => git('source', args, { cwd: path, ...more, env: { ...env, ...more?.env } })
}

/** Returns the environment by which git, started at a checkout, means that one alone. */
export function boundTo(path: string): Readonly<Record<string, string>> {
  const parent = dirname(path)
  // In a list of folders nothing quotes what parts them. Whether the repository may be trusted at all was asked when it was registered, without this.
  return parent.includes(delimiter) ? { GIT_DIR: join(path, '.git') } : { GIT_CEILING_DIRECTORIES: parent }
}

/** Returns git in a bare repository of ours, with nobody's settings. */
export function gitInVault(git: Git, vault: string): GitHere {
  return (args, more) => git('vault', args, { cwd: vault, gitDir: vault, ...more })
}

/** Returns git in a git directory of ours that has no objects of its own but those of another one. */
export function gitOverObjects(git: Git, gitDir: string, objects: string): GitHere {
  return (args, more) => git('vault', args, { cwd: gitDir, gitDir, ...more, env: { GIT_OBJECT_DIRECTORY: objects, ...more?.env } })
}

/**
 * Runs a look at a source and returns its answer; a failed git command or read becomes `repo.unreachable`, which
 * names the repo, so that it can never be taken for an empty answer.
 */
export async function reach<T>(source: SourceRef, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (codeOf(error) !== undefined && !hasCode(error, 'git.command_failed')) throw error
    throw unreachable(source, messageOf(error), error)
  }
}

/** Builds the fault for a source that could not be read. */
export function unreachable(source: SourceRef, because: string, cause?: unknown): ControlError {
  return new ControlError('repo.unreachable', `${source.repo} at ${source.path} could not be read: ${because}`, {
    hint: 'Check that the folder is there and its disk mounted, then try again',
    data: { repo: source.repo, path: source.path },
    cause,
  })
}
