import { ControlError, parseBranchName, parseOid, type BranchName, type Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { showPath } from './raw-diff.ts'
import { gitInSource } from './source-ref.ts'

/** What `git status` says of a checkout. Paths are relative to its top, one character per byte: `showPath` makes them readable. */
export interface Status {
  /** Undefined before the first commit. */
  readonly head: Oid | undefined
  /** Null when HEAD is detached. */
  readonly branch: BranchName | null
  readonly staged: readonly string[]
  readonly unstaged: readonly string[]
  readonly untracked: readonly string[]
  /** Paths in conflict; they are among the staged and the unstaged, too. */
  readonly conflicted: readonly string[]
  /** Paths that `git add -N` announced; they are among the unstaged, too. */
  readonly announced: readonly string[]
  /** Submodules at another commit; they are among the staged or the unstaged, too. */
  readonly submodules: readonly string[]
  /** Mode and object id of what the index holds where it differs from HEAD; of a path in conflict, of all its sides. */
  readonly index: readonly (readonly [path: string, id: string])[]
}

/**
 * Reads the state of a checkout of the human without refreshing its index. What lies inside submodules is not
 * looked at (that would run git in them); a submodule at another commit is a change. Filter programs run where they are allowed.
 */
export async function readStatus(git: Git, checkout: string): Promise<Status> {
  const here = gitInSource(git, checkout)
  const { stdout } = await here(['--no-optional-locks', 'status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--ignore-submodules=dirty', '--no-renames', '--no-ahead-behind'])
  return parseStatus(stdout)
}

/** Parses the NUL-separated porcelain version 2 of `git status`. */
export function parseStatus(output: Buffer): Status {
  const staged: string[] = []
  const unstaged: string[] = []
  const untracked: string[] = []
  const conflicted: string[] = []
  const announced: string[] = []
  const submodules: string[] = []
  const index: (readonly [string, string])[] = []
  const headers = new Map<string, string>()
  for (const entry of output.toString('latin1').split('\0')) {
    const [kind = ''] = entry
    if (kind === '') continue
    if (kind === '#') headers.set(entry.split(' ', 2)[1] ?? '', entry.split(' ').slice(2).join(' '))
    else if (kind === '?') untracked.push(entry.slice(2))
    else {
      const path = pathOf(kind, entry)
      if (kind === 'u' || entry[2] !== '.') {
        staged.push(path)
        index.push([path, idOf(kind, entry)])
      }
      if (kind === 'u' || entry[3] !== '.') unstaged.push(path)
      if (kind === 'u') conflicted.push(path)
      if (entry.startsWith('1 .A')) announced.push(path)
      if (entry[5] === 'S') submodules.push(path)
    }
  }
  const branch = showPath(headers.get('branch.head') ?? '')
  return { head: parseOid(headers.get('branch.oid')), branch: branch === '(detached)' ? null : branchOf(branch), staged, unstaged, untracked, conflicted, announced, submodules, index }
}

/** Fields before the path, by kind of entry; `2` (renames) is never asked for. */
const FIELDS: Readonly<Record<string, number>> = { '1': 8, u: 10 }

function pathOf(kind: string, entry: string): string {
  const fields = FIELDS[kind]
  if (fields === undefined) throw unexpected(entry)
  return entry.split(' ').slice(fields).join(' ')
}

/** Returns what the index holds of an entry: `mH mI mW hH hI` follow its state, of a conflict `m1 m2 m3 mW h1 h2 h3`. */
function idOf(kind: string, entry: string): string {
  const fields = entry.split(' ')
  return kind === 'u' ? `conflict ${fields.slice(7, 10).join(' ')}` : `${fields[4]} ${fields[7]}`
}

function branchOf(name: string): BranchName {
  const branch = parseBranchName(name)
  if (branch === undefined) throw unexpected(`branch.head ${name}`)
  return branch
}

function unexpected(entry: string): ControlError {
  return new ControlError('git.command_failed', `git status answered in a form this version does not know: ${JSON.stringify(entry.slice(0, 120))}`, {
    hint: 'Report this with the output of `git --version`',
  })
}
