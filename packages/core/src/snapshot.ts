import * as z from 'zod'
import { branchNameSchema, oidSchema, repoNameSchema, snapshotIdSchema, type Oid, type RepoName } from './ids.ts'

/** Something the capture could not save, or saved in a way a reviewer must know about. A `submodule_filled` has its files as its recorded commit has them, and nothing else: no snapshot lacks it. */
export const reportedPathSchema = z.object({
  path: z.string(),
  reason: z.enum(['nested_repository', 'unreadable', 'submodule_changed', 'submodule_filled', 'converting_attributes', 'not_convertible', 'filter_failed', 'content_missing', 'workspace_lost', 'conflict_unsettled', 'name_refused']),
})
export type ReportedPath = z.infer<typeof reportedPathSchema>

/**
 * What a reviewer must know of a saved repo that stands in nobody's way. `newly_ignored`: left out by ignore rules that are not
 * those of the base. `sparse`: not in the workspace, and kept as the index there has it. `large`: saved, and 50 MiB or more.
 * `submodule`: its files are there, as its recorded commit has them; they are not saved.
 */
export const reportedSchema = z.object({
  reason: z.enum(['newly_ignored', 'sparse', 'large', 'submodule']),
  paths: z.array(z.string()),
  /** Paths beyond those that are named. */
  more: z.int().nonnegative(),
})
export type Reported = z.infer<typeof reportedSchema>

/** One repo of a snapshot: `commit` has `base` as its only parent and `tree` as its tree; both live in the vault. */
export const snapshotRepoSchema = z.object({
  repo: repoNameSchema,
  base: oidSchema,
  commit: oidSchema,
  /** What git stores: this is reviewed, checked and landed. */
  tree: oidSchema,
  /** The bytes that lay on disk, where git converts them (line ends and the like): for restoring, never for landing. */
  exactTree: oidSchema.optional(),
  files: z.int().nonnegative(),
  insertions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  /** What is not in `tree` though it should be. Empty means complete. */
  missing: z.array(reportedPathSchema),
  /** Absent for nothing, and in snapshots of versions that did not look. */
  reported: z.array(reportedSchema).optional(),
})
export type SnapshotRepo = z.infer<typeof snapshotRepoSchema>

/** A file that is not in a round though it is in the one it was made of. */
export const leftOutSchema = z.object({
  /** The snapshot that has it. */
  from: snapshotIdSchema,
  repo: repoNameSchema,
  path: z.string(),
  /** Which hunks of it, by their numbers in the diff of that snapshot, from 1; null for the file as a whole. */
  hunks: z.array(z.int().positive()).nullable(),
})
export type LeftOut = z.infer<typeof leftOutSchema>

/** Immutable saved state of a run. A *checkpoint* is taken while running; a *round* is sealed for review. */
export const snapshotSchema = z.object({
  id: snapshotIdSchema,
  kind: z.enum(['checkpoint', 'round']),
  complete: z.boolean(),
  /** sha256 over `digestText`, hex. Names exactly what an approval is for. */
  digest: z.string(),
  repos: z.array(snapshotRepoSchema),
  /** There only where it was made of a part of an older one, which stays. */
  part: z.object({ of: snapshotIdSchema, leftOut: z.array(leftOutSchema) }).optional(),
})
export type Snapshot = z.infer<typeof snapshotSchema>

/** The text whose sha256 is a snapshot's digest: lines `repo\0base\0tree\n` sorted by bytes; all of them are ASCII, where JavaScript's order is that of bytes. */
export function digestText(repos: readonly { readonly repo: RepoName; readonly base: Oid; readonly tree: Oid }[]): string {
  return repos
    .map(({ repo, base, tree }) => `${repo}\0${base}\0${tree}\n`)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join('')
}

/** One file of a repo's diff. `insertions` and `deletions` are null for binary content. */
export const diffFileSchema = z.object({
  path: z.string(),
  oldPath: z.string().nullable(),
  status: z.enum(['added', 'modified', 'deleted', 'renamed', 'copied', 'type_changed']),
  insertions: z.int().nullable(),
  deletions: z.int().nullable(),
})
export type DiffFile = z.infer<typeof diffFileSchema>

export const repoDiffSchema = z.object({ repo: repoNameSchema, files: z.array(diffFileSchema), patch: z.string() })
/** The unified patch of one repo (applies with `git apply`, binary files included) and its files. */
export type RepoDiff = z.infer<typeof repoDiffSchema>

/** What the human's checkout looked like when a run began. */
export const sourceStateSchema = z.object({
  /** Branch checked out in the registered folder; null when HEAD is detached. */
  branch: branchNameSchema.nullable(),
  head: oidSchema,
  dirty: z.boolean(),
  paths: z.array(z.string()),
  /** Operation under way there: `merge`, `rebase`, `cherry-pick`, `revert`, `bisect`, `am`; null for none. */
  operation: z.string().nullable(),
})
export type SourceState = z.infer<typeof sourceStateSchema>
