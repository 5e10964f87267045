import * as z from 'zod'
import { spendingLimitsSchema } from './spending.ts'
import { repoConfigSchema, runMinutesSchema } from './config.ts'
import { effortIdSchema, branchNameSchema, findingIdSchema, oidSchema, repoNameSchema, repoNamesSchema, runIdSchema, snapshotIdSchema, taskIdSchema } from './ids.ts'
import { findingStates, sides } from './findings.ts'
import { filterRequestSchema } from './filters.ts'
import { isolationSchema } from './isolation.ts'
import { baseBranchSchema, scopeSchema, taskStatusSchema } from './records.ts'
import { sourceLookSchema } from './source-change.ts'
import { mergeStrategySchema } from './strategy.ts'
import { waivableCodes } from './waiver.ts'

// What callers send. What they get is in views.ts.

export const newRepoSchema = z.object({
  path: z.string().min(1),
  name: repoNameSchema,
  baseBranch: branchNameSchema.optional(),
  /** Absent: none, or what the repo had when it is registered again. */
  setup: repoConfigSchema.shape.setup.unwrap().optional(),
  files: repoConfigSchema.shape.files.unwrap().optional(),
  checks: repoConfigSchema.shape.checks.unwrap().optional(),
  /** Filter programs that may run for it on this machine, in the place of those allowed before; absent: those stay. */
  allowFilters: z.array(filterRequestSchema).max(20).optional(),
})
export type NewRepo = z.input<typeof newRepoSchema>

const title = z
  .string()
  .trim()
  .min(1, 'a title needs at least one character')
  .max(300)
  .refine((text) => !/[\r\n]/.test(text), 'a title is one line')

const priorities = 'a priority is 1 (highest), 2, 3 or 4'
const priority = z.int(priorities).min(1, priorities).max(4, priorities)

export const newTaskSchema = z.object({
  title,
  repos: repoNamesSchema.default([]),
  baseBranch: baseBranchSchema.optional(),
  body: z.string().default(''),
  scope: scopeSchema.optional(),
  effort: effortIdSchema.optional(),
  dependsOn: z.array(taskIdSchema).default([]),
  priority: priority.optional(),
  labels: z.array(z.string()).default([]),
  links: z.array(z.string()).default([]),
  status: z.enum(['draft', 'ready']).default('ready'),
})
export type NewTask = z.input<typeof newTaskSchema>

export const taskChangesSchema = z.object({
  title: title.optional(),
  status: taskStatusSchema.optional(),
  baseBranch: baseBranchSchema.optional(),
  repos: repoNamesSchema.optional(),
  body: z.string().optional(),
  scope: scopeSchema.optional(),
  effort: effortIdSchema.optional(),
  priority: priority.optional(),
  labels: z.array(z.string()).optional(),
  links: z.array(z.string()).optional(),
  /** sha256 of the file the caller read; a difference is `record.changed_underneath`. */
  expect: z.string().optional(),
})
export type TaskChanges = z.input<typeof taskChangesSchema>

/** A new effort, decision or note. */
export const newRecordSchema = z.object({
  title,
  body: z.string().default(''),
  repos: repoNamesSchema.default([]),
  effort: effortIdSchema.optional(),
  links: z.array(z.string()).default([]),
})
export type NewRecord = z.input<typeof newRecordSchema>

/** A handoff a human writes; facts of the run are filled in by us. */
export const newHandoffSchema = z.object({
  task: taskIdSchema,
  run: runIdSchema.optional(),
  what: z.string().trim().min(1, 'say what was done'),
  next: z.string().trim().min(1, 'say what to do next'),
  blocker: z.string().trim().min(1, 'say what stands in the way, or leave it out').nullable().default(null),
  /** Validation somebody claims; shown as claims. */
  claims: z.array(z.string()).default([]),
  body: z.string().default(''),
})
export type NewHandoff = z.input<typeof newHandoffSchema>

export const newRunSchema = z.object({
  agent: z.string().min(1),
  isolation: isolationSchema.default('private'),
  /** Begin with the files of this snapshot of an earlier run of the task, on the bases it has. */
  from: snapshotIdSchema.optional(),
  /** Merge the change of that snapshot into the targets as they are now instead; what conflicts is the agent's to settle. */
  ontoTarget: z.boolean().default(false),
  /** Command and arguments for agents that take them (`shell`). */
  argv: z.array(z.string()).default([]),
  /** Minutes the run may take; the memory repo's limit when absent. */
  minutes: runMinutesSchema.optional(),
  /** Minutes it may say nothing. */
  silentMinutes: runMinutesSchema.optional(),
  /** Tokens and money it may use before a human is asked, as its agent counts them. */
  tokens: spendingLimitsSchema.shape.tokens,
  cost: spendingLimitsSchema.shape.cost,
  /** Tokens the context packet may cost. */
  budget: z.int('a budget is a whole number of tokens').positive().optional(),
}).refine(({ from, ontoTarget }) => !ontoTarget || from !== undefined, 'say which snapshot is merged into the targets')
export type NewRun = z.input<typeof newRunSchema>

/** How an ended run goes on. */
export const resumeRequestSchema = z.object({
  /** What a human says to its agent; to go on with the task when absent. */
  text: z.string().trim().min(1, 'say something, or leave it out').max(100_000).optional(),
  /** Minutes it may take from now on; as many as it had when absent. */
  minutes: runMinutesSchema.optional(),
})
export type ResumeRequest = z.infer<typeof resumeRequestSchema>

/** Where a snapshot is written out. */
export const restoreRequestSchema = z.object({
  /** Number of the snapshot; the latest round when absent. */
  round: z.int().positive().optional(),
  /** Absolute path of a folder that is empty or not there yet. */
  folder: z.string().min(1, 'name a folder').refine((path) => !path.includes('\0'), 'a path has no NUL in it'),
})
export type RestoreRequest = z.input<typeof restoreRequestSchema>

/** What a caller saw when it said yes; a difference from what there is refuses the act. */
const seen = {
  digest: z.string().optional(),
  targetHeads: z.record(repoNameSchema, oidSchema).optional(),
  /** Digest of the agent's commits, as the gate of a landing that keeps them says it. */
  commits: z.string().optional(),
}

/** What a yes is about. A caller that names digest or heads is refused when they are not what it saw. */
export const approvalRequestSchema = z.object({
  /** Round number; the latest when absent. */
  round: z.int().positive().optional(),
  ...seen,
  /** How it is to land. A yes to `keep` is one to the agent's own commits and to nothing else; the others share theirs. */
  strategy: mergeStrategySchema.default('squash'),
})
export type ApprovalRequest = z.input<typeof approvalRequestSchema>

export const mergeRequestSchema = z.object({
  /** Approve the latest round first. */
  approve: z.boolean().default(false),
  /** Where targets moved since the approval, refresh and check first, and land only what is proven the same change and green. */
  refresh: z.boolean().default(false),
  /** What is approved, or carried over. */
  ...seen,
  /** Absent: as it was approved, which is `keep` or else `squash`; `squash` where it is approved first. */
  strategy: mergeStrategySchema.optional(),
}).refine(({ approve, refresh }) => !approve || !refresh, 'a refresh carries over the yes that was given; what nobody has seen yet is approved after it')
export type MergeRequest = z.input<typeof mergeRequestSchema>

/** How a round is brought onto moved targets. */
export const refreshRequestSchema = z.object({
  /** Where it conflicts, make the checkouts of the workspace anew on the targets and merge it in there, for somebody to settle. */
  resolve: z.boolean().default(false),
  /** Let this agent settle it there, in a run of its own. */
  agent: z.string().min(1).optional(),
  /** Command and arguments for agents that take them. */
  argv: z.array(z.string()).default([]),
}).refine(({ resolve, agent }) => resolve || agent === undefined, 'an agent is for what conflicts; nobody is needed for the rest')
export type RefreshRequest = z.input<typeof refreshRequestSchema>

/** How a landing is taken back. */
export const undoRequestSchema = z.object({
  /** Move no target, but make a run that takes it back, to be reviewed and landed like any other. */
  asRun: z.boolean().default(false),
})
export type UndoRequest = z.input<typeof undoRequestSchema>

/** A part of a round: a repo as a whole, a file or folder (with a slash at its end) of it, or hunks of a file. */
export const partChoiceSchema = z
  .object({
    repo: repoNameSchema,
    /** The whole repo when absent. */
    path: z.string().min(1).optional(),
    /** By their numbers in the file's diff, from 1; all of it when absent. */
    hunks: z.array(z.int().positive()).min(1).optional(),
  })
  .refine(({ path, hunks }) => hunks === undefined || (path !== undefined && !path.endsWith('/')), 'hunks are of one file')
export type PartChoice = z.infer<typeof partChoiceSchema>

/**
 * What is sealed: what the workspace holds, or without looking at it a part of a round (`only`) or an older one as it is (`from`). Also what of
 * the sources' changes belongs to whom, before the workspace is sealed; absent: nothing is said.
 */
export const sealRequestSchema = z
  .object({
    /** What the new round has of the one it is made of; computed in the vault, on the same base. */
    only: z.array(partChoiceSchema).min(1, 'choose at least one file').optional(),
    /** Number of the snapshot it is made of; the latest round when absent. */
    from: z.int().positive().optional(),
    /** Digest of that one as the caller saw it; a difference refuses the act. */
    digest: seen.digest,
    /** Also copy the files that changed in the human's checkouts during the run into its workspace, over what is sealed, and seal those. */
    takeEscaped: z.boolean().default(false),
    /** Why what changed in the sources during the run is the human's own doing. */
    mine: z.string().trim().min(1, 'say why it is yours').optional(),
    /** The looks at the sources that the caller saw, as the run holds them; `mine` is about these, and a difference refuses it. */
    sources: z.array(sourceLookSchema).optional(),
  })
  .refine(({ takeEscaped, mine }) => !takeEscaped || mine === undefined, 'what is taken into the run is not called your own in one call')
  .refine(({ only, from, takeEscaped, mine }) => (only === undefined && from === undefined) || (!takeEscaped && mine === undefined), 'a part of a round is made without looking at the workspace or the sources')
export type SealRequest = z.input<typeof sealRequestSchema>
/** The same, once it was parsed. */
export type SealOrder = z.output<typeof sealRequestSchema>

/** A human's word that the blockers of one code do not matter for the latest round. */
export const waiverRequestSchema = z.object({
  code: z.enum(waivableCodes, `nobody can waive that; what can be waived is ${waivableCodes.join(', ')}`),
  /** Only blockers of this repo; every one of the code when absent. */
  repo: repoNameSchema.optional(),
  /** Only blockers of the check of this name. */
  check: z.string().min(1, 'a check has a name').optional(),
  /** `data` of the one blocker the caller saw, whole. That one alone is then meant, in that repo or in none; one that is not the same any more refuses the act. */
  data: z.record(z.string(), z.unknown()).optional(),
  /** How it is to land: of the agent's own commits the gate may say more. Absent: as it was approved. */
  strategy: mergeStrategySchema.optional(),
  because: z.string().trim().min(1, 'a waiver needs a reason').max(2_000, 'a reason has at most 2000 characters'),
  /** Digest of the round the caller looked at; a difference refuses the act. */
  digest: seen.digest,
})
export type WaiverRequest = z.input<typeof waiverRequestSchema>

/** Lines a finding may be on at most. */
const MOST_LINES = 1_000

/** Something a reviewer says of a round: a new finding, a reply to one, or what became of one. */
export const commentRequestSchema = z
  .object({
    text: z.string().trim().min(1, 'a comment needs words').max(10_000, 'a comment has at most 10000 characters').optional(),
    /** Where a new finding is; absent for the run as a whole. Without `from` it is on the file. */
    at: z
      .object({
        repo: repoNameSchema,
        path: z.string().min(1, 'name a file').refine((path) => !path.includes('\0'), 'a path has no NUL in it'),
        /** Lines as they would land, or as they were in the base. */
        side: z.enum(sides).default('new'),
        from: z.int().positive('lines count from 1').optional(),
        /** The last line; `from` when absent. */
        to: z.int().positive('lines count from 1').optional(),
      })
      .refine(({ from, to }) => to === undefined || (from !== undefined && from <= to && to - from < MOST_LINES), `name the first line, then the last, at most ${MOST_LINES} of them`)
      .optional(),
    /** Number of the round that was looked at; the latest when absent. */
    round: z.int().positive().optional(),
    /** The finding that this is about; absent for a new one. */
    finding: findingIdSchema.optional(),
    /** What becomes of it; absent for a mere reply. */
    state: z.enum(findingStates).optional(),
  })
  .refine(({ finding, text, state }) => text !== undefined || (finding !== undefined && state !== undefined), 'say something')
  .refine(({ finding, state }) => finding !== undefined || state === undefined, 'say which finding')
  .refine(({ finding, at, round }) => finding === undefined || (at === undefined && round === undefined), 'a finding stays where it was put')
export type CommentRequest = z.input<typeof commentRequestSchema>
/** The same, once it was parsed. */
export type Comment = z.output<typeof commentRequestSchema>

/** A round is to be worked on: its open findings go to an agent. */
export const changesRequestSchema = z.object({
  /** One more finding, on the run as a whole. */
  text: commentRequestSchema.shape.text,
  /** The agent of a new run that begins with the round; absent: the run itself goes on, in its workspace. */
  agent: z.string().min(1).optional(),
  /** Command and arguments for agents that take them; those of the run when absent and it is the same agent. */
  argv: z.array(z.string()).optional(),
}).refine(({ agent, argv }) => agent !== undefined || argv === undefined, 'a command is for a new run: name its agent')
export type ChangesRequest = z.input<typeof changesRequestSchema>

export const reasonSchema = z.object({ because: z.string().trim().min(1).optional() })
export type Reason = z.input<typeof reasonSchema>

