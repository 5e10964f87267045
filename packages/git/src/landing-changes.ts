import type { LandingRepo, Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { parseRawDiff, type RawChange, type TreeEntry } from './raw-diff.ts'
import { gitInSource } from './source-ref.ts'

/** One path that differs between the two commits of a landing; an undefined side has nothing there. */
export type ChangedPath = RawChange

/** A repository may have git look past its submodules; it takes them along nevertheless. */
const RAW = ['-z', '--raw', '--no-abbrev', '--no-renames', '--no-ext-diff', '--ignore-submodules=none'] as const

/** What was read before through the same git: two commits never come to differ otherwise. */
const known = new WeakMap<Git, Map<string, Promise<readonly ChangedPath[]>>>()

/** Lists every path that differs between the two commits, renames as a removal and an addition. */
export function readChanges(git: Git, folder: string, { from, to }: Pick<LandingRepo, 'from' | 'to'>): Promise<readonly ChangedPath[]> {
  const read = known.get(git) ?? new Map<string, Promise<readonly ChangedPath[]>>()
  known.set(git, read)
  const key = `${folder}\0${from}\0${to}`
  const changes = read.get(key) ?? compare(git, folder, { from, to })
  read.set(key, changes)
  return changes
}

async function compare(git: Git, folder: string, { from, to }: Pick<LandingRepo, 'from' | 'to'>): Promise<readonly ChangedPath[]> {
  const { stdout } = await gitInSource(git, folder)(['diff-tree', '-r', ...RAW, from, to])
  return parseRawDiff(stdout).changes
}

/** Lists every path whose index entry differs from `from`: `to` is what the index holds. */
export async function readStaged(git: Git, checkout: string, from: Oid): Promise<readonly ChangedPath[]> {
  const { stdout } = await gitInSource(git, checkout)(['diff-index', '--cached', ...RAW, from])
  return parseRawDiff(stdout).changes
}

/** Says whether two entries are the same object with the same mode. */
export function isSameEntry(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return a?.mode === b?.mode && a?.oid === b?.oid
}

/** Says whether one side has another repository at the path. */
export function isSubmodule({ from, to }: Pick<ChangedPath, 'from' | 'to'>): boolean {
  return from?.mode === '160000' || to?.mode === '160000'
}
