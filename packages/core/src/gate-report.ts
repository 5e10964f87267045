import * as z from 'zod'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, snapshotIdSchema, type RepoName } from './ids.ts'

/** Every reason not to merge that this version can find. */
export const blockerCodes = [
  'run_active',
  'run_escaped',
  'repo_tampered',
  'snapshot_missing',
  'snapshot_stale',
  'nothing_changed',
  'metadata_stale',
  'target_missing',
  'target_dirty',
  'target_busy',
  'target_moved',
  'merge_conflict',
  'commits_unfit',
  'scope_exceeded',
  'reverts_landed_work',
  'checks_missing',
  'checks_failed',
  'checks_stale',
  'secret_found',
  'question_open',
  'finding_open',
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
  remedy: z.object({
    sentence: z.string(),
    command: z.string().optional(),
    /** How a human waives it with a reason; absent where nobody may. */
    waive: z.string().optional(),
  }),
})
export type Blocker = z.infer<typeof blockerSchema>
export type BlockerCode = Blocker['code']

/** A blocker that a human waived, with their reason. */
export const waivedSchema = z.object({ ...blockerSchema.pick({ code: true, repo: true, message: true }).shape, because: z.string(), by: z.string(), at: z.string() })
export type Waived = z.infer<typeof waivedSchema>

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
      /** Where only our own records took the target further since the base, beside the change: `targetHead` is then still the base, and the change lands on `to`. */
      advanced: z.object({ to: oidSchema, commits: z.int().positive() }).optional(),
      /** Absolute path of the checkout the landing would update; null when the branch is checked out nowhere. */
      checkout: z.string().nullable(),
      changed: z.boolean(),
      files: z.int(),
      insertions: z.int(),
      deletions: z.int(),
    }),
  ),
  blockers: z.array(blockerSchema),
  /** What would block, had a human not waived it for this very round. */
  waived: z.array(waivedSchema),
  /** Of a landing that keeps the agent's commits: which those are, oldest first, and whether there is one more on top (`rest`). `digest` is what a yes to them names; null where it cannot be given. */
  kept: z.object({ digest: z.string().nullable(), repos: z.array(z.object({ repo: repoNameSchema, commits: z.array(oidSchema), rest: z.boolean() })) }).optional(),
  /** The yes to this round that a refresh may carry over: there only while targets that moved are all that stands in its way. */
  carries: z.object({ by: z.string(), at: z.string() }).optional(),
})
export type GateReport = z.infer<typeof gateReportSchema>

/** Builds a blocker; `repo` is left out of the value when it is undefined. */
export function block(code: BlockerCode, repo: RepoName | undefined, message: string, data: Record<string, unknown>, remedy: Blocker['remedy']): Blocker {
  return { code, ...(repo === undefined ? {} : { repo }), message, data, remedy }
}

export { nameUpTo5 } from './amounts.ts'
