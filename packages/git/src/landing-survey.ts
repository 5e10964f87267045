import type { LandingRepo, Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { isSameEntry, readChanges, readStaged, type ChangedPath } from './landing-changes.ts'
import { readBytes, readDisk } from './landing-disk.ts'
import { classifyPath, foldersOf, isStartOf, type DiskEntry, type PathState } from './landing-paths.ts'
import type { Side } from './landing-journal.ts'
import type { TreeEntry } from './raw-diff.ts'
import { gitInSource } from './source-ref.ts'

/** One path of the change as it lies in a checkout. */
export interface SurveyedPath extends ChangedPath {
  /** What was on disk at the look. */
  readonly disk: DiskEntry
  readonly state: PathState
  /** What the index holds: one side's entry, or something that somebody staged. */
  readonly staged: Side | 'foreign'
}

type Change = Pick<LandingRepo, 'from' | 'to'>

/** Looks at every path of the change in a checkout, on disk and in the index; changes nothing. */
export async function surveyPaths(git: Git, checkout: string, { from, to }: Change): Promise<readonly SurveyedPath[]> {
  const [changes, differing] = await Promise.all([readChanges(git, checkout, { from, to }), readStaged(git, checkout, from)])
  const staged = new Map(differing.map((entry) => [entry.path, entry.to]))
  const folders = foldersOf(changes)
  const surveyed: SurveyedPath[] = []
  for (const change of changes) {
    const disk = await readDisk(checkout, change.path, from)
    const state = await classifyPath(change, disk, folders, async (entry) => isStartOf(await readBytes(checkout, change.path), await readBlob(git, checkout, entry)))
    surveyed.push({ ...change, disk, state, staged: sideStaged(change, staged) })
  }
  return surveyed
}

function sideStaged(change: ChangedPath, staged: ReadonlyMap<string, TreeEntry | undefined>): Side | 'foreign' {
  if (!staged.has(change.path)) return 'from'
  return isSameEntry(staged.get(change.path), change.to) ? 'to' : 'foreign'
}

/** Returns the bytes of a blob. */
export async function readBlob(git: Git, folder: string, { oid }: { readonly oid: Oid }): Promise<Buffer> {
  return (await gitInSource(git, folder)(['cat-file', 'blob', oid])).stdout
}

/** Lists the paths with changes that are not committed: the tracked ones, or those git does not know as well. */
export async function readDirt(git: Git, checkout: string, kind: 'tracked' | 'all'): Promise<readonly string[]> {
  const { stdout } = await gitInSource(git, checkout)(['status', '--porcelain', '-z', `--untracked-files=${kind === 'all' ? 'all' : 'no'}`, '--no-renames', '--ignore-submodules=dirty'])
  const fields = stdout.toString('latin1').split('\0')
  return fields.filter((field) => field !== '').map((field) => field.slice(3))
}
