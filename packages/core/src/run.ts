import type { Receipt } from './check.ts'
import type { SavedMoment } from './checkpoint.ts'
import type { Claims } from './claims.ts'
import type { RunHome } from './home.ts'
import type { HandoffId, Oid, RepoName, RunId, SnapshotId, TaskId } from './ids.ts'
import type { Isolation, SandboxPolicy } from './isolation.ts'
import type { Push } from './push.ts'
import type { Question } from './question.ts'
import type { BaseBranch, Scope } from './records.ts'
import type { Approval, Conflict, LandedRepo, LoggedEvent, Outcome, RunEventOf, RunRepo, Survivor, TakesBack } from './run-event.ts'
import type { Snapshot } from './snapshot.ts'
import type { SourceLook } from './source-change.ts'
import type { SpendingLimits } from './spending.ts'
import type { MergeStrategy } from './strategy.ts'
import type { Waiver } from './waiver.ts'

export type RunState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'preparing' }
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting'; readonly for: RunEventOf<'run.waited'>['data']['for']; readonly because: string }
  | { readonly kind: 'sealing' }
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly because: string }

/** A landing whose every target was verified. */
export interface Merged {
  readonly kind: 'merged'
  readonly repos: readonly LandedRepo[]
  readonly strategy: MergeStrategy
  readonly at: string
}

/** A landing, or the undo of one, that stopped half-way and says in which repos. */
export interface StuckMerge {
  readonly kind: 'stuck'
  readonly strategy: MergeStrategy
  readonly because: string
  readonly repos: RunEventOf<'merge.stopped'>['data']['repos']
  /** The moves of the landing in question. */
  readonly started: readonly LandedRepo[]
  /** What an undo was taking back; undefined when it is the merge that stopped. */
  readonly undoing: Merged | undefined
}

/** Where the landing of a run stands. */
export type MergeProgress =
  | { readonly kind: 'none' }
  | { readonly kind: 'merging'; readonly strategy: MergeStrategy; readonly repos: readonly LandedRepo[] }
  | StuckMerge
  | Merged
  | { readonly kind: 'undone'; readonly repos: readonly LandedRepo[]; readonly at: string }

/** A refresh that is being settled by hand. */
export interface Resolving {
  /** The round that is merged in. */
  readonly of: SnapshotId
  readonly repos: readonly { readonly repo: RepoName; readonly base: Oid }[]
  /** Undefined until the checkouts are ready: making them was interrupted, or is under way. */
  readonly conflicts: readonly Conflict[] | undefined
}

/** Everything a run's events say about it. */
export interface Run {
  readonly id: RunId
  readonly task: TaskId
  readonly agent: string
  readonly argv: readonly string[]
  readonly isolation: Isolation
  /** What its sandbox allows; undefined for a run without one. */
  readonly sandbox: SandboxPolicy | undefined
  /** The home of its agent; undefined where that was not recorded. */
  readonly home: RunHome | undefined
  readonly by: string
  readonly queuedAt: string
  readonly endedAt: string | undefined
  readonly taskRevision: string
  readonly baseBranch: BaseBranch | null
  readonly scope: Scope | null
  readonly repos: readonly RunRepo[]
  /** The snapshot whose files its workspace began with; undefined for those of the base. */
  readonly from: SnapshotId | undefined
  /** Whether the change of that snapshot was merged into checkouts of the targets instead. */
  readonly ontoTarget: boolean
  /** Minutes it may take. */
  readonly minutes: number
  readonly silentMinutes: number | undefined
  readonly spending: SpendingLimits
  /** Tokens its packet may cost; null for the default. */
  readonly budget: number | null
  /** The landing it was made to take back; undefined for a run with an agent. */
  readonly takesBack: TakesBack | undefined
  readonly packet: { readonly hash: string; readonly tokens: number } | undefined
  readonly state: RunState
  /** The session of its agent's own that was opened last. */
  readonly session: RunEventOf<'session.opened'>['data'] | undefined
  /** Everything that a human was asked, oldest first. */
  readonly questions: readonly Question[]
  /** What its agent says it did; undefined for one that does not say. */
  readonly claims: Claims | undefined
  /** The last time it was gone on with after an end of it; undefined for one that was not. */
  readonly resumed: (RunEventOf<'run.resumed'>['data'] & { readonly at: string }) | undefined
  /** Whether a round was sealed at the end it came to, or is coming to. */
  readonly endSealed: boolean
  readonly agentExit: RunEventOf<'agent.exited'>['data'] | undefined
  /** Processes of it that could not be ended, when that was tried last. */
  readonly survivors: readonly Survivor[]
  readonly cancelRequested: RunEventOf<'run.cancel_requested'>['data'] | undefined
  /** All there ever were; a thinned checkpoint is among them, for numbers are never given twice. */
  readonly snapshots: readonly Snapshot[]
  /** When and why each was saved, and which checkpoints failed or are not kept any more. */
  readonly saved: readonly SavedMoment[]
  /** The last round taken from the workspace itself: a refreshed round is computed, not captured, and a checkpoint is none. */
  readonly captured: Snapshot | undefined
  /** Earlier rounds of the very change that the latest one has: each was refreshed, and the change proven the same. Oldest first. */
  readonly sameChange: readonly SnapshotId[]
  /** Commits that checkouts of the workspace were made anew on since the run began, by repo. */
  readonly rebased: ReadonlyMap<RepoName, Oid>
  /** The conflicts of a refresh that are being settled in the workspace; undefined when none are. */
  readonly resolving: Resolving | undefined
  /** Why nothing could be sealed; undefined when sealing worked or was not tried yet. */
  readonly sealFailure: string | undefined
  /** What became of the sources during the run, by repo; a repo that was not looked at yet is not among them. */
  readonly sources: readonly SourceLook[]
  readonly receipts: readonly Receipt[]
  readonly handoff: HandoffId | undefined
  /** The last approval granted and not withdrawn by a rejection or spent by an undo; whether it still holds is the gate's question. */
  readonly approval: Approval | undefined
  /** Every waiver granted; each is of one digest, so a new round begins without any. */
  readonly waivers: readonly Waiver[]
  readonly rejection: RunEventOf<'run.rejected'>['data'] | undefined
  readonly merge: MergeProgress
  /** Every push of a round to a remote, oldest first. */
  readonly pushes: readonly Push[]
  /** Runs that were made to take its landing back, oldest first. */
  readonly reverts: readonly RunId[]
  /** Runs that go on with one of its snapshots on moved targets, oldest first. */
  readonly delegated: readonly { readonly of: SnapshotId; readonly run: RunId }[]
  /** How many facts its review has at least. */
  readonly reviewFacts: number
  /** Which runs were asked to see to the findings of which of its rounds, itself among them; oldest first. */
  readonly requested: readonly { readonly of: SnapshotId; readonly run: RunId }[]
  /** Events that this version does not know or, after one of those, cannot place: while there are any, nothing of the run is changed or approved. */
  readonly unknown: readonly Pick<LoggedEvent, 'seq' | 'type' | 'format'>[]
  readonly lastSeq: number
}

/** Returns the checkpoints that are kept, oldest first. */
export function keptCheckpoints({ saved }: Pick<Run, 'saved'>): readonly SnapshotId[] {
  return saved.flatMap(({ kind, snapshot, thinned }) => (kind === 'checkpoint' && snapshot !== null && !thinned ? [snapshot] : []))
}

/** Tells whether the last look at the workspace of a run found a checkout gone: nothing goes on there. */
export function isWorkspaceLost({ captured }: Pick<Run, 'captured'>): boolean {
  return captured?.repos.some(({ missing }) => missing.some(({ reason }) => reason === 'workspace_lost')) ?? false
}

/** Returns the snapshots that are kept: every round, and the checkpoints that were not thinned. */
export function keptSnapshots({ snapshots, saved }: Pick<Run, 'snapshots' | 'saved'>): readonly Snapshot[] {
  const thinned = new Set(saved.filter((moment) => moment.thinned).map(({ snapshot }) => snapshot))
  return snapshots.filter(({ id }) => !thinned.has(id))
}

/** Returns the commit that the checkout of a repo was made of. */
export function workspaceBase({ rebased }: Pick<Run, 'rebased'>, { repo, baseHead }: Pick<RunRepo, 'repo' | 'baseHead'>): Oid {
  return rebased.get(repo) ?? baseHead
}

/** Returns the latest sealed round, or `undefined` before the first. */
export function latestRound(run: Run): Snapshot | undefined {
  return run.snapshots.findLast((snapshot) => snapshot.kind === 'round')
}

/** Tells whether there is something to review: the latest round changes something, was not rejected and has not landed. */
export function isReviewable(run: Run): boolean {
  return run.rejection === undefined && run.merge.kind !== 'merged' && (latestRound(run)?.repos.some(({ files }) => files > 0) ?? false)
}

/** Tells whether the latest round leaves out something of the round it is a part of. */
export function isPart(run: Run): boolean {
  return (latestRound(run)?.part?.leftOut.length ?? 0) > 0
}

/** Returns how a run lands when nobody says: as it was approved. */
export function approvedStrategy(run: Run): MergeStrategy {
  const { approval } = run
  return approval?.commits !== undefined && approval.snapshot === latestRound(run)?.id ? 'keep' : 'squash'
}
