import * as z from 'zod'
import { agentEventSchema, agentEventTypes } from './agent-event.ts'
import { receiptSchema } from './check.ts'
import { claimGapSchema } from './claims.ts'
import { savedMomentSchema } from './checkpoint.ts'
import { repoConfigSchema } from './config.ts'
import { waivedSchema } from './gate-report.ts'
import { branchNameSchema, findingIdSchema, handoffIdSchema, oidSchema, repoNameSchema, runIdSchema, snapshotIdSchema, taskIdSchema } from './ids.ts'
import { anchorSchema, findingStates, sides } from './findings.ts'
import { sinceSchema } from './interdiff.ts'
import { allowedFilterSchema } from './filters.ts'
import { runHomeSchema } from './home.ts'
import { isolationSchema } from './isolation.ts'
import { packetSchema } from './packet.ts'
import { pushSchema } from './push.ts'
import { questionSchema } from './question.ts'
import { baseBranchSchema, recordKinds, taskSchema, taskStatusSchema } from './records.ts'
import { approvalSchema, conflictSchema, outcomeSchema, runRepoSchema, survivorSchema, takesBackSchema, waitsFor } from './run-event.ts'
import { leftOutSchema, repoDiffSchema, reportedPathSchema, snapshotSchema } from './snapshot.ts'
import { spentSchema } from './spending.ts'
import { sourceLookSchema } from './source-change.ts'

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

const landedSchema = z.object({ repo: repoNameSchema, branch: branchNameSchema, from: oidSchema, to: oidSchema, /** The agent's own commits among what landed, oldest first; there only where they were kept. */ commits: z.array(oidSchema).optional() })

/** One line of `runs`. */
export const runSummarySchema = z.object({
  id: runIdSchema,
  task: taskIdSchema,
  agent: z.string(),
  state: z.enum(stateNames),
  outcome: outcomeSchema.nullable(),
  /** Why it is in this state. */
  because: z.string(),
  /** What it waits for; null unless it waits. */
  waitsFor: z.enum(waitsFor).nullable(),
  queuedAt: z.string(),
  endedAt: z.string().nullable(),
  snapshot: snapshotIdSchema.nullable(),
  merge: z.enum(mergeStates),
  /** Whether there is something to review: its latest round changes something, was not rejected and has not landed. */
  reviewable: z.boolean(),
})
export type RunSummary = z.infer<typeof runSummarySchema>

/** One moment in which a run was saved, or should have been, and how much it had changed by then; null where nothing was saved. */
export const timelineEntrySchema = savedMomentSchema.extend({ files: z.int().nullable(), insertions: z.int().nullable(), deletions: z.int().nullable() })
export type TimelineEntry = z.infer<typeof timelineEntrySchema>

/** Everything about one run; each truth with `because` and `exits`, what would change it. */
export const runViewSchema = z.object({
  ...runSummarySchema.omit({ merge: true, snapshot: true, reviewable: true }).shape,
  isolation: isolationSchema,
  /** Which promise that isolation makes, as a sentence. */
  promise: z.string(),
  /** The home its agent has; null where none works in it, or that was not recorded. */
  home: runHomeSchema.nullable(),
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
  /** Which runs were asked to see to the findings of which of its rounds, itself among them. */
  requested: z.array(z.object({ of: snapshotIdSchema, run: runIdSchema })),
  /** What its agent asked a human, oldest first. */
  questions: z.array(questionSchema),
  /** The session of its agent's own; null when it has none. */
  session: z.object({ session: z.string(), model: z.string().nullable(), mode: z.string().nullable() }).nullable(),
  /** What its agent says it used; null for one that does not say, or is still at work. */
  spent: spentSchema.nullable(),
  /** Processes of it that could not be ended, when that was tried last; whether one lives now, `doctor` says. */
  survivors: z.array(survivorSchema),
  /** What was found in the sources when the run ended, by repo. */
  sources: z.array(sourceLookSchema),
  receipts: z.array(receiptSchema),
  approval: approvalSchema.nullable(),
  /** What was waived for the latest round, given on this machine. */
  waived: z.array(waivedSchema),
  handoff: handoffIdSchema.nullable(),
  merge: z.object({ state: z.enum(mergeStates), because: z.string(), exits: z.array(z.string()), /** What landed; while it is `merging`, what is to. */ repos: z.array(landedSchema), /** Runs that were made to take its landing back, and where they stand themselves; `part`: each as far as its latest round goes, which leaves some of it landed. */ reverts: z.array(z.object({ run: runIdSchema, merge: z.enum(mergeStates), part: z.boolean() })) }),
  /** Pushes of its rounds to remotes, oldest first. */
  pushes: z.array(pushSchema),
  /** What a newer version of this program wrote about it, as a sentence: the rest may be only part of the truth. Null when there is none. */
  newer: z.string().nullable(),
})
export type RunView = z.infer<typeof runViewSchema>

/** The diff of a snapshot against its bases; with `since`, of the author's change against an older one. */
export const runDiffSchema = z.object({ snapshot: snapshotIdSchema, /** Of one commit of the agent alone, or of the `rest` that is in none. */ commit: z.union([oidSchema, z.literal('rest')]).optional(), since: sinceSchema.optional(), /** What its agent says and what it changes, apart; absent for one that does not say. */ claims: claimGapSchema.optional(), repos: z.array(repoDiffSchema) })
export type RunDiff = z.infer<typeof runDiffSchema>

/** One finding of a reviewer, where it lies in the latest round. */
export const findingViewSchema = z.object({
  id: findingIdSchema,
  /** `outdated` is open, and blocks, though its file or lines are gone: only somebody's word settles a finding. */
  state: z.enum([...findingStates, 'outdated']),
  text: z.string(),
  by: z.string(),
  at: z.string(),
  /** The finding of an earlier run that it was carried over from; null for one of this run's own. */
  from: z.object({ run: runIdSchema, finding: findingIdSchema }).nullable(),
  /** What it was put on; null for the run as a whole. */
  anchor: anchorSchema.pick({ repo: true, path: true, side: true, snapshot: true }).extend({ lines: anchorSchema.shape.lines.unwrap().nullable() }).nullable(),
  /** The lines as they were seen, the first of them; null where it is on none, or they cannot be read. */
  lines: z.array(z.string()).nullable(),
  /** Numbers of those lines on that side of the latest round; null where they are gone, not known, or it is on none. */
  place: z.object({ side: z.enum(sides), from: z.int().positive(), to: z.int().positive() }).nullable(),
  /** Why it has no place though it is on lines; null otherwise. */
  because: z.string().nullable(),
  replies: z.array(z.object({ by: z.string(), at: z.string(), text: z.string().nullable(), state: z.enum(findingStates).nullable() })),
})
export type FindingView = z.infer<typeof findingViewSchema>

/** What a merge or an undo moved. `prepared`: nothing moved; `run` takes the landing back once it is approved and merged. */
export const mergeResultSchema = z.object({
  state: z.enum(['merged', 'undone', 'prepared']),
  repos: z.array(landedSchema),
  run: runIdSchema.optional(),
  /** What did not land though the run made it; there only where the landed round is a part of a fuller one. */
  leftOut: z.array(leftOutSchema).optional(),
})
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
  'task_repos_differ',
  'approval_key',
  'settings_unreadable',
  'repo',
  'agent',
  'run',
  'run_unsettled',
  'run_survivors',
  'run_never_began',
  'run_log_lost',
  'landing_stuck',
  'vault_broken',
  'round_unreadable',
  'round_unreferenced',
  'rounds_elsewhere',
  'pin_missing',
  'pin_orphaned',
  'workspace_orphaned',
  'workspace_half_removed',
  'trash_left',
  'lock_left',
  'lock_damaged',
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

/** An agent that a run may name, with a line for humans. What needs nothing installed has neither abilities nor presence. */
export const agentViewSchema = z.object({
  name: z.string(),
  summary: z.string(),
  /** The home it has in a run that begins now. */
  home: runHomeSchema,
  abilities: z.object({ resume: z.boolean(), permissions: z.boolean(), usage: z.enum(['none', 'tokens', 'cost']), plan: z.boolean(), mcp: z.boolean() }).nullable(),
  /** `program` is null when it is not installed; `hint` says how to install it, or how to log in. */
  presence: z.object({ program: z.string().nullable(), version: z.string().nullable(), hint: z.string() }).nullable(),
})
export type AgentView = z.infer<typeof agentViewSchema>

/** A packet with the Markdown an agent is given. */
export const contextViewSchema = packetSchema.extend({ markdown: z.string() })
export type ContextView = z.infer<typeof contextViewSchema>

export const transcriptLineSchema = z.object({
  at: z.string(),
  stream: z.enum(['agent', 'stdout', 'stderr', 'setup', 'check', 'signalbox']),
  /** Text as shown to people: control bytes made visible. */
  text: z.string(),
  /** Of the stream `agent`: which kind of thing the agent said or did, and, but for words of its own, all that is known of it. */
  kind: z.enum(agentEventTypes).optional(),
  event: agentEventSchema.optional(),
})
export type TranscriptLine = z.infer<typeof transcriptLineSchema>

/** What was written: one folder per repo below `folder`. */
export const restoredSchema = z.object({
  snapshot: snapshotIdSchema,
  folder: z.string(),
  repos: z.array(z.object({ repo: repoNameSchema, path: z.string(), /** Not in the snapshot, so not in the folder. */ missing: z.array(reportedPathSchema) })),
})
export type Restored = z.infer<typeof restoredSchema>
