import { sharedPlaces } from './hidden.ts'

/** A command that is to be confined. Paths are absolute. */
export interface ConfinedCommand {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Variables that only the confined processes get, not the one that confines them. */
  readonly inside: Readonly<Record<string, string>>
  /** Folder for a home and a place for temporary files; made where it is missing. */
  readonly folder: string
  /** Folders it may write below; they cannot be moved or replaced from inside. */
  readonly write: readonly string[]
  /** What it must be able to read, wherever that lies. */
  readonly read: readonly string[]
  readonly policy: { readonly network: 'allow' | 'deny'; readonly write: readonly string[] }
}

/** What of the file system a confined process sees, gathered. Everything else it sees as it is, and cannot write. */
export interface View {
  /** The home of the human: from inside, a folder of the run's own with what lies in theirs, to read. */
  readonly home: string
  readonly homeEntries: readonly string[]
  /** Ours, in place of that home and of the shared places for temporary files. */
  readonly ownHome: string
  readonly ownTemporary: string
  /** Those of the shared places that this machine has. */
  readonly shared: readonly string[]
  /** Folders of the human they let it write below. */
  readonly opened: readonly string[]
  readonly read: readonly string[]
  readonly hidden: readonly { readonly path: string; readonly isFolder: boolean }[]
  readonly write: readonly string[]
  /** To read although they lie in what is hidden. */
  readonly shown: readonly string[]
}

/** Returns the mounts that make a view, in the order bubblewrap makes them: a later one lies over an earlier one. */
export function mountsOf(view: View): readonly string[] {
  const readOnly = (path: string): readonly string[] => ['--ro-bind', path, path]
  const writable = (path: string): readonly string[] => ['--bind', path, path]
  const shared = view.shared.flatMap((place) => {
    if (place === '/dev') return ['--dev', place]
    return place === '/run' ? ['--tmpfs', place] : ['--bind', view.ownTemporary, place]
  })
  const folders = view.hidden.filter(({ isFolder }) => isFolder).map(({ path }) => path)
  return [
    ...readOnly('/'),
    ...shared,
    '--proc',
    '/proc',
    '--bind',
    view.ownHome,
    view.home,
    ...view.homeEntries.flatMap(readOnly),
    ...view.opened.flatMap(writable),
    // Over what was opened: a source stays its human's.
    ...view.read.flatMap(readOnly),
    ...view.hidden.flatMap(({ path, isFolder }) => (isFolder ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path])),
    ...view.shown.flatMap(readOnly),
    ...view.write.flatMap(writable),
    // Now that the mounts within are made: what is written there would look saved, and be gone.
    ...folders.flatMap((path) => ['--remount-ro', path]),
    ...(view.shared.includes('/run') ? ['--remount-ro', '/run'] : []),
  ]
}

/** Tells whether a path is a folder or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/** Tells whether a path lies where the confined see something else. */
export function isInSharedPlace(path: string): boolean {
  return sharedPlaces.some((place) => isWithin(path, place))
}
