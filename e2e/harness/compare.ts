import { fingerprint } from '@signalbox/testkit'

/** Everything of several repositories that belongs to their human; equal means that nothing was touched. */
export type Fingerprints = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Fingerprints repositories and worktrees by their paths. */
export function fingerprints(paths: readonly string[]): Fingerprints {
  return Object.fromEntries(paths.map((path) => [path, fingerprint(path)]))
}

/** Returns the names (refs, files) that are new, gone or different, sorted. */
export function differences(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]).toSorted()
}
