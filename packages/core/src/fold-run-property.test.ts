import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextSnapshot, plausible, queued, toEvent } from '../test/events.ts'
import { api, oid, web } from '../test/facts.ts'
import { hasCode } from './errors.ts'
import { applyEvent, foldRun } from './fold-run.ts'
import { repoNameSchema, runIdSchema, snapshotIdSchema } from './ids.ts'
import { eventData, parseRunEvent, type NewRunEvent, type RunEvent, type RunEventOf, type RunEventType, type Approval } from './run-event.ts'
import { keptSnapshots, latestRound, type Run } from './run.ts'
import type { Snapshot } from './snapshot.ts'

const types = Object.keys(eventData).filter((type): type is RunEventType => type in eventData)

/** What tends to come next, so that random walks get to their late states. */
function likely(run: Run): readonly RunEventType[] {
  const { state, merge } = run
  switch (state.kind) {
    case 'queued':
      return ['run.claimed']
    case 'preparing':
      return run.packet === undefined ? ['run.prepared'] : ['run.started', 'setup.finished']
    case 'running':
      return run.agentExit === undefined ? ['agent.exited', 'question.asked', 'question.answered', 'run.waited', 'checkpoint.captured', 'checkpoint.captured', 'checkpoint.thinned', 'source.compared'] : ['sealing.started']
    case 'waiting':
      return ['run.continued', 'question.asked', 'question.answered']
    case 'sealing':
      return !run.endSealed ? ['processes.survived', 'source.compared', 'round.sealed', 'seal.failed'] : ['run.ended', 'handoff.written', 'check.finished']
    case 'ended':
      if (merge.kind === 'merging') return ['merge.published', 'merge.stopped']
      if (merge.kind === 'stuck') return ['merge.published', 'merge.stopped', 'merge.undone']
      if (merge.kind === 'merged') return ['merge.undone', 'merge.stopped']
      if (run.approval === undefined) return ['approval.granted', 'run.resumed']
      return [...(run.pushes.length === 0 ? (['push.started'] as const) : (['branch.pushed', 'push.stopped', 'pull_request.opened'] as const)), 'merge.started', 'round.sealed', 'approval.granted', 'run.resumed']
    default:
      return state satisfies never
  }
}

/** One way to spoil an event, or to leave it. */
type Twist = (event: RunEvent, run: Run) => RunEvent

const straight: Twist = (event) => event
const twists: readonly Twist[] = [
  (event) => ({ ...event, seq: event.seq + 1 }),
  (event) => ({ ...event, seq: event.seq - 1 }),
  (event) => ({ ...event, run: runIdSchema.parse('R0099') }),
  ofType('merge.stopped', (data) => ({ ...data, stuck: !data.stuck })),
  ofType('run.ended', (data) => ({ ...data, outcome: data.outcome === 'completed' ? 'interrupted' : 'completed' })),
  ofType('run.ended', (data) => ({ ...data, outcome: 'escaped' })),
  ofType('source.compared', (data) => ({ ...data, repo: repoNameSchema.parse('else') })),
  ofType('source.compared', ({ live, ...data }) => (live === undefined ? { ...data, live: true } : data)),
  ofType('source.compared', ({ foreign, ...data }) => (foreign === undefined ? { ...data, foreign: true } : data)),
  ofType('question.asked', ({ asked }) => ({ asked: { ...asked, id: 'Q1' } })),
  ofType('question.answered', (data) => ({ ...data, answer: data.answer.kind === 'text' ? { kind: 'refuse', because: 'no' } : { kind: 'text', text: 'yes' } })),
  ofType('round.sealed', (data) => ({ ...data, by: 'refresh' })),
  ofType('round.sealed', (data) => ({ ...data, by: 'recovery' })),
  ofType('round.sealed', (data) => ({ ...data, snapshot: { ...data.snapshot, complete: false } })),
  ofType('round.sealed', (data, run) => ({ ...data, snapshot: nextSnapshot(run, 'checkpoint') })),
  ofType('round.sealed', (data) => ({ ...data, snapshot: { ...data.snapshot, repos: data.snapshot.repos.slice(1) } })),
  ofType('round.sealed', (data) => ({ ...data, snapshot: { ...data.snapshot, id: snapshotIdSchema.parse('R0031.s1') } })),
  ofType('checkpoint.captured', (data, run) => ({ ...data, snapshot: nextSnapshot(run, 'round') })),
  ofType('checkpoint.thinned', (data, run) => ({ ...data, snapshots: [...run.snapshots.map(({ id }) => id), ...data.snapshots] })),
  ofType('approval.granted', ({ approval }, run) => ({ approval: { ...approval, ...namedIn(run.snapshots.findLast(({ kind }) => kind === 'checkpoint') ?? nextSnapshot(run, 'checkpoint')) } })),
  ofType('check.finished', ({ receipt }, run) => ({ receipt: { ...receipt, digest: run.snapshots.findLast(({ kind }) => kind === 'checkpoint')?.digest ?? 'none' } })),
  ofType('approval.granted', ({ approval }) => ({ approval: { ...approval, snapshot: snapshotIdSchema.parse('R0031.s1'), digest: 'digest of R0031.s1' } })),
  ofType('approval.granted', ({ approval }) => ({ approval: { ...approval, digest: 'none' } })),
  ofType('waiver.granted', ({ waiver }) => ({ waiver: { ...waiver, digest: 'none' } })),
  ofType('check.finished', ({ receipt }) => ({ receipt: { ...receipt, tree: oid('9') } })),
  ofType('merge.started', (data) => ({ ...data, repos: data.repos.map((move) => ({ ...move, from: oid('9') })) })),
  ofType('merge.started', (data) => ({ ...data, repos: data.repos.map((move) => ({ ...move, approved: oid('9') })) })),
  ofType('merge.published', (data) => ({ ...data, repos: data.repos.map((move) => ({ ...move, to: oid('9') })) })),
  ofType('push.started', (data) => ({ ...data, approval: 'another' })),
  ofType('push.started', (data) => ({ ...data, repos: data.repos.map((move) => ({ ...move, from: oid('9') })) })),
  ofType('branch.pushed', (data) => ({ ...data, to: oid('9') })),
  ofType('branch.pushed', (data) => ({ ...data, remote: 'elsewhere' })),
  ofType('merge.undone', (data) => ({ ...data, repos: data.repos.map((move) => ({ ...move, repo: web })) })),
]

function namedIn({ id, digest }: Snapshot): Pick<Approval, 'snapshot' | 'digest'> {
  return { snapshot: id, digest }
}

function ofType<T extends RunEventType>(type: T, change: (data: RunEventOf<T>['data'], run: Run) => RunEventOf<T>['data']): Twist {
  return (event, run) => (event.type === type ? ({ ...event, data: change((event as RunEventOf<T>).data, run) } as RunEvent) : event)
}

interface Choice {
  readonly likely: boolean
  readonly pick: number
  readonly twist: Twist
}

const choice: fc.Arbitrary<Choice> = fc.record({
  likely: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  pick: fc.nat({ max: 1_000 }),
  twist: fc.oneof({ weight: 4, arbitrary: fc.constant(straight) }, { weight: 1, arbitrary: fc.constantFrom(...twists) }),
})

function choose(run: Run, { likely: usual, pick, twist }: Choice): RunEvent {
  const pool = usual ? likely(run) : types
  const type = pool[pick % pool.length] ?? 'run.queued'
  return twist(toEvent(run, plausible(run, type)), run)
}

function accepts(run: Run, event: RunEvent): Run | undefined {
  try {
    return applyEvent(run, event)
  } catch (error) {
    if (hasCode(error, 'run.log_invalid')) return undefined
    throw error
  }
}

/** Logs that fold: what the appender let through of many tries. */
const logs: fc.Arbitrary<readonly RunEvent[]> = fc.array(choice, { maxLength: 60, size: 'max' }).map((choices) => {
  const events: RunEvent[] = [queued()]
  let run = foldRun(events)
  for (const one of choices) {
    const event = choose(run, one)
    const next = accepts(run, event)
    if (next === undefined) continue
    events.push(event)
    run = next
  }
  return events
})

// What must be true of every log that folds, told from its events alone, without a state machine.

interface Rule {
  readonly name: string
  /** Says whether event `at` may be there, given all events. */
  readonly holds: (events: readonly RunEvent[], at: number) => boolean
}

function before<T extends RunEventType>(events: readonly RunEvent[], at: number, type: T): readonly RunEventOf<T>[] {
  return events.slice(0, at).filter((event): event is RunEventOf<T> & RunEvent => event.type === type)
}

/** The same, of what happened since the run was last gone on with. */
function lately<T extends RunEventType>(events: readonly RunEvent[], at: number, type: T): readonly RunEventOf<T>[] {
  const from = lastIndex(events, at, 'run.resumed') + 1
  return before(events.slice(from), at - from, type)
}

function isOneOf(event: RunEvent | undefined, ...names: readonly RunEventType[]): boolean {
  return event !== undefined && names.includes(event.type)
}

function landingBefore(events: readonly RunEvent[], at: number): RunEventType | undefined {
  return events.slice(0, at).findLast((event) => isOneOf(event, 'merge.started', 'merge.stopped', 'merge.published', 'merge.undone'))?.type
}

/** Says whether a landing is under way, stuck or done before event `at`: told by the last word about it. */
function isLanded(events: readonly RunEvent[], at: number): boolean {
  const last = landingBefore(events, at)
  if (last === undefined || last === 'merge.undone') return false
  if (last !== 'merge.stopped') return true
  const stops = before(events, at, 'merge.stopped')
  const published = lastIndex(events, at, 'merge.published') > Math.max(lastIndex(events, at, 'merge.started'), lastIndex(events, at, 'merge.undone'))
  return published || stops.at(-1)?.data.stuck === true
}

function lastIndex(events: readonly RunEvent[], at: number, type: RunEventType): number {
  return events.slice(0, at).findLastIndex((event) => event.type === type)
}

const rules: readonly Rule[] = [
  { name: 'seq counts up by one from 1', holds: (events, at) => events[at]?.seq === at + 1 },
  { name: 'one run, one task', holds: (events, at) => events[at]?.run === events[0]?.run && events[at]?.task === events[0]?.task },
  { name: 'only the first event queues', holds: (events, at) => (events[at]?.type === 'run.queued') === (at === 0) },
  { name: 'once only', holds: (events, at) => !isOneOf(events[at], 'run.claimed', 'run.started', 'agent.exited', 'sealing.started', 'run.ended') || lately(events, at, events[at]?.type ?? 'run.queued').length === 0 },
  { name: 'one packet', holds: (events, at) => events[at]?.type !== 'run.prepared' || before(events, at, 'run.prepared').length === 0 },
  { name: 'what goes on had ended, with a packet, and is not landed', holds: (events, at) => events[at]?.type !== 'run.resumed' || (lately(events, at, 'run.ended').length === 1 && before(events, at, 'run.prepared').length === 1 && !isLanded(events, at)) },
  { name: 'claimed before prepared', holds: (events, at) => events[at]?.type !== 'run.prepared' || lately(events, at, 'run.claimed').length === 1 },
  { name: 'running only after a packet', holds: (events, at) => events[at]?.type !== 'run.started' || before(events, at, 'run.prepared').length === 1 },
  { name: 'an agent exits, waits and goes on only once started', holds: (events, at) => !isOneOf(events[at], 'agent.exited', 'run.waited', 'run.continued', 'checkpoint.captured') || lately(events, at, 'run.started').length === 1 },
  { name: 'nothing of the agent after it exited or sealing began', holds: (events, at) => !isOneOf(events[at], 'run.waited', 'run.continued') || lately(events, at, 'agent.exited').length + lately(events, at, 'sealing.started').length === 0 },
  { name: 'waits and goes on in turn', holds: (events, at) => !isOneOf(events[at], 'run.waited', 'run.continued') || lately(events, at, 'run.waited').length - lately(events, at, 'run.continued').length === (events[at]?.type === 'run.waited' ? 0 : 1) },
  { name: 'a question is asked by an agent that is there, and answered once, in its kind', holds: (events, at) => {
    const event = events[at]
    if (event?.type === 'question.asked') return event.data.asked.id === `Q${before(events, at, 'question.asked').length + 1}` && lately(events, at, 'agent.exited').length === 0
    if (event?.type !== 'question.answered') return true
    const asked = before(events, at, 'question.asked').find(({ data }) => data.asked.id === event.data.question)?.data.asked
    const isGone = asked?.kind === 'permission' && Math.max(lastIndex(events, at, 'agent.exited'), lastIndex(events, at, 'sealing.started')) > events.findIndex((one) => one.type === 'question.asked' && one.data.asked.id === asked.id)
    return asked !== undefined && !isGone && (asked.kind === 'question') === (event.data.answer.kind === 'text') && !before(events, at, 'question.answered').some(({ data }) => data.question === event.data.question)
  } },
  { name: 'no checkpoint once sealing began', holds: (events, at) => !isOneOf(events[at], 'checkpoint.captured', 'checkpoint.failed', 'checkpoint.thinned') || lately(events, at, 'sealing.started').length === 0 },
  { name: 'ended only after sealing', holds: (events, at) => events[at]?.type !== 'run.ended' || lately(events, at, 'sealing.started').length === 1 },
  { name: 'rounds, checks, handoffs and ends only after sealing began', holds: (events, at) => !isOneOf(events[at], 'processes.survived', 'round.sealed', 'seal.failed', 'check.finished', 'handoff.written') || lately(events, at, 'sealing.started').length === 1 },
  { name: 'nothing to cancel after the end', holds: (events, at) => !isOneOf(events[at], 'run.cancel_requested', 'seal.failed', 'sealing.started') || lately(events, at, 'run.ended').length === 0 },
  { name: 'no approval, rejection or merge before the end', holds: (events, at) => !isOneOf(events[at], 'approval.granted', 'run.rejected', 'merge.started', 'merge.stopped', 'merge.published', 'merge.undone', 'push.started') || lately(events, at, 'run.ended').length === 1 },
  { name: 'nothing is sealed, approved, rejected or started over a landing', holds: (events, at) => !isOneOf(events[at], 'round.sealed', 'approval.granted', 'run.rejected', 'merge.started', 'push.started') || !isLanded(events, at) },
  { name: 'snapshots count up', holds: (events, at) => snapshotsOf(events.slice(0, at + 1)).every(({ data }, index) => data.snapshot.id === `R0031.s${index + 1}`) },
  { name: 'a snapshot is what its event says', holds: (_events, at) => snapshotsOf(_events.slice(0, at + 1)).every(({ type, data }) => data.snapshot.kind === (type === 'round.sealed' ? 'round' : 'checkpoint')) },
  { name: 'a whole snapshot has every repo', holds: (events, at) => snapshotsOf(events.slice(0, at + 1)).every(({ data }) => !data.snapshot.complete || data.snapshot.repos.map(({ repo }) => repo).toSorted().join() === 'api,web') },
  {
    name: 'what is thinned is a checkpoint that was captured, and goes once',
    holds: (events, at) => {
      const event = events[at]
      if (event?.type !== 'checkpoint.thinned') return true
      const captured = before(events, at, 'checkpoint.captured').map(({ data }) => data.snapshot.id)
      const gone = before(events, at, 'checkpoint.thinned').flatMap(({ data }) => data.snapshots)
      return event.data.snapshots.every((id) => captured.includes(id) && !gone.includes(id))
    },
  },
  {
    name: 'an approval is of the latest round at the time, and that is complete',
    holds: (events, at) => {
      const event = events[at]
      if (event?.type !== 'approval.granted') return true
      const round = before(events, at, 'round.sealed').at(-1)?.data.snapshot
      return round?.complete === true && round.id === event.data.approval.snapshot && round.digest === event.data.approval.digest
    },
  },
  {
    name: 'a merge starts from an approval of the latest round that was not withdrawn or spent, on the approved heads',
    holds: (events, at) => {
      const event = events[at]
      if (event?.type !== 'merge.started') return true
      const yes = before(events, at, 'approval.granted').at(-1)
      const round = before(events, at, 'round.sealed').at(-1)
      const no = Math.max(lastIndex(events, at, 'run.rejected'), lastIndex(events, at, 'merge.undone'))
      return yes !== undefined && yes.seq - 1 > no && yes.data.approval.snapshot === round?.data.snapshot.id && event.data.repos.every(({ repo, from, approved }) => yes.data.approval.targetHeads[repo] === (approved ?? from))
    },
  },
  {
    name: 'published is what was started',
    holds: (events, at) => {
      const event = events[at]
      return event?.type !== 'merge.published' || JSON.stringify(before(events, at, 'merge.started').at(-1)?.data.repos) === JSON.stringify(event.data.repos)
    },
  },
  {
    name: 'a push starts from an approval of the latest round that was not withdrawn or spent, on the approved heads',
    holds: (events, at) => {
      const event = events[at]
      if (event?.type !== 'push.started') return true
      const yes = before(events, at, 'approval.granted').at(-1)
      const round = before(events, at, 'round.sealed').at(-1)
      const no = Math.max(lastIndex(events, at, 'run.rejected'), lastIndex(events, at, 'merge.undone'))
      return yes !== undefined && yes.seq - 1 > no && yes.data.approval.seal === event.data.approval && yes.data.approval.digest === round?.data.snapshot.digest && event.data.repos.every(({ repo, from }) => from === null || yes.data.approval.targetHeads[repo] === from)
    },
  },
  {
    name: 'what is pushed, or stops a push, was on its way; only what was pushed has a pull request',
    holds: (events, at) => {
      const event = events[at]
      if (event?.type !== 'branch.pushed' && event?.type !== 'push.stopped' && event?.type !== 'pull_request.opened') return true
      const { remote, branch, repo, to } = event.data
      const place = JSON.stringify([remote, branch, repo, to])
      if (event.type === 'pull_request.opened' && !before(events, at, 'branch.pushed').some(({ data }) => JSON.stringify([data.remote, data.branch, data.repo, data.to]) === place)) return false
      return before(events, at, 'push.started').some(({ data }) => data.repos.some((move) => JSON.stringify([data.remote, data.branch, move.repo, move.to]) === place))
    },
  },
  { name: 'a merge is published only over a landing that is not settled', holds: (events, at) => events[at]?.type !== 'merge.published' || (isLanded(events, at) && landingBefore(events, at) !== 'merge.published') },
  { name: 'an undo is of a merge that was published', holds: (events, at) => events[at]?.type !== 'merge.undone' || (isLanded(events, at) && lastIndex(events, at, 'merge.published') > lastIndex(events, at, 'merge.started')) },
  { name: 'a receipt is of a sealed tree', holds: (events, at) => {
      const event = events[at]
      if (event?.type !== 'check.finished') return true
      const { digest, repo, tree } = event.data.receipt
      return before(events, at, 'round.sealed').some(({ data }) => data.snapshot.digest === digest && data.snapshot.repos.some((saved) => saved.repo === repo && saved.tree === tree))
    } },
  { name: 'a run escaped exactly when there is evidence at its end', holds: (events, at) => {
      const event = events[at]
      if (event?.type !== 'run.ended') return true
      const last = new Map(events.slice(lastIndex(events, at, 'run.resumed') + 1, at).flatMap((one) => (one.type === 'source.compared' ? [[one.data.repo, one.data.changes] as const] : [])))
      const evidence = [...last.values()].some((changes) => changes.some((change) => change.evidence !== null))
      return (event.data.outcome === 'escaped') === evidence
    } },
  { name: 'a source is compared once at the end, and again only where that failed; whatever is seen of it before is seen while the agent works', holds: (events, at) => {
      const event = events[at]
      if (event?.type !== 'source.compared') return true
      const isAtWork = lately(events, at, 'run.started').length > 0 && lately(events, at, 'sealing.started').length === 0
      return (event.data.live === true) === isAtWork && lately(events, at, 'source.compared').every(({ data }) => data.repo !== event.data.repo || data.live === true || data.unread !== null)
    } },
  { name: 'a source is called foreign exactly where the run has no checkout of it', holds: (events, at) => {
      const event = events[at]
      return event?.type !== 'source.compared' || ['api', 'web'].includes(event.data.repo) === (event.data.foreign !== true)
    } },
  { name: 'only what changed is called their own by a human', holds: (events, at) => events[at]?.type !== 'source.accepted' || lately(events, at, 'source.compared').some(({ data }) => data.changes.length > 0 || data.unread !== null) },
  { name: 'what completed is an agent that exited and work that is sealed', holds: (events, at) => {
      const event = events[at]
      return event?.type !== 'run.ended' || event.data.outcome !== 'completed' || (lately(events, at, 'agent.exited').length === 1 && lately(events, at, 'round.sealed').length > 0 && lastIndex(events, at, 'round.sealed') > lastIndex(events, at, 'seal.failed'))
    } },
]

function snapshotsOf(events: readonly RunEvent[]): readonly (RunEventOf<'round.sealed'> | RunEventOf<'checkpoint.captured'>)[] {
  return events.filter((event) => event.type === 'round.sealed' || event.type === 'checkpoint.captured')
}

function brokenRules(events: readonly RunEvent[]): readonly string[] {
  return rules.flatMap(({ name, holds }) => events.flatMap((event, at) => (holds(events, at) ? [] : [`${name}: event ${at} ${event.type}`])))
}

describe('foldRun admits no impossible run', () => {
  it('what folds keeps every rule', () => {
    fc.assert(
      fc.property(logs, (events) => {
        expect(brokenRules(events)).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  it('walks reach every state of a run and of its merge', () => {
    const seen = new Set<string>()
    for (const events of fc.sample(logs, { numRuns: 400, seed: 1 })) {
      for (let length = 1; length <= events.length; length += 1) {
        const { state, merge, resumed } = foldRun(events.slice(0, length))
        if (resumed !== undefined) seen.add('resumed')
        seen.add(state.kind).add(`merge ${merge.kind}${merge.kind === 'stuck' && merge.undoing !== undefined ? ' undo' : ''}`)
      }
    }
    const states = ['queued', 'preparing', 'running', 'waiting', 'sealing', 'ended', 'merge none', 'merge merging', 'merge stuck', 'merge stuck undo', 'merge merged', 'merge undone', 'resumed']
    expect([...seen].toSorted()).toEqual(states.toSorted())
  })

  it('an event that breaks a rule is refused wherever it comes', () => {
    let refused = 0
    fc.assert(
      fc.property(logs, fc.nat(), choice, (events, place, one) => {
        const prefix = events.slice(0, 1 + (place % events.length))
        const event = choose(foldRun(prefix), one)
        if (brokenRules([...prefix, event]).length === 0) return
        refused += 1
        expect(accepts(foldRun(prefix), event)).toBeUndefined()
      }),
      { numRuns: 3_000 },
    )
    expect(refused).toBeGreaterThan(50)
  })

  it('a checkpoint never becomes approvable, and no round ever goes', () => {
    let checkpoints = 0
    fc.assert(
      fc.property(logs, fc.constantFrom('approval.granted', 'waiver.granted', 'merge.started', 'check.finished', 'checkpoint.thinned'), (events, type) => {
        const run = foldRun(events)
        expect(latestRound(run)?.kind ?? 'round').toBe('round')
        expect(run.captured?.kind ?? 'round').toBe('round')
        expect(keptSnapshots(run).filter(({ kind }) => kind === 'round')).toEqual(run.snapshots.filter(({ kind }) => kind === 'round'))
        for (const snapshot of run.snapshots) {
          const event = naming(toEvent(run, plausible(run, type)), snapshot)
          if (snapshot.kind === 'round' && type !== 'checkpoint.thinned') continue
          if (snapshot.kind === 'checkpoint' && type === 'checkpoint.thinned') continue
          checkpoints += 1
          expect(accepts({ ...run, ...(type === 'merge.started' && run.approval !== undefined ? { approval: { ...run.approval, snapshot: snapshot.id } } : {}) }, event)).toBeUndefined()
        }
      }),
      { numRuns: 1_000 },
    )
    expect(checkpoints).toBeGreaterThan(100)
  })

  it('a log with an event left out, doubled or swapped with its neighbour does not fold', () => {
    fc.assert(
      fc.property(logs, fc.nat(), fc.constantFrom('out', 'double', 'swap'), (events, place, how) => {
        fc.pre(events.length > 2)
        const at = 1 + (place % (events.length - 2))
        const [left, here, right] = [events.slice(0, at), events.slice(at, at + 1), events.slice(at + 1)]
        const spoiled = { out: [...left, ...right], double: [...left, ...here, ...here, ...right], swap: [...left, ...right.slice(0, 1), ...here, ...right.slice(1)] }[how]
        expect(() => foldRun(spoiled)).toThrow(/cannot follow/)
      }),
    )
  })

  it('folding a prefix and then applying the rest is folding all', () => {
    fc.assert(
      fc.property(logs, fc.nat(), (events, place) => {
        const at = 1 + (place % events.length)
        const whole = foldRun(events)
        expect(events.slice(at).reduce(applyEvent, foldRun(events.slice(0, at)))).toEqual(whole)
        expect(whole.lastSeq).toBe(events.length)
      }),
    )
  })

  it('applying an event changes neither the run before it nor the event', () => {
    fc.assert(
      fc.property(logs, choice, (events, one) => {
        const run = deepFreeze(foldRun(structuredClone(events)))
        accepts(run, deepFreeze(choose(run, one)))
      }),
    )
  })

  it('survives a trip through JSON', () => {
    fc.assert(
      fc.property(logs, (events) => {
        const read = events.map((event) => parseRunEvent(JSON.parse(JSON.stringify(event))))
        expect(read).toEqual(events)
      }),
    )
  })

  it('events in any order, with any seq, fold or are refused, and nothing else happens', () => {
    const anyEvent: fc.Arbitrary<RunEvent> = fc.record({ type: fc.constantFrom(...types), seq: fc.nat({ max: 8 }), twist: fc.constantFrom(straight, ...twists) }).map(({ type, seq, twist }) => {
      const run = foldRun([queued()])
      const event: NewRunEvent = plausible(run, type)
      return { ...twist(toEvent(run, event), run), seq }
    })
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 8 }), (events) => {
        const run = foldOrUndefined(events)
        if (run !== undefined) expect(brokenRules(events)).toEqual([])
        expect(run?.repos[0]?.repo ?? api).toBe(api)
      }),
      { numRuns: 2_000 },
    )
  })
})

/** Makes an event be about one snapshot. */
function naming(event: RunEvent, { id, digest }: Snapshot): RunEvent {
  switch (event.type) {
    case 'approval.granted':
      return { ...event, data: { approval: { ...event.data.approval, snapshot: id, digest } } }
    case 'waiver.granted':
      return { ...event, data: { waiver: { ...event.data.waiver, snapshot: id, digest } } }
    case 'check.finished':
      return { ...event, data: { receipt: { ...event.data.receipt, digest } } }
    case 'checkpoint.thinned':
      return { ...event, data: { ...event.data, snapshots: [id] } }
    default:
      return event
  }
}

function foldOrUndefined(events: readonly RunEvent[]): Run | undefined {
  try {
    return foldRun(events)
  } catch (error) {
    if (hasCode(error, 'run.log_invalid')) return undefined
    throw error
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) deepFreeze(one)
    Object.freeze(value)
  }
  return value
}
