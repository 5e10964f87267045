import { joinClaims } from './claims.ts'
import { ControlError } from './errors.ts'
import { withPush } from './push.ts'
import { formats, newerFormat } from './formats.ts'
import { findContradiction, findDisorder } from './run-contradiction.ts'
import { isKnown, type LoggedEvent, type RunEvent, type RunEventOf } from './run-event.ts'
import { latestRound, type MergeProgress, type Run } from './run.ts'
import { isComputed, type SavedMoment } from './checkpoint.ts'
import type { Snapshot } from './snapshot.ts'
import { isAcceptable, type SourceLook } from './source-change.ts'

/**
 * Folds a run's events into its state. Events of a newer version are counted, and change nothing else.
 * @throws ControlError `run.log_invalid` when the events could not have happened in this order, `format.newer` when already the first is of a newer version.
 */
export function foldRun(events: readonly LoggedEvent[]): Run {
  const [first, ...rest] = events
  if (first === undefined) throw new ControlError('run.log_invalid', 'The run has no events')
  if (!isKnown(first)) throw newerFormat(`The first event of ${first.run}, ${first.type},`, first.format, formats.event)
  return rest.reduce(foldEvent, firstState(first))
}

/** What comes after an unknown event may only make sense with it: where it does not without, it is unknown too. */
function foldEvent(run: Run, event: LoggedEvent): Run {
  if (isKnown(event) && (run.unknown.length === 0 || findContradiction(run, event) === undefined)) return applyEvent(run, event)
  const because = findDisorder(run, event)
  if (because !== undefined) throw cannotFollow(run, event, because)
  const { seq, type, format } = event
  return { ...run, unknown: [...run.unknown, { seq, type, format }], lastSeq: seq }
}

/**
 * Returns the run after one more event. The log's appender calls this before it writes, so an impossible event never reaches disk.
 * @throws ControlError `run.log_invalid` when the event cannot follow.
 */
export function applyEvent(run: Run, event: RunEvent): Run {
  const because = findContradiction(run, event)
  if (because !== undefined) throw cannotFollow(run, event, because)
  return { ...run, ...changesOf(run, event), lastSeq: event.seq }
}

function cannotFollow(run: Run, { type, seq }: LoggedEvent, because: string): ControlError {
  return new ControlError('run.log_invalid', `${type} (seq ${seq}) cannot follow in ${run.id}: ${because}`)
}

function firstState(event: RunEvent): Run {
  if (event.type !== 'run.queued' || event.seq !== 1) {
    throw new ControlError('run.log_invalid', `The log of ${event.run} begins with ${event.type} (seq ${event.seq}), not run.queued`)
  }
  const { agent, argv, isolation, sandbox, home, by, taskRevision, baseBranch, scope, repos, from, ontoTarget = false, minutes, silentMinutes, spending = {}, budget, takesBack } = event.data
  if (new Set(repos.map(({ repo }) => repo)).size < repos.length) {
    throw new ControlError('run.log_invalid', `The log of ${event.run} names a repo twice`)
  }
  return {
    id: event.run,
    task: event.task,
    agent,
    argv,
    isolation,
    sandbox,
    home,
    by,
    queuedAt: event.at,
    endedAt: undefined,
    taskRevision,
    baseBranch,
    scope,
    repos,
    from,
    ontoTarget,
    minutes,
    silentMinutes,
    spending,
    budget,
    takesBack,
    packet: undefined,
    state: { kind: 'queued' },
    session: undefined,
    questions: [],
    claims: undefined,
    resumed: undefined,
    endSealed: false,
    agentExit: undefined,
    survivors: [],
    cancelRequested: undefined,
    snapshots: [],
    saved: [],
    captured: undefined,
    sameChange: [],
    rebased: new Map(),
    resolving: undefined,
    sealFailure: undefined,
    sources: [],
    receipts: [],
    handoff: undefined,
    approval: undefined,
    waivers: [],
    rejection: undefined,
    merge: { kind: 'none' },
    pushes: [],
    reverts: [],
    delegated: [],
    reviewFacts: 0,
    requested: [],
    unknown: [],
    lastSeq: 1,
  }
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
    case 'run.resumed':
      return { state: { kind: 'queued' }, endedAt: undefined, agentExit: undefined, cancelRequested: undefined, sealFailure: undefined, handoff: undefined, rejection: undefined, sources: [], endSealed: false, minutes: event.data.minutes, resumed: { ...event.data, at: event.at } }
    case 'run.started':
    case 'run.continued':
      return { state: { kind: 'running' } }
    case 'run.waited':
      return { state: { kind: 'waiting', for: event.data.for, because: event.data.because } }
    case 'session.opened':
      return { session: event.data }
    case 'question.asked':
      return { questions: [...run.questions, { asked: event.data.asked, at: event.at, state: 'open', answer: null }] }
    case 'question.answered':
      return { questions: run.questions.map((question) => (question.asked.id === event.data.question ? { ...question, state: 'answered', answer: { value: event.data.answer, by: event.data.by, at: event.at } } : question)) }
    case 'run.cancel_requested':
      return { cancelRequested: event.data }
    case 'agent.claimed':
      return { claims: joinClaims(run.claims, event.data) }
    case 'agent.exited':
      return { agentExit: event.data, questions: withdrawn(run.questions) }
    case 'sealing.started':
      return { state: { kind: 'sealing' }, questions: withdrawn(run.questions) }
    case 'processes.survived':
      return { survivors: event.data.processes }
    case 'checkpoint.captured':
      return withSnapshot(run, event.data.snapshot, { ...momentOf(event), kind: 'checkpoint', heldMs: event.data.heldMs })
    case 'checkpoint.failed':
      return { saved: [...run.saved, { ...momentOf(event), kind: 'failed', because: event.data.because }] }
    case 'checkpoint.thinned':
      return { saved: run.saved.map((moment) => (moment.snapshot !== null && event.data.snapshots.includes(moment.snapshot) ? { ...moment, thinned: true } : moment)) }
    case 'round.sealed':
      return { ...withSnapshot(run, event.data.snapshot, { ...momentOf(event), kind: 'round' }), ...(isComputed(event.data.by) ? {} : { captured: event.data.snapshot, resolving: isUnsettled(event.data.snapshot) ? run.resolving : undefined }), sameChange: sameChangeOf(run, event.data), sealFailure: undefined, endSealed: true }
    case 'refresh.begun':
      return { rebased: new Map([...run.rebased, ...event.data.repos.map(({ repo, base }) => [repo, base] as const)]), resolving: { of: event.data.of, repos: event.data.repos, conflicts: undefined } }
    case 'refresh.prepared':
      return { resolving: run.resolving === undefined ? undefined : { ...run.resolving, conflicts: event.data.conflicts } }
    case 'seal.failed':
      return { sealFailure: event.data.because }
    case 'source.compared':
      return { sources: withLook(run, { ...event.data, accepted: null }) }
    case 'source.accepted':
      return { sources: run.sources.map((look) => (isAcceptable(look) ? { ...look, accepted: event.data } : look)) }
    case 'check.finished':
      return { receipts: [...run.receipts, event.data.receipt] }
    case 'handoff.written':
      return { handoff: event.data.handoff }
    case 'run.ended':
      return { state: { kind: 'ended', ...event.data }, endedAt: event.at }
    case 'approval.granted':
      return { approval: event.data.approval, rejection: undefined }
    case 'waiver.granted':
      return { waivers: [...run.waivers, event.data.waiver] }
    case 'run.rejected':
      return { approval: undefined, rejection: event.data }
    case 'merge.started':
      return { merge: { kind: 'merging', ...event.data } }
    case 'merge.stopped':
      return { merge: stopMerge(run.merge, event.data) }
    case 'merge.published':
      return { merge: { kind: 'merged', ...event.data, at: event.at } }
    case 'merge.undone':
      return { approval: undefined, merge: { kind: 'undone', repos: event.data.repos, at: event.at } }
    case 'push.started':
      return { pushes: [...run.pushes, { ...event.data, at: event.at, repos: event.data.repos.map((move) => ({ ...move, pushed: false, pullRequest: null })), because: null }] }
    case 'branch.pushed':
      return { pushes: withPush(run.pushes, event.data, { because: null, repo: { pushed: true } }) }
    case 'push.stopped':
      return { pushes: withPush(run.pushes, event.data, { because: event.data.because }) }
    case 'pull_request.opened':
      return { pushes: withPush(run.pushes, event.data, { because: null, repo: { pullRequest: event.data.url } }) }
    case 'merge.revert_prepared':
      return { reverts: [...run.reverts, event.data.run] }
    case 'review.recorded':
      return { reviewFacts: event.data.facts }
    case 'changes.requested':
      return { requested: [...run.requested, { of: event.data.of, run: event.data.run }] }
    case 'refresh.delegated':
      return { delegated: [...run.delegated, { of: event.data.of, run: event.data.run }] }
    default:
      return event satisfies never
  }
}

/** What an agent asked to be allowed is nobody's question any more once it is gone; what it asked a human to decide still is. */
function withdrawn(questions: Run['questions']): Run['questions'] {
  return questions.map((question) => (question.state === 'open' && question.asked.kind === 'permission' ? { ...question, state: 'withdrawn' } : question))
}

/** Tells whether a round was sealed over conflicts that nobody settled: what follows is still about them. */
function isUnsettled({ repos }: Snapshot): boolean {
  return repos.some(({ missing }) => missing.some(({ reason }) => reason === 'conflict_unsettled'))
}

/** Only a refresh proves it; any other round begins anew. */
function sameChangeOf(run: Run, { by, sameChange }: RunEventOf<'round.sealed'>['data']): Run['sameChange'] {
  const before = latestRound(run)
  return by === 'refresh' && sameChange === true && before !== undefined ? [...run.sameChange, before.id] : []
}

function withSnapshot(run: Run, snapshot: Snapshot, moment: SavedMoment): Partial<Run> {
  return { snapshots: [...run.snapshots, snapshot], saved: [...run.saved, { ...moment, snapshot: snapshot.id }] }
}

function momentOf({ at, data }: RunEventOf<'checkpoint.captured' | 'checkpoint.failed' | 'round.sealed'>): Omit<SavedMoment, 'kind'> {
  return { at, snapshot: null, reason: 'by' in data ? data.by : data.reason, because: null, heldMs: null, thinned: false }
}

/** A later look at a source takes the place of an earlier one. */
function withLook({ sources }: Run, look: SourceLook): Run['sources'] {
  return [...sources.filter(({ repo }) => repo !== look.repo), look]
}

/** A merge that stopped whole leaves nothing behind; an undo that did leaves the merge as it was. */
function stopMerge(merge: MergeProgress, { stuck, because, repos }: RunEventOf<'merge.stopped'>['data']): MergeProgress {
  const undoing = merge.kind === 'merged' ? merge : merge.kind === 'stuck' ? merge.undoing : undefined
  if (!stuck) return undoing ?? { kind: 'none' }
  if (merge.kind === 'none' || merge.kind === 'undone') return merge
  const started = merge.kind === 'stuck' ? merge.started : merge.repos
  return { kind: 'stuck', strategy: merge.strategy, because, repos, started, undoing }
}
