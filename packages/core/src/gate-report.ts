import * as z from 'zod'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, snapshotIdSchema, type RepoName } from './ids.ts'

/** Every reason not to merge that this version can find. */
export const blockerCodes = [
  'run_active',
  'snapshot_missing',
  'snapshot_stale',
  'nothing_changed',
  'metadata_stale',
  'target_missing',
  'target_dirty',
  'target_busy',
  'target_moved',
  'merge_conflict',
  'scope_exceeded',
  'reverts_landed_work',
  'checks_missing',
  'checks_failed',
  'checks_stale',
  'approval_missing',
  'approval_stale',
  'repo_unreachable',
  'facts_unavailable',
] as const

export const blockerSchema = z.object({
  code: z.enum(blockerCodes),
  /** Absent when the reason concerns the run as a whole. */
  repo: repoNameSchema.optional(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
  remedy: z.object({ sentence: z.string(), command: z.string().optional() }),
})
export type Blocker = z.infer<typeof blockerSchema>
export type BlockerCode = Blocker['code']

export const gateReportSchema = z.object({
  run: runIdSchema,
  snapshot: snapshotIdSchema.nullable(),
  verdict: z.enum(['mergeable', 'blocked', 'nothing_to_merge']),
  digest: z.string().nullable(),
  repos: z.array(
    z.object({
      repo: repoNameSchema,
      branch: branchNameSchema,
      base: oidSchema,
      tree: oidSchema,
      targetHead: oidSchema.nullable(),
      /** Absolute path of the checkout the landing would update; null when the branch is checked out nowhere. */
      checkout: z.string().nullable(),
      changed: z.boolean(),
      files: z.int(),
      insertions: z.int(),
      deletions: z.int(),
    }),
  ),
  blockers: z.array(blockerSchema),
})
export type GateReport = z.infer<typeof gateReportSchema>

/** Builds a blocker; `repo` is left out of the value when it is undefined. */
export function block(code: BlockerCode, repo: RepoName | undefined, message: string, data: Record<string, unknown>, remedy: Blocker['remedy']): Blocker {
  return { code, ...(repo === undefined ? {} : { repo }), message, data, remedy }
}

/** Names up to five paths and counts the rest: `a, b, c, d, e and 3 more`. */
export function nameUpTo5(paths: readonly string[]): string {
  const named = paths.slice(0, 5).join(', ')
  return paths.length > 5 ? `${named} and ${paths.length - 5} more` : named
}
