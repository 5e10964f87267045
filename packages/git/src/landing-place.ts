import { ControlError, type BranchName, type LandingRepo, type Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import type { Side } from './landing-journal.ts'
import { readHead } from './source.ts'
import { gitInSource, type GitHere } from './source-ref.ts'
import { listCheckouts, type BranchCheckout } from './worktrees.ts'

type Target = Pick<LandingRepo, 'repo' | 'source' | 'branch' | 'from' | 'to'>

/**
 * Returns the worktree that has the branch checked out; undefined when none has.
 * @throws ControlError `merge.stopped` when several have: only one of them could follow the branch
 */
export async function findCheckout(git: Git, source: string, branch: BranchName): Promise<BranchCheckout | undefined> {
  const [first, second] = await listCheckouts(git, source, branch)
  if (first === undefined || second === undefined) return first
  throw new ControlError('merge.stopped', `${branch} is checked out in ${first.path} and in ${second.path}`, { hint: 'Switch one of them to another branch' })
}

/**
 * Where a target stands. `beyond`: somebody built on top of `to`. `beside`: `to` came in only as a further parent of a merge,
 * which may have left out what it holds. `elsewhere`: the landed commit is not in it at all, because the branch moved on
 * without it, or is gone.
 */
export interface Position {
  readonly at: Side | 'beyond' | 'beside' | 'elsewhere'
  readonly head: Oid | undefined
  /** The worktree that has the branch checked out; null when none has. */
  readonly checkout: string | null
}

/** Reads where the branch of a target stands relative to the two commits of its landing, and where it is checked out. */
export async function readPosition(git: Git, { repo, source, branch, from, to }: Target): Promise<Position> {
  const checkout = await findCheckout(git, source, branch)
  const head = checkout?.head ?? (await readHead(git, { repo, path: source }, branch))
  const place = { head, checkout: checkout?.path ?? null }
  if (head === from) return { at: 'from', ...place }
  if (head === to) return { at: 'to', ...place }
  if (head === undefined) return { at: 'elsewhere', ...place }
  return { at: await findRelation(gitInSource(git, source), { to, head }), ...place }
}

async function findRelation(here: GitHere, { to, head }: { readonly to: Oid; readonly head: Oid }): Promise<'beyond' | 'beside' | 'elsewhere'> {
  const { exitCode } = await here(['merge-base', '--is-ancestor', to, head], { okExits: [0, 1] })
  if (exitCode === 1) return 'elsewhere'
  const { text } = await here(['rev-list', '--first-parent', head, `^${to}^@`])
  return text.split('\n').includes(to) ? 'beyond' : 'beside'
}

/** Says in words what is wrong with a position, for the human. */
export function describePosition(target: Target, { at, head }: Position): string {
  const name = `${target.branch} of ${target.repo}`
  if (head === undefined) return `${name} does not exist any more`
  switch (at) {
    case 'beyond':
      return `${name} has commits on top of ${target.to.slice(0, 10)}: it is at ${head.slice(0, 10)}`
    case 'beside':
      return `${name} is at ${head.slice(0, 10)}, which has ${target.to.slice(0, 10)} only as a side of a merge, which may have left out its change; take the branch to ${target.to.slice(0, 10)}, and on from there once the landing is settled`
    case 'elsewhere':
      return `${name} moved to ${head.slice(0, 10)}; it was expected at ${target.from.slice(0, 10)} or ${target.to.slice(0, 10)}`
    case 'from':
    case 'to':
      return `${name} is at ${head.slice(0, 10)}`
    default:
      return at satisfies never
  }
}

/** The git directories of one checkout. */
export interface GitDirs {
  /** Holds index and HEAD of this worktree. */
  readonly gitDir: string
  /** Holds the branches. */
  readonly commonDir: string
}

/** Returns where a checkout keeps its index and refs. */
export function readGitDirs(checkout: string): GitDirs {
  const gitDir = readGitDir(checkout)
  return { gitDir, commonDir: readCommonDir(gitDir) }
}
