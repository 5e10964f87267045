import type { Oid } from '@signalbox/core'
import type { ChangedPath } from './landing-changes.ts'
import type { TreeEntry } from './raw-diff.ts'

/** What lies at a path of a checkout. `nothing` also when a parent is no folder. */
export type DiskEntry =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'folder' }
  /** `storedOid` where git would store other bytes than lie there. */
  | { readonly kind: 'file'; readonly oid: Oid; readonly storedOid?: Oid; readonly executable: boolean }
  | { readonly kind: 'link'; readonly oid: Oid }
  | { readonly kind: 'other' }

/**
 * What a path of the change holds after an interruption. `from` and `to` are the two commits' bytes; `missing` was
 * removed and not yet written again; `partial` is the beginning of one side's bytes. All of these git leaves behind.
 * `foreign` it does not: somebody edited the file, and those bytes are theirs.
 */
export type PathState = 'from' | 'to' | 'missing' | 'partial' | 'foreign'

/** Tells which sides have something below a path, that is, hold a folder there. */
export interface FoldersOf {
  readonly from: ReadonlySet<string>
  readonly to: ReadonlySet<string>
}

/** Collects the folders that the changed paths of each side lie in. */
export function foldersOf(changes: readonly ChangedPath[]): FoldersOf {
  const from = new Set<string>()
  const to = new Set<string>()
  for (const change of changes) {
    for (let end = change.path.lastIndexOf('/'); end > 0; end = change.path.lastIndexOf('/', end - 1)) {
      const folder = change.path.slice(0, end)
      if (change.from !== undefined) from.add(folder)
      if (change.to !== undefined) to.add(folder)
    }
  }
  return { from, to }
}

/**
 * Returns the state of one path of the change.
 * `startsSide` says whether the bytes on disk are the beginning of a side's bytes; it is asked only where that decides.
 */
export async function classifyPath(change: ChangedPath, disk: DiskEntry, folders: FoldersOf, startsSide: (entry: TreeEntry) => Promise<boolean>): Promise<PathState> {
  const modeMatters = change.from?.mode !== change.to?.mode
  if (matches(change.from, disk, folders.from.has(change.path), modeMatters)) return 'from'
  if (matches(change.to, disk, folders.to.has(change.path), modeMatters)) return 'to'
  if (disk.kind === 'nothing') return 'missing'
  if (disk.kind !== 'file') return 'foreign'
  for (const entry of [change.to, change.from]) {
    if (entry !== undefined && isFile(entry) && (await startsSide(entry))) return 'partial'
  }
  return 'foreign'
}

function matches(entry: TreeEntry | undefined, disk: DiskEntry, holdsFolder: boolean, modeMatters: boolean): boolean {
  switch (disk.kind) {
    case 'nothing':
      return entry === undefined
    case 'folder':
      return entry === undefined && holdsFolder
    case 'link':
      return entry?.mode === '120000' && entry.oid === disk.oid
    case 'file':
      // Where the change leaves the mode alone, an executable bit is the file system's or the human's business.
      return entry !== undefined && isFile(entry) && (entry.oid === disk.oid || entry.oid === disk.storedOid) && (!modeMatters || disk.executable === (entry.mode === '100755'))
    case 'other':
      return false
    default:
      return disk satisfies never
  }
}

/** Says whether an entry is a plain or executable file. */
export function isFile(entry: TreeEntry): boolean {
  return entry.mode === '100644' || entry.mode === '100755'
}
