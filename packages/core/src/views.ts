import * as z from 'zod'
import { receiptSchema } from './check.ts'
import { savedMomentSchema } from './checkpoint.ts'
import { repoConfigSchema, runMinutesSchema } from './config.ts'
import { waivedSchema } from './gate-report.ts'
import { effortIdSchema, branchNameSchema, handoffIdSchema, oidSchema, repoNameSchema, runIdSchema, snapshotIdSchema, taskIdSchema } from './ids.ts'
import { sinceSchema } from './interdiff.ts'
import { allowedFilterSchema, filterRequestSchema } from './filters.ts'
import { isolationSchema } from './isolation.ts'
import { packetSchema } from './packet.ts'
import { pushSchema } from './push.ts'
import { baseBranchSchema, recordKinds, scopeSchema, taskSchema, taskStatusSchema } from './records.ts'
import { approvalSchema, conflictSchema, outcomeSchema, runRepoSchema, takesBackSchema } from './run-event.ts'
import { repoDiffSchema, reportedPathSchema, snapshotSchema } from './snapshot.ts'
import { sourceLookSchema } from './source-change.ts'
import { waivableCodes } from './waiver.ts'

/** A registered repo: its settings from the memory repo and its path on this machine. */
export const repoViewSchema = z.object({
  name: repoNameSchema,
  path: z.string().nullable(),
  ...repoConfigSchema.shape,
  /** Filter programs that may run for it on this machine. */
  filters: z.array(allowedFilterSchema),
})
export type RepoView = z.infer<typeof repoViewSchema>

/** A task with the branch it really means: its own, else the registered ones; a map where repos differ; null without repos. */
export const taskViewSchema = taskSchema.omit({ baseBranch: true }).extend({ baseBranch: baseBranchSchema.nullable() })
export type TaskView = z.infer<typeof taskViewSchema>

const stateNames = ['queued', 'preparing', 'running', 'waiting', 'sealing', 'ended'] as const
/** Where a run's landing stands; `stuck` is a landing that stopped half-way and names the repos. */
export const mergeStates = ['none', 'blocked', 'approvable', 'approved', 'merging', 'stuck', 'merged', 'undone'] as const

const landedSchema = z.object({ repo: repoNameSchema, branch: branchNameSchema, from: oidSchema, to: oidSchema })

/** One line of `runs`. */
export const runSummarySchema = z.object({
  id: runIdSchema,
  task: taskIdSchema,
  agent: z.string(),
  state: z.enum(stateNames),
  outcome: outcomeSchema.nullable(),
  /** Why it is in this state. */
  because: z.string(),
  queuedAt: z.string(),
  endedAt: z.string().nullable(),
  snapshot: snapshotIdSchema.nullable(),
  merge: z.enum(mergeStates),
})
export type RunSummary = z.infer<typeof runSummarySchema>

/** One moment in which a run was saved, or should have been, and how much it had changed by then; null where nothing was saved. */
export const timelineEntrySchema = savedMomentSchema.extend({ files: z.int().nullable(), insertions: z.int().nullable(), deletions: z.int().nullable() })
export type TimelineEntry = z.infer<typeof timelineEntrySchema>

/** Everything about one run; each truth with `because` and `exits`, what would change it. */
export const runViewSchema = z.object({
  ...runSummarySchema.omit({ merge: true, snapshot: true }).shape,
  isolation: isolationSchema,
  /** Which promise that isolation makes, as a sentence. */
  promise: z.string(),
  argv: z.array(z.string()),
  by: z.string(),
  exits: z.array(z.string()),
  taskStatus: taskStatusSchema.nullable(),
  repos: z.array(runRepoSchema),
  /** The landing it was made to take back; null for a run with an agent. */
  takesBack: takesBackSchema.nullable(),
  packet: z.object({ hash: z.string(), tokens: z.int() }).nullable(),
  /** Absolute path of the workspace; null when it is gone. */
  workspace: z.string().nullable(),
  /** The snapshot whose files its workspace began with; null for those of the base. */
  from: snapshotIdSchema.nullable(),
  /** Whether the change of that snapshot was merged into the targets as they were, in place of its files. */
  ontoTarget: z.boolean(),
  /** Those that are kept: every round, and the checkpoints that were not thinned. */
  snapshots: z.array(snapshotSchema),
  /** When and why it was saved, in order, thinned and failed checkpoints too. */
  timeline: z.array(timelineEntrySchema),
  /** A refresh that is being settled in the workspace, and what conflicts; `conflicts` is null until the workspace is ready. */
  resolving: z.object({ of: snapshotIdSchema, repos: z.array(z.object({ repo: repoNameSchema, base: oidSchema, path: z.string() })), conflicts: z.array(conflictSchema.omit({ left: true })).nullable() }).nullable(),
  /** Runs that go on with one of its snapshots on moved targets. */
  delegated: z.array(z.object({ of: snapshotIdSchema, run: runIdSchema })),
  /** What was found in the sources when the run ended, by repo. */
  sources: z.array(sourceLookSchema),
  receipts: z.array(receiptSchema),
  approval: approvalSchema.nullable(),
  /** What was waived for the latest round, given on this machine. */
  waived: z.array(waivedSchema),
  handoff: handoffIdSchema.nullable(),
  merge: z.object({ state: z.enum(mergeStates), because: z.string(), exits: z.array(z.string()), repos: z.array(landedSchema), /** Runs that were made to take its landing back, and where they stand themselves; `part`: each as far as its latest round goes, which leaves some of it landed. */ reverts: z.array(z.object({ run: runIdSchema, merge: z.enum(mergeStates), part: z.boolean() })) }),
  /** Pushes of its rounds to remotes, oldest first. */
  pushes: z.array(pushSchema),
  /** What a newer version of this program wrote about it, as a sentence: the rest may be only part of the truth. Null when there is none. */
  newer: z.string().nullable(),
})
export type RunView = z.infer<typeof runViewSchema>

/** The diff of a snapshot against its bases; with `since`, of the author's change against an older one. */
export const runDiffSchema = z.object({ snapshot: snapshotIdSchema, since: sinceSchema.optional(), repos: z.array(repoDiffSchema) })
export type RunDiff = z.infer<typeof runDiffSchema>

/** What a merge or an undo moved. `prepared`: nothing moved; `run` takes the landing back once it is approved and merged. */
export const mergeResultSchema = z.object({ state: z.enum(['merged', 'undone', 'prepared']), repos: z.array(landedSchema), run: runIdSchema.optional() })
export type MergeResult = z.infer<typeof mergeResultSchema>

export const searchResultSchema = z.object({
  id: z.string(),
  kind: z.enum(recordKinds),
  title: z.string(),
  path: z.string(),
  /** Text around the first hit, control bytes removed. */
  snippet: z.string(),
})
export type SearchResult = z.infer<typeof searchResultSchema>

/** What `doctor` looks at; the code of a line stays the same whether it is well or not. */
export const diagnosisCodes = [
  'format_newer',
  'git',
  'state_folder',
  'memory_commits',
  'index',
  'records',
  'sandbox',
  'record_quarantined',
  'repo',
  'run',
  'run_unsettled',
  'landing_stuck',
  'round_unreadable',
  'round_unreferenced',
  'pin_missing',
  'pin_orphaned',
  'workspace_orphaned',
  'workspace_half_removed',
  'trash_left',
  'lock_left',
  'lock_of_somebody',
  'look_failed',
] as const

/** One line of `doctor`. */
export const diagnosisSchema = z.object({
  code: z.enum(diagnosisCodes),
  subject: z.string(),
  state: z.enum(['ok', 'warning', 'problem']),
  message: z.string(),
  remedy: z.string().nullable(),
})
export type Diagnosis = z.infer<typeof diagnosisSchema>

/** Something `doctor --fix` did, or tried in vain. */
export const repairSchema = z.object({ code: z.enum(diagnosisCodes), subject: z.string(), done: z.boolean(), message: z.string() })
export type Repair = z.infer<typeof repairSchema>

/** An agent that a run may name, with a line for humans. */
export const agentViewSchema = z.object({ name: z.string(), summary: z.string() })
export type AgentView = z.infer<typeof agentViewSchema>

/** A packet with the Markdown an agent is given. */
export const contextViewSchema = packetSchema.extend({ markdown: z.string() })
export type ContextView = z.infer<typeof contextViewSchema>

export const transcriptLineSchema = z.object({
  at: z.string(),
  stream: z.enum(['stdout', 'stderr', 'setup', 'check', 'signalbox']),
  /** Text as shown to people: control bytes made visible. */
  text: z.string(),
})
export type TranscriptLine = z.infer<typeof transcriptLineSchema>

// What callers send.

export const newRepoSchema = z.object({
  path: z.string().min(1),
  name: repoNameSchema,
  baseBranch: branchNameSchema.optional(),
  /** Absent: none, or what the repo had when it is registered again. */
  setup: repoConfigSchema.shape.setup.unwrap().optional(),
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
  repos: z.array(repoNameSchema).default([]),
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
  repos: z.array(repoNameSchema).optional(),
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
  repos: z.array(repoNameSchema).default([]),
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

/** A handoff that the agent of a run drafts: of its own task and run, which it does not name. */
export const handoffDraftSchema = newHandoffSchema.omit({ task: true, run: true })
export type HandoffDraft = z.input<typeof handoffDraftSchema>

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
  /** Tokens the context packet may cost. */
  budget: z.int('a budget is a whole number of tokens').positive().optional(),
}).refine(({ from, ontoTarget }) => !ontoTarget || from !== undefined, 'say which snapshot is merged into the targets')
export type NewRun = z.input<typeof newRunSchema>

/** Where a snapshot is written out. */
export const restoreRequestSchema = z.object({
  /** Number of the snapshot; the latest round when absent. */
  round: z.int().positive().optional(),
  /** Absolute path of a folder that is empty or not there yet. */
  folder: z.string().min(1, 'name a folder').refine((path) => !path.includes('\0'), 'a path has no NUL in it'),
})
export type RestoreRequest = z.input<typeof restoreRequestSchema>

/** What was written: one folder per repo below `folder`. */
export const restoredSchema = z.object({
  snapshot: snapshotIdSchema,
  folder: z.string(),
  repos: z.array(z.object({ repo: repoNameSchema, path: z.string(), /** Not in the snapshot, so not in the folder. */ missing: z.array(reportedPathSchema) })),
})
export type Restored = z.infer<typeof restoredSchema>

/** What a caller saw when it said yes; a difference from what there is refuses the act. */
const seen = {
  digest: z.string().optional(),
  targetHeads: z.record(repoNameSchema, oidSchema).optional(),
}

/** What a yes is about. A caller that names digest or heads is refused when they are not what it saw. */
export const approvalRequestSchema = z.object({
  /** Round number; the latest when absent. */
  round: z.int().positive().optional(),
  ...seen,
})
export type ApprovalRequest = z.input<typeof approvalRequestSchema>

export const mergeRequestSchema = z.object({
  /** Approve the latest round first. */
  approve: z.boolean().default(false),
  /** Where targets moved since the approval, refresh and check first, and land only what is proven the same change and green. */
  refresh: z.boolean().default(false),
  /** What is approved, or carried over. */
  ...seen,
  strategy: z.enum(['squash', 'merge']).default('squash'),
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
  because: z.string().trim().min(1, 'a waiver needs a reason').max(2_000, 'a reason has at most 2000 characters'),
  /** Digest of the round the caller looked at; a difference refuses the act. */
  digest: seen.digest,
})
export type WaiverRequest = z.input<typeof waiverRequestSchema>

export const reasonSchema = z.object({ because: z.string().trim().min(1).optional() })
export type Reason = z.input<typeof reasonSchema>

