import * as z from 'zod'
import { receiptSchema } from './check.ts'
import { claimsSchema } from './claims.ts'
import { checkpointReasonSchema, sealedByWords } from './checkpoint.ts'
import { formats } from './formats.ts'
import { branchNameSchema, findingIdSchema, handoffIdSchema, oidSchema, repoNameSchema, runIdSchema, snapshotIdSchema, taskIdSchema } from './ids.ts'
import { answerSchema, askedSchema, questionIdSchema } from './question.ts'
import { pushMoveSchema, pushStartSchema } from './push.ts'
import { baseBranchSchema, scopeSchema } from './records.ts'
import { runHomeSchema } from './home.ts'
import { isolationSchema, sandboxPolicySchema } from './isolation.ts'
import { snapshotSchema, sourceStateSchema, type Snapshot } from './snapshot.ts'
import { sourceLookSchema } from './source-change.ts'
import { spendingLimitsSchema, spentSchema } from './spending.ts'
import { mergeStrategySchema } from './strategy.ts'
import { waiverSchema } from './waiver.ts'

/** What a run can wait for: the first two for a human. */
export const waitsFor = ['question', 'permission', 'quota'] as const

export const outcomes = ['completed', 'failed', 'interrupted', 'cancelled', 'escaped'] as const
export const outcomeSchema = z.enum(outcomes)
export type Outcome = z.infer<typeof outcomeSchema>

/** What a run was started on, per repo; never changes afterwards. */
export const runRepoSchema = z.object({
  repo: repoNameSchema,
  baseBranch: branchNameSchema,
  baseHead: oidSchema,
  source: sourceStateSchema,
})
export type RunRepo = z.infer<typeof runRepoSchema>

/** What an approval binds; `seal` is an HMAC-SHA256 over `approvalText` with the key of this machine's state folder. */
export const approvalSchema = z.object({
  snapshot: snapshotIdSchema,
  digest: z.string(),
  targetHeads: z.record(repoNameSchema, oidSchema),
  taskRevision: z.string(),
  packetHash: z.string(),
  /** sha256 over `receiptsText` of the receipts that counted. */
  receipts: z.string(),
  /** sha256 over `waiversText` of the waivers that counted; absent when none did. */
  waivers: z.string().optional(),
  /** sha256 over `commitsText` of the agent's commits, of a yes to landing just those (`keep`); absent in one to landing the change as one. */
  commits: z.string().optional(),
  /** The yes to an earlier round that this one carries over: targets had moved, and the change was proven the same. `by` is then who asked for that. */
  carriedFrom: z.object({ snapshot: snapshotIdSchema, digest: z.string(), by: z.string(), at: z.string() }).optional(),
  by: z.string(),
  at: z.string(),
  seal: z.string(),
})
export type Approval = z.infer<typeof approvalSchema>

const landedRepoSchema = z.object({
  repo: repoNameSchema,
  branch: branchNameSchema,
  from: oidSchema,
  to: oidSchema,
  /** The head that was approved, where our own records took the target on to `from` since. */
  approved: oidSchema.optional(),
  /** The agent's own commits that land as they are, oldest first: there exactly in a landing that keeps them. `to` is the last of them, or one commit on top. */
  commits: z.array(oidSchema).optional(),
})
export type LandedRepo = z.infer<typeof landedRepoSchema>

/** Which landing a run was made to take back: of which run, and its moves. */
export const takesBackSchema = z.object({ run: runIdSchema, repos: z.array(landedRepoSchema).min(1) })
export type TakesBack = z.infer<typeof takesBackSchema>

/** A path in conflict, and an id of what the merge left there (null for nothing): as long as that lies there and is unmerged, nobody decided. */
export const conflictSchema = z.object({ repo: repoNameSchema, path: z.string(), left: z.string().nullable() })
export type Conflict = z.infer<typeof conflictSchema>

/** A process of a run that could not be ended. `command` is its name, as the system shows it; empty where it shows none. */
export const survivorSchema = z.object({ pid: z.int(), command: z.string() })
export type Survivor = z.infer<typeof survivorSchema>

/** Data of each event type. Types are facts in the past tense. */
export const eventData = {
  'run.queued': z.object({
    agent: z.string(),
    argv: z.array(z.string()),
    isolation: isolationSchema,
    /** What the sandbox of the run allows; there exactly when that is its isolation. */
    sandbox: sandboxPolicySchema.optional(),
    /** The home its agent has, whatever is said later; absent where none works in it, and of runs of older versions: then it was decided at each start. */
    home: runHomeSchema.optional(),
    by: z.string(),
    /** What the task meant when the run was asked for; a later difference is `metadata_stale`. */
    taskRevision: z.string(),
    baseBranch: baseBranchSchema.nullable(),
    scope: scopeSchema.nullable(),
    repos: z.array(runRepoSchema).min(1),
    /** The snapshot of an earlier run of the task whose files the workspace begins with; absent for the files of the base. */
    from: snapshotIdSchema.optional(),
    /** Its change is merged into checkouts of the targets as they are now, in place of beginning with its files on its own base. */
    ontoTarget: z.literal(true).optional(),
    /** Minutes the run may take. */
    minutes: z.number().positive(),
    /** Minutes it may say nothing, and what it may use before a human is asked; absent where that is not limited. */
    silentMinutes: z.number().positive().optional(),
    spending: spendingLimitsSchema.optional(),
    /** Tokens its packet may cost; null for the default. */
    budget: z.int().positive().nullable(),
    /** There exactly when no agent works in it: it was made by us to take a landing back. */
    takesBack: takesBackSchema.optional(),
  }).refine(({ isolation, sandbox }) => (isolation === 'sandbox') === (sandbox !== undefined), 'a sandboxed run, and no other, names what its sandbox allows').refine(({ from, ontoTarget }) => ontoTarget === undefined || from !== undefined, 'what is merged is named'),
  'run.claimed': z.object({ pid: z.int() }),
  'run.prepared': z.object({ packetHash: z.string(), packetTokens: z.int(), /** Tokens it might cost; absent in logs of older versions. */ budget: z.int().positive().optional() }),
  'setup.finished': z.object({ repo: repoNameSchema, command: z.string(), exitCode: z.int().nullable(), durationMs: z.int() }),
  /** `from`: the workspace held exactly the files of that snapshot before set-up and agent, or its change merged into the targets. */
  'run.started': z.object({ pid: z.int(), from: snapshotIdSchema.optional() }),
  /** An ended run goes on in its workspace. `how`: in the session of its agent's own, or anew from its packet and the handoff of its end. `text`: what a human says to it. */
  'run.resumed': z.object({ by: z.string(), how: z.enum(['session', 'packet']), text: z.string().nullable(), minutes: z.number().positive() }),
  'run.waited': z.object({ for: z.enum(waitsFor), because: z.string() }),
  'run.continued': z.object({}),
  /** The session of the agent's own that it works in from here on, and could go on with later. */
  'session.opened': z.object({ session: z.string(), how: z.enum(['new', 'loaded', 'resumed']), model: z.string().nullable(), mode: z.string().nullable() }),
  'question.asked': z.object({ asked: askedSchema }),
  'question.answered': z.object({ question: questionIdSchema, answer: answerSchema, by: z.string() }),
  'run.cancel_requested': z.object({ by: z.string(), because: z.string() }),
  /** What its agent says it did, since it was started last. */
  'agent.claimed': claimsSchema,
  'agent.exited': z.object({ exitCode: z.int().nullable(), signal: z.string().nullable(), because: z.string(), /** What it says it used; absent for one that does not say. */ spent: spentSchema.optional() }),
  'sealing.started': z.object({}),
  /** Even killed they did not end, so they may still write; none, where those that were named before ended since. */
  'processes.survived': z.object({ processes: z.array(survivorSchema) }),
  /** `heldMs`: milliseconds the processes of the run were stopped for it. */
  'checkpoint.captured': z.object({ snapshot: snapshotSchema, reason: checkpointReasonSchema, heldMs: z.int().nonnegative() }),
  /** One was due and nothing was saved; its number is free for the next. */
  'checkpoint.failed': z.object({ reason: checkpointReasonSchema, because: z.string() }),
  /** More were there than are kept of a run: these are let go. Only checkpoints ever are. */
  'checkpoint.thinned': z.object({ snapshots: z.array(snapshotIdSchema).min(1), keep: z.int().positive() }),
  'round.sealed': z.object({ snapshot: snapshotSchema, by: z.enum(sealedByWords), sameChange: z.boolean().nullable() }),
  /** Checkouts of the workspace are being made anew on moved targets, to settle by hand what a refresh would conflict in. Whatever they hold from here on is none of the rounds before. */
  'refresh.begun': z.object({ by: z.string(), of: snapshotIdSchema, repos: z.array(z.object({ repo: repoNameSchema, base: oidSchema })).min(1) }),
  /** They are ready: the change is merged in, with marks where it conflicts. */
  'refresh.prepared': z.object({ conflicts: z.array(conflictSchema) }),
  /** Another run of the task goes on with this snapshot on the moved targets, by an agent. */
  'refresh.delegated': z.object({ by: z.string(), of: snapshotIdSchema, run: runIdSchema }),
  /** The review of the run, a file of its own, says more by now: it has at least this many facts, or somebody lost some. */
  'review.recorded': z.object({ by: z.string(), what: z.enum(['opened', 'carried', 'replied', 'addressed', 'declined', 'reopened']), findings: z.array(findingIdSchema).min(1), facts: z.int().positive() }),
  /** An agent was sent these open findings of this round: the run goes on to see to them, or another run of the task was started on it. */
  'changes.requested': z.object({ by: z.string(), of: snapshotIdSchema, run: runIdSchema, findings: z.array(findingIdSchema).min(1) }),
  /** The workspace could not be saved: the explicit reason why an ended run may have no snapshot. */
  'seal.failed': z.object({ because: z.string() }),
  /** What a source looks like at the end of the run, or while its agent works, beside what it was before it. */
  'source.compared': sourceLookSchema.omit({ accepted: true }),
  /** A human said that what changed in the sources during the run is their own doing. */
  'source.accepted': z.object({ by: z.string(), because: z.string() }),
  'check.finished': z.object({ receipt: receiptSchema }),
  'handoff.written': z.object({ handoff: handoffIdSchema }),
  'run.ended': z.object({ outcome: outcomeSchema, because: z.string() }),
  'approval.granted': z.object({ approval: approvalSchema }),
  'waiver.granted': z.object({ waiver: waiverSchema }),
  'run.rejected': z.object({ by: z.string(), because: z.string() }),
  'merge.started': z.object({ strategy: mergeStrategySchema, repos: z.array(landedRepoSchema) }),
  'merge.stopped': z.object({ because: z.string(), stuck: z.boolean(), repos: z.array(z.object({ repo: repoNameSchema, step: z.string(), because: z.string().nullable() })) }),
  'merge.published': z.object({ strategy: mergeStrategySchema, repos: z.array(landedRepoSchema) }),
  'merge.undone': z.object({ by: z.string(), repos: z.array(landedRepoSchema) }),
  /** A round is on its way to a branch of a remote: the commits are made, and every repo is still to be pushed. */
  'push.started': pushStartSchema,
  /** The remote was seen to have exactly this commit on this branch. */
  'branch.pushed': pushStartSchema.pick({ remote: true, branch: true }).extend(pushMoveSchema.pick({ repo: true, to: true }).shape),
  /** What was pushed by then stays pushed; pushing again goes on with the rest. */
  'push.stopped': pushStartSchema.pick({ remote: true, branch: true }).extend({ repo: repoNameSchema, to: oidSchema, because: z.string() }),
  'pull_request.opened': pushStartSchema.pick({ remote: true, branch: true }).extend({ repo: repoNameSchema, to: oidSchema, url: z.url() }),
  /** A run was made that takes this landing back, where it could not simply be undone. */
  'merge.revert_prepared': z.object({ by: z.string(), run: runIdSchema }),
} as const satisfies Record<string, z.ZodType>

export type RunEventType = keyof typeof eventData

const envelope = {
  /** Counts up by one from 1; the id of the run's event stream. */
  seq: z.int().positive(),
  /** ISO 8601 UTC instant. For people only: order is `seq`, for clocks go back. */
  at: z.string(),
  run: runIdSchema,
  task: taskIdSchema,
}

type EventFormat = typeof formats.event | typeof formats.laterEvent

/** Returns the format of an event: the oldest that can say it, so that older versions go on with every other run. */
export function formatOfEvent({ data }: NewRunEvent): EventFormat {
  const isLater = ('strategy' in data && data.strategy === 'keep') || 'foreign' in data || 'live' in data || ('snapshot' in data && typeof data.snapshot === 'object' && lacksNames(data.snapshot))
  return isLater ? formats.laterEvent : formats.event
}

/** Tells whether a snapshot lacks something for a reason that the first format does not know. */
function lacksNames({ repos }: Snapshot): boolean {
  return repos.some(({ missing }) => missing.some(({ reason }) => reason === 'name_refused'))
}

/** One line of `runs/R0031/events.jsonl`. */
export type RunEvent = { [T in RunEventType]: RunEventOf<T> }[RunEventType]
export type RunEventOf<T extends RunEventType> = {
  readonly format: EventFormat
  readonly seq: number
  readonly at: string
  readonly run: z.infer<typeof runIdSchema>
  readonly task: z.infer<typeof taskIdSchema>
  readonly type: T
  readonly data: z.infer<(typeof eventData)[T]>
}
/** What an appender provides; the log adds the envelope. */
export type NewRunEvent = { [T in RunEventType]: { readonly type: T; readonly data: z.infer<(typeof eventData)[T]> } }[RunEventType]

/** An event of a newer version: kept and shown as it is, and never acted on. */
export interface UnknownEvent extends Pick<RunEvent, 'seq' | 'at' | 'run' | 'task'> {
  readonly format: number
  readonly type: string
  readonly data: unknown
  readonly unknown: true
}
/** What a line of a log may hold. */
export type LoggedEvent = RunEvent | UnknownEvent

/** Tells whether this version knows what an event means. */
export function isKnown(event: LoggedEvent): event is RunEvent {
  return !('unknown' in event)
}

const eventTypeSchema = z.enum(Object.keys(eventData) as [RunEventType, ...RunEventType[]])
const eventHeadSchema = z.looseObject({ format: z.literal([formats.event, formats.laterEvent]), ...envelope, type: eventTypeSchema, data: z.unknown() })
const unknownHeadSchema = z.looseObject({ format: z.int().positive(), ...envelope, type: z.string(), data: z.unknown() })

/** Parses one event line's JSON value; `undefined` when it is not an event this version knows. Keys it does not know are left out: nothing here acts on them. */
export function parseRunEvent(value: unknown): RunEvent | undefined {
  const head = eventHeadSchema.safeParse(value)
  if (!head.success) return undefined
  const data = eventData[head.data.type].safeParse(head.data.data)
  if (!data.success) return undefined
  const { format, seq, at, run, task, type } = head.data
  // The schema that checked `data` was chosen by `type`, which the compiler cannot follow through the table.
  const event = { format, seq, at, run, task, type, data: data.data } as RunEvent
  return formatOfEvent(event) === format ? event : undefined
}

/**
 * Parses one line's JSON value where it is read: also an event of a type, or of a format, that only a newer version knows.
 * `undefined` when it is no event, or one of a known type that is not in its shape: that is damage.
 */
export function parseLoggedEvent(value: unknown): LoggedEvent | undefined {
  const known = parseRunEvent(value)
  if (known !== undefined) return known
  const head = unknownHeadSchema.safeParse(value)
  if (!head.success) return undefined
  if (head.data.format <= formats.event && eventTypeSchema.safeParse(head.data.type).success) return undefined
  return { ...head.data, unknown: true }
}

/** Parses like `parseLoggedEvent`, for showing: with the keys that only a newer version knows, in any depth. Not for folding. */
export function parseShownEvent(value: unknown): LoggedEvent | undefined {
  const event = parseLoggedEvent(value)
  // What is added to an event is its own type still.
  return event === undefined ? undefined : (withUnknownKeys(event, value) as LoggedEvent)
}

function withUnknownKeys(parsed: unknown, written: unknown): unknown {
  if (Array.isArray(parsed) && Array.isArray(written)) return parsed.map((item: unknown, index) => withUnknownKeys(item, written[index]))
  if (!isMap(parsed) || !isMap(written)) return parsed
  return { ...written, ...Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, withUnknownKeys(value, written[key])])) }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
