import type { Receipt } from './check.ts'
import type { HandoffId, RunId, TaskId } from './ids.ts'
import type { Isolation, SandboxPolicy } from './isolation.ts'
import type { Push } from './push.ts'
import type { BaseBranch, Scope } from './records.ts'
import type { Approval, LandedRepo, LoggedEvent, Outcome, RunEventOf, RunRepo } from './run-event.ts'
import type { Snapshot } from './snapshot.ts'
import type { SourceLook } from './source-change.ts'
import type { Waiver } from './waiver.ts'

export type RunState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'preparing' }
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting'; readonly for: 'question' | 'permission' | 'quota'; readonly because: string }
  | { readonly kind: 'sealing' }
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly because: string }

/** `squash` lands one commit; `merge` a merge commit whose second parent is one synthesized commit. */
export type MergeStrategy = RunEventOf<'merge.started'>['data']['strategy']

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

/** Everything a run's events say about it. */
export interface Run {
  readonly id: RunId
  readonly task: TaskId
  readonly agent: string
  readonly argv: readonly string[]
  readonly isolation: Isolation
  /** What its sandbox allows; undefined for a run without one. */
  readonly sandbox: SandboxPolicy | undefined
  readonly by: string
  readonly queuedAt: string
  readonly endedAt: string | undefined
  readonly taskRevision: string
  readonly baseBranch: BaseBranch | null
  readonly scope: Scope | null
  readonly repos: readonly RunRepo[]
  /** Minutes it may take. */
  readonly minutes: number
  /** Tokens its packet may cost; null for the default. */
  readonly budget: number | null
  readonly packet: { readonly hash: string; readonly tokens: number } | undefined
  readonly state: RunState
  readonly agentExit: RunEventOf<'agent.exited'>['data'] | undefined
  readonly cancelRequested: RunEventOf<'run.cancel_requested'>['data'] | undefined
  readonly snapshots: readonly Snapshot[]
  /** The last snapshot taken from the workspace itself: a refreshed round is computed, not captured. */
  readonly captured: Snapshot | undefined
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
  /** Events that this version does not know or, after one of those, cannot place: while there are any, nothing of the run is changed or approved. */
  readonly unknown: readonly Pick<LoggedEvent, 'seq' | 'type' | 'format'>[]
  readonly lastSeq: number
}

/** Returns the latest sealed round, or `undefined` before the first. */
export function latestRound(run: Run): Snapshot | undefined {
  return run.snapshots.findLast((snapshot) => snapshot.kind === 'round')
}
