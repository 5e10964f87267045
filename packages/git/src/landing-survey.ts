import type { LandingRepo } from '@signalbox/core'
import { readBlob } from './blobs.ts'
import type { Git } from './exec.ts'
import { isSameEntry, readChanges, readStaged, type ChangedPath } from './landing-changes.ts'
import { readBytes, readDisk } from './landing-disk.ts'
import { classifyPath, foldersOf, isStartOf, type DiskEntry, type PathState } from './landing-paths.ts'
import type { Side } from './landing-journal.ts'
import type { TreeEntry } from './raw-diff.ts'
import { gitInSource } from './source-ref.ts'
import { parseStatus, type Status } from './status.ts'

/** A repo whose branch some worktree has checked out. */
export type CheckedOut = LandingRepo & { readonly checkout: string }

/** One path of the change as it lies on disk. */
export interface FoundPath extends ChangedPath {
  readonly disk: DiskEntry
  readonly state: PathState
}

/** One path of the change as it lies on disk and in the index. */
export interface SurveyedPath extends FoundPath {
  /** What the index holds: one side's entry, or something that somebody staged. */
  readonly staged: Side | 'foreign'
}

type Change = Pick<LandingRepo, 'from' | 'to'>

/** Looks at every path of the change on the disk of a checkout. */
export async function surveyDisk(git: Git, checkout: string, change: Change): Promise<readonly FoundPath[]> {
  const changes = await readChanges(git, checkout, change)
  const folders = foldersOf(changes)
  const found: FoundPath[] = []
  for (const one of changes) {
    const disk = await readDisk(checkout, one.path, change.from)
    const state = await classifyPath(one, disk, folders, async (entry) => isStartOf(await readBytes(checkout, one.path), await readBlob(gitInSource(git, checkout), entry)))
    found.push({ ...one, disk, state })
  }
  return found
}

/** Looks at every path of the change on the disk and in the index of a checkout. */
export async function surveyPaths(git: Git, checkout: string, change: Change): Promise<readonly SurveyedPath[]> {
  const [found, differing] = await Promise.all([surveyDisk(git, checkout, change), readStaged(git, checkout, change.from)])
  const staged = new Map(differing.map((entry) => [entry.path, entry.to]))
  return found.map((path) => ({ ...path, staged: sideStaged(path, staged) }))
}

function sideStaged(change: ChangedPath, staged: ReadonlyMap<string, TreeEntry | undefined>): Side | 'foreign' {
  if (!staged.has(change.path)) return 'from'
  return isSameEntry(staged.get(change.path), change.to) ? 'to' : 'foreign'
}

/** Reads branch, head and tracked changes of a checkout; what git does not know there is not looked for. */
export async function readTrackedStatus(git: Git, checkout: string): Promise<Status> {
  const { text } = await gitInSource(git, checkout)(['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=no', '--no-renames', '--no-ahead-behind', '--ignore-submodules=dirty'])
  return parseStatus(text)
}
