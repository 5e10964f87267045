import type { Oid } from './ids.ts'

/** How a branch came from one commit to a later one. */
export interface Advance {
  /** Every commit of it, in any order: each has exactly one parent, and together they lead from the one to the other. */
  readonly commits: readonly Oid[]
  /** Every path that any of them changed. */
  readonly paths: readonly string[]
}

/** A target that only our own records took further since the base, beside the change: it counts as being at the base. */
export interface OwnAdvance {
  readonly to: Oid
  readonly commits: number
}

/** Tells whether a branch was only taken further by commits of ours, and none of them touches what a change touches. */
export function isOwnAdvance({ commits, paths }: Advance, own: ReadonlySet<Oid>, changed: readonly string[]): boolean {
  return commits.length > 0 && commits.every((commit) => own.has(commit)) && areDisjoint(paths, changed)
}

/**
 * A path collides with itself, and with every folder it lies in: where one side has a file, the other cannot have a folder.
 * On the disk of a Mac or of Windows, so do names that differ in capitals or in how accents are written.
 */
function areDisjoint(some: readonly string[], others: readonly string[]): boolean {
  const covers = (paths: readonly string[]): ReadonlySet<string> => new Set(paths.map(fold).flatMap((path) => [...path.matchAll(/\/|$/g)].map(({ index }) => path.slice(0, index))))
  const [theirs, ours] = [covers(some), covers(others)]
  return others.every((path) => !theirs.has(fold(path))) && some.every((path) => !ours.has(fold(path)))
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
