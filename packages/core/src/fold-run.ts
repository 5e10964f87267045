import type { Receipt } from './check.ts'
import { ControlError } from './errors.ts'
import type { HandoffId, RunId, TaskId } from './ids.ts'
import type { BaseBranch, Scope } from './records.ts'
import type { Approval, LandedRepo, Outcome, RunEvent, RunEventOf, RunRepo } from './run-event.ts'
import type { Snapshot } from './snapshot.ts'

export type RunState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'preparing' }
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting'; readonly for: 'question' | 'permission' | 'quota'; readonly because: string }
  | { readonly kind: 'sealing' }
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly because: string }

/** Where the landing of a run stands. `stuck`: it stopped half-way and says in which repos. */
export type MergeProgress =
  | { readonly kind: 'none' }
  | { readonly kind: 'merging'; readonly repos: readonly LandedRepo[] }
  | { readonly kind: 'stuck'; readonly because: string; readonly repos: readonly { readonly repo: string; readonly step: string; readonly because: string | null }[] }
  | { readonly kind: 'merged'; readonly repos: readonly LandedRepo[]; readonly strategy: 'squash' | 'merge'; readonly at: string }
  | { readonly kind: 'undone'; readonly repos: readonly LandedRepo[]; readonly at: string }

/** Everything a run's events say about it. */
export interface Run {
  readonly id: RunId
  readonly task: TaskId
  readonly agent: string
  readonly argv: readonly string[]
  readonly isolation: RunEventOf<'run.queued'>['data']['isolation']
  readonly by: string
  readonly queuedAt: string
  readonly endedAt: string | undefined
  readonly taskRevision: string
  readonly baseBranch: BaseBranch | null
  readonly scope: Scope | null
  readonly repos: readonly RunRepo[]
  readonly packet: { readonly hash: string; readonly tokens: number } | undefined
  readonly state: RunState
  readonly agentExit: RunEventOf<'agent.exited'>['data'] | undefined
  readonly cancelRequested: RunEventOf<'run.cancel_requested'>['data'] | undefined
  readonly snapshots: readonly Snapshot[]
  readonly receipts: readonly Receipt[]
  readonly handoff: HandoffId | undefined
  /** The last approval granted and not withdrawn by a rejection or spent by an undo; whether it still holds is the gate's question. */
  readonly approval: Approval | undefined
  readonly rejection: RunEventOf<'run.rejected'>['data'] | undefined
  readonly merge: MergeProgress
  readonly lastSeq: number
}

/** Returns the latest sealed round, or `undefined` before the first. */
export function latestRound(run: Run): Snapshot | undefined {
  return run.snapshots.findLast((snapshot) => snapshot.kind === 'round')
}

/**
 * Folds a run's events into its state.
 * @throws ControlError `run.log_invalid` when the events could not have happened in this order.
 */
export function foldRun(events: readonly RunEvent[]): Run {
  const [first, ...rest] = events
  if (first === undefined) throw new ControlError('run.log_invalid', 'The run has no events')
  return rest.reduce(applyEvent, firstState(first))
}

function firstState(event: RunEvent): Run {
  if (event.type !== 'run.queued' || event.seq !== 1) {
    throw new ControlError('run.log_invalid', `The log of ${event.run} begins with ${event.type} (seq ${event.seq}), not run.queued`)
  }
  const { agent, argv, isolation, by, taskRevision, baseBranch, scope, repos } = event.data
  return {
    id: event.run,
    task: event.task,
    agent,
    argv,
    isolation,
    by,
    queuedAt: event.at,
    endedAt: undefined,
    taskRevision,
    baseBranch,
    scope,
    repos,
    packet: undefined,
    state: { kind: 'queued' },
    agentExit: undefined,
    cancelRequested: undefined,
    snapshots: [],
    receipts: [],
    handoff: undefined,
    approval: undefined,
    rejection: undefined,
    merge: { kind: 'none' },
    lastSeq: 1,
  }
}

/**
 * Returns the run after one more event. The log's appender calls this before it writes, so an impossible event never reaches disk.
 * @throws ControlError `run.log_invalid` when the event cannot follow.
 */
export function applyEvent(run: Run, event: RunEvent): Run {
  const because = impossible(run, event)
  if (because !== undefined) {
    throw new ControlError('run.log_invalid', `${event.type} (seq ${event.seq}) cannot follow in ${run.id}: ${because}`)
  }
  return { ...run, ...changesOf(run, event), lastSeq: event.seq }
}

function changesOf(run: Run, event: RunEvent): Partial<Run> {
  switch (event.type) {
    case 'run.queued':
    case 'setup.finished':
      return {}
    case 'run.claimed':
      return { state: { kind: 'preparing' } }
    case 'run.prepared':
      return { packet: { hash: event.data.packetHash, tokens: event.data.packetTokens } }
    case 'run.started':
    case 'run.continued':
      return { state: { kind: 'running' } }
    case 'run.waited':
      return { state: { kind: 'waiting', for: event.data.for, because: event.data.because } }
    case 'run.cancel_requested':
      return { cancelRequested: event.data }
    case 'agent.exited':
      return { agentExit: event.data }
    case 'sealing.started':
      return { state: { kind: 'sealing' } }
    case 'checkpoint.captured':
    case 'round.sealed':
      return { snapshots: [...run.snapshots, event.data.snapshot] }
    case 'check.finished':
      return { receipts: [...run.receipts, event.data.receipt] }
    case 'handoff.written':
      return { handoff: event.data.handoff }
    case 'run.ended':
      return { state: { kind: 'ended', ...event.data }, endedAt: event.at }
    case 'approval.granted':
      return { approval: event.data.approval, rejection: undefined }
    case 'run.rejected':
      return { approval: undefined, rejection: event.data }
    case 'merge.started':
      return { merge: { kind: 'merging', repos: event.data.repos } }
    case 'merge.stopped':
      return { merge: event.data.stuck ? { kind: 'stuck', because: event.data.because, repos: event.data.repos } : { kind: 'none' } }
    case 'merge.published':
      return { merge: { kind: 'merged', ...event.data, at: event.at } }
    case 'merge.undone':
      return { approval: undefined, merge: { kind: 'undone', repos: event.data.repos, at: event.at } }
    default:
      return event satisfies never
  }
}

/** Returns why `event` cannot follow, or `undefined` when it can. */
function impossible(run: Run, event: RunEvent): string | undefined {
  if (event.run !== run.id || event.task !== run.task) return `it belongs to ${event.run} of ${event.task}`
  if (event.seq !== run.lastSeq + 1) return `the last seq is ${run.lastSeq}`
  const allowed = states[event.type]
  if (!allowed.includes(run.state.kind)) return `the run is ${run.state.kind}`
  switch (event.type) {
    case 'run.prepared':
      return run.packet === undefined ? undefined : 'the packet is already saved'
    case 'run.started':
      return run.packet === undefined ? 'no packet was saved' : undefined
    case 'checkpoint.captured':
    case 'round.sealed':
      return impossibleSnapshot(run, event.data.snapshot)
    case 'approval.granted':
      return impossibleApproval(run, event.data.approval)
    case 'run.rejected':
      return isLanding(run) ? `its merge is ${run.merge.kind}` : undefined
    case 'merge.started':
      if (run.approval === undefined) return 'nothing is approved'
      return isLanding(run) ? `its merge is ${run.merge.kind}` : undefined
    case 'merge.stopped':
    case 'merge.published':
      return run.merge.kind === 'merging' || run.merge.kind === 'stuck' ? undefined : 'no merge is under way'
    case 'merge.undone':
      return run.merge.kind === 'merged' ? undefined : 'it is not merged'
    default:
      return undefined
  }
}

function isLanding(run: Run): boolean {
  return run.merge.kind === 'merging' || run.merge.kind === 'stuck' || run.merge.kind === 'merged'
}

function impossibleSnapshot(run: Run, snapshot: Snapshot): string | undefined {
  const expected = `${run.id}.s${run.snapshots.length + 1}`
  if (snapshot.id !== expected) return `the next snapshot is ${expected}, not ${snapshot.id}`
  return isLanding(run) ? `its merge is ${run.merge.kind}` : undefined
}

function impossibleApproval(run: Run, approval: Approval): string | undefined {
  const round = latestRound(run)
  if (round === undefined) return 'nothing is sealed'
  if (approval.snapshot !== round.id) return `the latest round is ${round.id}, not ${approval.snapshot}`
  if (approval.digest !== round.digest) return `the digest of ${round.id} differs`
  if (!round.complete) return `${round.id} is incomplete`
  return isLanding(run) ? `its merge is ${run.merge.kind}` : undefined
}

const live = ['preparing', 'running', 'waiting'] as const

/** In which states an event may happen. */
const states: Readonly<Record<RunEvent['type'], readonly RunState['kind'][]>> = {
  'run.queued': [],
  'run.claimed': ['queued'],
  'run.prepared': ['preparing'],
  'setup.finished': ['preparing'],
  'run.started': ['preparing'],
  'run.waited': ['running'],
  'run.continued': ['waiting'],
  'run.cancel_requested': ['queued', ...live, 'sealing'],
  'agent.exited': ['running', 'waiting'],
  'sealing.started': ['queued', ...live],
  'checkpoint.captured': ['running', 'waiting'],
  'round.sealed': ['sealing', 'ended'],
  'check.finished': ['sealing', 'ended'],
  'handoff.written': ['sealing', 'ended'],
  'run.ended': ['sealing'],
  'approval.granted': ['ended'],
  'run.rejected': ['ended'],
  'merge.started': ['ended'],
  'merge.stopped': ['ended'],
  'merge.published': ['ended'],
  'merge.undone': ['ended'],
}
