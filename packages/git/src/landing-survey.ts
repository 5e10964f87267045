import type { LandingRepo, Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { isSameEntry, readChanges, readStaged, type ChangedPath } from './landing-changes.ts'
import { readStoredAs, readWrittenFile } from './landing-bytes.ts'
import { readBytes, readDisk } from './landing-disk.ts'
import { classifyPath, foldersOf, isStartOf, type DiskEntry, type PathState } from './landing-paths.ts'
import type { Side } from './landing-journal.ts'
import type { TreeEntry } from './raw-diff.ts'
import { gitInSource, type GitHere } from './source-ref.ts'
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
  const here = gitInSource(git, checkout)
  const changes = await readChanges(git, checkout, change)
  const folders = foldersOf(changes)
  const found: FoundPath[] = []
  for (const one of await readDisks(here, checkout, changes, change.from)) {
    const state = await classifyPath(one, one.disk, folders, async ({ oid }) => isStartOf(await readBytes(checkout, one.path), await readWrittenFile(here, { path: one.path, oid })))
    found.push({ ...one, state })
  }
  return found
}

type OnDisk = ChangedPath & { readonly disk: DiskEntry }

/** Reads what lies at these paths. Git is asked only about files that hold the bytes of neither side: some checkouts hold other bytes than are stored. */
async function readDisks(here: GitHere, checkout: string, changes: readonly ChangedPath[], like: Oid): Promise<readonly OnDisk[]> {
  const read: OnDisk[] = []
  for (const change of changes) read.push({ ...change, disk: await readDisk(checkout, change.path, like) })
  const other = read.filter(({ disk, from, to }) => disk.kind === 'file' && disk.oid !== from?.oid && disk.oid !== to?.oid).map(({ path }) => path)
  const stored = await readStoredAs(here, other)
  return read.map((one) => {
    const storedOid = stored.get(one.path)
    return one.disk.kind === 'file' && storedOid !== undefined ? { ...one, disk: { ...one.disk, storedOid } } : one
  })
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
