import * as z from 'zod'
import { formats, refuseNewer } from './formats.ts'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from './ids.ts'

/** Where one repo of a landing stands. Only `published` repos have a moved target. */
export const landingStepSchema = z.enum(['prepared', 'publishing', 'published', 'rolling_back', 'rolled_back', 'refused', 'stuck'])
export type LandingStep = z.infer<typeof landingStepSchema>

/** One repo of a landing: `to` has exactly `tree` as its tree, and `from` as its first parent or, where commits are kept, below those; it is pinned in the source. */
export const landingRepoSchema = z.object({
  repo: repoNameSchema,
  /** Absolute path of the registered source repository. */
  source: z.string(),
  branch: branchNameSchema,
  from: oidSchema,
  to: oidSchema,
  tree: oidSchema,
  /** The agent's own commits between `from` and `to`, oldest first: there exactly where they are kept. */
  commits: z.array(oidSchema).optional(),
  /** Absolute path of the worktree that has `branch` checked out; null when none has. */
  checkout: z.string().nullable(),
  /** ORIG_HEAD of that checkout before the landing touched it, null when it had none: rolling back puts it back. Absent before that. */
  origHead: oidSchema.nullable().optional(),
  step: landingStepSchema,
  /** Why this repo was refused or is stuck, for the human. */
  because: z.string().optional(),
})
export type LandingRepo = z.infer<typeof landingRepoSchema>

/** Who is at work. A pid alone is reused by the system; with start time and boot id it names one process. */
export const processIdentitySchema = z.object({ pid: z.int(), startTime: z.string(), bootId: z.string() })
export type ProcessIdentity = z.infer<typeof processIdentitySchema>

/** The write-ahead record of a multi-repo landing or undo, on disk before the first target moves. */
export const landingJournalSchema = z.object({
  format: z.literal(formats.journal),
  run: runIdSchema,
  kind: z.enum(['merge', 'undo']),
  owner: processIdentitySchema,
  /** Tag in the environment (`SIGNALBOX_LANDING`) of every git process this landing starts. */
  tag: z.string(),
  repos: z.array(landingRepoSchema),
})
export type LandingJournal = z.infer<typeof landingJournalSchema>

/** Parses the journal that lies at `where`. @throws ControlError `format.newer`, and a `ZodError` when it is none */
export function parseJournal(where: string, value: unknown): LandingJournal {
  refuseNewer(where, value, formats.journal)
  return landingJournalSchema.parse(value)
}

/**
 * How a landing ended. `done`: every target is `to`. `undone`: every target is `from`, nothing happened.
 * `stuck`: some repo could not be brought to either; `repos` says which and why, and nothing was forced.
 */
export interface LandingOutcome {
  readonly state: 'done' | 'undone' | 'stuck'
  readonly repos: readonly LandingRepo[]
}
