import type { LandingRepo, Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { isSameEntry, isSubmodule, readChanges, readStaged, type ChangedPath } from './landing-changes.ts'
import { isStartOfWritten, readStoredAs } from './landing-bytes.ts'
import { readDisk } from './landing-disk.ts'
import { classifyPath, foldersOf, type DiskEntry, type PathState } from './landing-paths.ts'
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
  const disks = await readDisks(here, checkout, changes, change.from)
  const untold = await readUntold(git, checkout, disks, change.from)
  for (const one of disks) {
    const state = untold.get(one.path) ?? await classifyPath(one, one.disk, folders, ({ oid }) => isStartOfWritten(here, checkout, { path: one.path, oid }))
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

/**
 * Returns which side each path is at of which the disk tells nothing, as the index has it: nothing lies where this checkout leaves
 * out a file on purpose, as a sparse one does, and a folder where a submodule is or was, whatever git made of it.
 */
async function readUntold(git: Git, checkout: string, disks: readonly OnDisk[], from: Oid): Promise<ReadonlyMap<string, Side | 'foreign'>> {
  const absent = disks.filter(({ disk }) => disk.kind === 'nothing')
  const skipped = absent.length === 0 ? new Set<string>() : await listSkipped(gitInSource(git, checkout))
  const untold = disks.filter((one) => (one.disk.kind === 'nothing' && skipped.has(one.path)) || (one.disk.kind === 'folder' && isSubmodule(one)))
  return untold.length === 0 ? new Map() : sidesStaged(git, checkout, untold, from)
}

async function listSkipped(here: GitHere): Promise<ReadonlySet<string>> {
  const { stdout } = await here(['ls-files', '-t', '-z'])
  return new Set(stdout.toString('latin1').split('\0').flatMap((entry) => (entry.startsWith('S ') ? [entry.slice(2)] : [])))
}

/** Returns what the index holds of each of these paths. */
async function sidesStaged(git: Git, checkout: string, changes: readonly ChangedPath[], from: Oid): Promise<ReadonlyMap<string, Side | 'foreign'>> {
  const staged = new Map((await readStaged(git, checkout, from)).map((entry) => [entry.path, entry.to]))
  return new Map(changes.map((change) => [change.path, sideStaged(change, staged)]))
}

/** Looks at every path of the change on the disk and in the index of a checkout. */
export async function surveyPaths(git: Git, checkout: string, change: Change): Promise<readonly SurveyedPath[]> {
  const found = await surveyDisk(git, checkout, change)
  const staged = await sidesStaged(git, checkout, found, change.from)
  return found.map((path) => ({ ...path, staged: staged.get(path.path) ?? 'from' }))
}

function sideStaged(change: ChangedPath, staged: ReadonlyMap<string, TreeEntry | undefined>): Side | 'foreign' {
  if (!staged.has(change.path)) return 'from'
  return isSameEntry(staged.get(change.path), change.to) ? 'to' : 'foreign'
}

/** Reads branch, head and tracked changes of a checkout; what git does not know there is not looked for. */
export async function readTrackedStatus(git: Git, checkout: string): Promise<Status> {
  const { stdout } = await gitInSource(git, checkout)(['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=no', '--no-renames', '--no-ahead-behind', '--ignore-submodules=dirty'])
  return parseStatus(stdout)
}
