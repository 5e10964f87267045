import { describe, expect, it } from 'vitest'
import { nextSnapshot, plausible, queued, toEnd, toEvent, toMerged, walk, type Step } from '../test/events.ts'
import { api, greenReceipt, main, oid, web } from '../test/facts.ts'
import { ControlError, hasCode } from './errors.ts'
import { applyEvent, foldRun } from './fold-run.ts'
import { runIdSchema, snapshotIdOf, snapshotIdSchema } from './ids.ts'
import type { Approval, NewRunEvent, RunEvent, RunEventOf } from './run-event.ts'
import { isReviewable, latestRound, workspaceBase, type Run } from './run.ts'

const stopped = (stuck: boolean) => (): NewRunEvent => ({ type: 'merge.stopped', data: { because: 'api refused', stuck, repos: [] } })
const ended = (outcome: RunEventOf<'run.ended'>['data']['outcome']) => (): NewRunEvent => ({ type: 'run.ended', data: { outcome, because: 'it is over' } })
const sealed = (by: RunEventOf<'round.sealed'>['data']['by']) => (run: Run): NewRunEvent => ({ type: 'round.sealed', data: { snapshot: nextSnapshot(run, 'round'), by, sameChange: by === 'refresh' ? true : null } })

/** The state, how the merge stands, the latest round and the round that is approved. */
function summary(run: Run): string {
  const state = run.state.kind === 'ended' ? run.state.outcome : run.state.kind
  return [state, run.merge.kind, latestRound(run)?.id.slice(6) ?? '-', run.approval?.snapshot.slice(6) ?? '-'].join(' ')
}

const approvalBut = (changes: object): Step => (run) => {
  const event = plausible(run, 'approval.granted')
  return event.type === 'approval.granted' ? { type: event.type, data: { approval: { ...event.data.approval, ...changes } } } : event
}
/** A landing that keeps one commit of the agent. */
const keeping = (type: 'merge.started' | 'merge.published'): Step => () => ({ type, data: { strategy: 'keep', repos: [{ repo: api, branch: main, from: oid('1'), to: oid('5'), commits: [oid('4')] }] } })

const legal: readonly (readonly [why: string, steps: readonly Step[], summary: string])[] = [
  ['nothing happened yet', [], 'queued none - -'],
  ['all went well', ['run.claimed', 'run.prepared', 'setup.finished', 'run.started', 'checkpoint.captured', 'agent.exited', 'sealing.started', 'round.sealed', 'check.finished', 'handoff.written', 'run.ended'], 'completed none s2 -'],
  ['it asked and was answered', ['run.claimed', 'run.prepared', 'run.started', 'run.waited', 'run.continued', 'run.waited'], 'waiting none - -'],
  ['it was cancelled while queued', ['run.cancel_requested', 'sealing.started', 'handoff.written', ended('cancelled')], 'cancelled none - -'],
  ['it was cancelled while preparing', ['run.claimed', 'run.cancel_requested', 'sealing.started', ended('cancelled')], 'cancelled none - -'],
  ['it was cancelled while running', ['run.claimed', 'run.prepared', 'run.started', 'run.cancel_requested', 'agent.exited', 'sealing.started', 'round.sealed', 'handoff.written', ended('cancelled')], 'cancelled none s1 -'],
  ['it was cancelled too late', [...toEnd.slice(0, 6), 'run.cancel_requested', ended('completed')], 'completed none s1 -'],
  ['its setup failed', ['run.claimed', 'run.prepared', 'setup.finished', 'sealing.started', 'round.sealed', 'handoff.written', ended('failed')], 'failed none s1 -'],
  ['its agent never started', ['run.claimed', 'run.prepared', 'sealing.started', ended('failed')], 'failed none - -'],
  ['recovery ended it while queued', ['sealing.started', ended('interrupted')], 'interrupted none - -'],
  ['recovery ended it while preparing', ['run.claimed', 'sealing.started', ended('interrupted')], 'interrupted none - -'],
  ['recovery ended it while running', ['run.claimed', 'run.prepared', 'run.started', 'sealing.started', sealed('recovery'), 'handoff.written', ended('interrupted')], 'interrupted none s1 -'],
  ['recovery ended it while waiting', ['run.claimed', 'run.prepared', 'run.started', 'run.waited', 'sealing.started', sealed('recovery'), ended('interrupted')], 'interrupted none s1 -'],
  ['recovery ended it before it was sealed', [...toEnd.slice(0, 5), sealed('recovery'), ended('interrupted')], 'interrupted none s1 -'],
  ['recovery ended it after it was sealed', [...toEnd.slice(0, 6), 'handoff.written', ended('interrupted')], 'interrupted none s1 -'],
  ['nothing could be sealed', [...toEnd.slice(0, 5), 'seal.failed', 'handoff.written', ended('failed')], 'failed none - -'],
  ['it could be sealed at the second try', [...toEnd.slice(0, 5), 'seal.failed', sealed('recovery'), ended('completed')], 'completed none s1 -'],
  ['a human sealed what an interrupted run left', ['run.claimed', 'sealing.started', ended('interrupted'), sealed('human')], 'interrupted none s1 -'],
  ['it was approved', [...toEnd, 'approval.granted'], 'completed none s1 s1'],
  ['it was rejected', [...toEnd, 'approval.granted', 'run.rejected'], 'completed none s1 -'],
  ['it was rejected and then approved', [...toEnd, 'run.rejected', 'approval.granted'], 'completed none s1 s1'],
  ['its checks ran again', [...toEnd, 'check.finished', 'check.finished'], 'completed none s1 -'],
  ['checks of the round before came in late', [...toEnd, sealed('refresh'), () => ({ type: 'check.finished', data: { receipt: { ...greenReceipt, digest: 'digest of R0031.s1' } } })], 'completed none s2 -'],
  ['it was refreshed after its approval', [...toEnd, 'approval.granted', sealed('refresh')], 'completed none s2 s1'],
  ['it was refreshed, approved again and merged', [...toEnd, 'approval.granted', sealed('refresh'), 'approval.granted', 'merge.started', 'merge.published'], 'completed merged s2 s2'],
  ['it is landing', [...toEnd, 'approval.granted', 'merge.started'], 'completed merging s1 s1'],
  ['it landed', toMerged, 'completed merged s1 s1'],
  ['its commits landed', [...toEnd, approvalBut({ commits: 'commits 1' }), keeping('merge.started'), keeping('merge.published')], 'completed merged s1 s1'],
  ['it landed and the handoff came late', [...toMerged, 'handoff.written'], 'completed merged s1 s1'],
  ['an interrupted run landed', ['run.claimed', 'sealing.started', 'round.sealed', ended('interrupted'), 'approval.granted', 'merge.started', 'merge.published'], 'interrupted merged s1 s1'],
  ['a merge was refused and tried again', [...toEnd, 'approval.granted', 'merge.started', stopped(false), 'merge.started', 'merge.published'], 'completed merged s1 s1'],
  ['it is landing where our own records moved the target since', [...toEnd, 'approval.granted', () => ({ type: 'merge.started', data: { strategy: 'squash', repos: [{ repo: api, branch: main, from: oid('9'), to: oid('5'), approved: oid('1') }] } })], 'completed merging s1 s1'],
  ['a merge got stuck', [...toEnd, 'approval.granted', 'merge.started', stopped(true)], 'completed stuck s1 s1'],
  ['a stuck merge stayed stuck', [...toEnd, 'approval.granted', 'merge.started', stopped(true), stopped(true)], 'completed stuck s1 s1'],
  ['a stuck merge was rolled back', [...toEnd, 'approval.granted', 'merge.started', stopped(true), stopped(false)], 'completed none s1 s1'],
  ['a stuck merge was finished', [...toEnd, 'approval.granted', 'merge.started', stopped(true), 'merge.published'], 'completed merged s1 s1'],
  ['it was undone', [...toMerged, 'merge.undone'], 'completed undone s1 -'],
  ['it was undone, approved again and merged again', [...toMerged, 'merge.undone', 'approval.granted', 'merge.started', 'merge.published'], 'completed merged s1 s1'],
  ['it was undone and sealed anew', [...toMerged, 'merge.undone', sealed('human')], 'completed undone s2 -'],
  ['an undo got stuck', [...toMerged, stopped(true)], 'completed stuck s1 s1'],
  ['a stuck undo was finished', [...toMerged, stopped(true), 'merge.undone'], 'completed undone s1 -'],
  ['a stuck undo stayed stuck and was then taken back', [...toMerged, stopped(true), stopped(true), stopped(false)], 'completed merged s1 s1'],
  ['a stuck undo was taken back by publishing again', [...toMerged, stopped(true), 'merge.published'], 'completed merged s1 s1'],
]

describe('walks that can happen', () => {
  it.each(legal)('%s', (_why, steps, expected) => {
    expect(summary(foldRun(walk(...steps)))).toBe(expected)
  })
})

const other = (changes: object) => (type: NewRunEvent['type']): Step => (run) => {
  const event = plausible(run, type)
  return { ...event, data: { ...event.data, ...changes } } as NewRunEvent
}
const snapshotBut = (type: 'checkpoint.captured' | 'round.sealed', change: (run: Run) => object): Step => (run) => {
  const snapshot = { ...nextSnapshot(run, type === 'round.sealed' ? 'round' : 'checkpoint'), ...change(run) }
  return type === 'round.sealed' ? { type, data: { snapshot, by: 'run', sameChange: null } } : { type, data: { snapshot, reason: 'rest', heldMs: 40 } }
}
const thinned = (...ids: readonly string[]) => (): NewRunEvent => ({ type: 'checkpoint.thinned', data: { snapshots: ids.map((id) => snapshotIdSchema.parse(id)), keep: 2 } })
const receiptBut = (changes: Partial<typeof greenReceipt>): Step => (run) => ({ type: 'check.finished', data: { receipt: { ...greenReceipt, digest: latestRound(run)?.digest ?? '', ...changes } } })
const move = { repo: api, branch: main, from: oid('1'), to: oid('5') }
const running = ['run.claimed', 'run.prepared', 'run.started'] as const
const sealing = [...running, 'agent.exited', 'sealing.started'] as const
const waiverBut = (changes: object): Step => (run) => {
  const event = plausible(run, 'waiver.granted')
  return event.type === 'waiver.granted' ? { type: event.type, data: { waiver: { ...event.data.waiver, ...changes } } } : event
}
const approved = [...toEnd, 'approval.granted'] as const

const refreshedSame = (sameChange: boolean): Step => (run) => ({ type: 'round.sealed', data: { snapshot: nextSnapshot(run, 'round'), by: 'refresh', sameChange } })
/** Carries over the approval that stands, or another one. */
const carrying = (changes: object = {}): Step => (run) => {
  const { snapshot, digest, by, at } = run.approval ?? { snapshot: 'R0031.s1', digest: 'digest of R0031.s1', by: 'ada', at: 'now' }
  const event = plausible(run, 'approval.granted')
  return event.type === 'approval.granted' ? { type: event.type, data: { approval: { ...event.data.approval, carriedFrom: { snapshot, digest, by, at, ...changes } as Approval['carriedFrom'] } } } : event
}
const illegal: readonly (readonly [before: readonly Step[], event: Step, because: string])[] = [
  [[], 'run.queued', 'the run is queued'],
  [[], 'run.prepared', 'the run is queued'],
  [[], 'run.started', 'the run is queued'],
  [[], 'round.sealed', 'the run is queued'],
  [[], 'run.ended', 'the run is queued'],
  [['run.claimed'], 'run.claimed', 'the run is preparing'],
  [['run.claimed'], 'run.started', 'no packet was saved'],
  [['run.claimed', 'run.prepared'], 'run.prepared', 'the packet is already saved'],
  [['run.claimed', 'run.prepared'], 'agent.exited', 'the run is preparing'],
  [['run.claimed'], 'checkpoint.captured', 'the run is preparing'],
  [running, 'run.started', 'the run is running'],
  [running, 'run.continued', 'the run is running'],
  [[...running, 'run.waited'], 'run.waited', 'the run is waiting'],
  [[...running, 'agent.exited'], 'agent.exited', 'the agent has exited'],
  [[...running, 'agent.exited'], 'run.waited', 'the agent has exited'],
  [[...running, 'run.waited', 'agent.exited'], 'run.continued', 'the agent has exited'],
  [running, 'run.ended', 'the run is running'],
  [running, 'round.sealed', 'the run is running'],
  [running, 'seal.failed', 'the run is running'],
  [running, 'processes.survived', 'the run is running'],
  [[], 'setup.finished', 'the run is queued'],
  [running, 'setup.finished', 'the run is running'],
  [running, 'check.finished', 'the run is running'],
  [running, 'merge.started', 'the run is running'],
  [running, 'merge.stopped', 'the run is running'],
  [running, 'merge.published', 'the run is running'],
  [sealing, 'merge.undone', 'the run is sealing'],
  [running, 'handoff.written', 'the run is running'],
  [running, snapshotBut('checkpoint.captured', () => ({ kind: 'round' })), 'R0031.s1 calls itself a round'],
  [sealing, snapshotBut('round.sealed', () => ({ kind: 'checkpoint' })), 'R0031.s1 calls itself a checkpoint'],
  [sealing, snapshotBut('round.sealed', () => ({ id: 'R0031.s2' })), 'the next snapshot is R0031.s1, not R0031.s2'],
  [running, 'checkpoint.thinned', 'R0031.s1 is no checkpoint that is kept, or is named twice'],
  [[...running, 'checkpoint.captured', 'checkpoint.thinned'], thinned('R0031.s1'), 'R0031.s1 is no checkpoint that is kept, or is named twice'],
  [[...running, 'checkpoint.captured'], thinned('R0031.s1', 'R0031.s1'), 'R0031.s1 is no checkpoint that is kept, or is named twice'],
  [running.slice(0, -1), () => ({ type: 'run.started', data: { pid: 1, from: snapshotIdOf(runIdSchema.parse('R0030'), 2) } }), 'it was to begin with the files of its base'],
  [[...running, 'checkpoint.captured'], snapshotBut('checkpoint.captured', () => ({ id: 'R0031.s1' })), 'the next snapshot is R0031.s2, not R0031.s1'],
  [running, snapshotBut('checkpoint.captured', () => ({ id: 'R0032.s1' })), 'the next snapshot is R0031.s1, not R0032.s1'],
  [sealing, snapshotBut('round.sealed', (run) => ({ repos: nextSnapshot(run, 'round').repos.slice(0, 1) })), 'R0031.s1 calls itself complete and something is missing in it'],
  [sealing, snapshotBut('round.sealed', (run) => ({ repos: nextSnapshot(run, 'round').repos.map((repo) => ({ ...repo, missing: [{ path: 'x', reason: 'unreadable' }] })) })), 'R0031.s1 calls itself complete and something is missing in it'],
  [sealing, snapshotBut('round.sealed', (run) => ({ repos: nextSnapshot(run, 'round').repos.map((repo) => ({ ...repo, repo: api })) })), 'api is named twice or is no repo of the run'],
  [sealing, snapshotBut('round.sealed', (run) => ({ repos: nextSnapshot(run, 'round').repos.map((repo) => ({ ...repo, repo: repo.repo === web ? 'docs' : api })) })), 'docs is named twice or is no repo of the run'],
  [sealing, sealed('human'), 'the run is sealing and the seal is by human'],
  [sealing, sealed('refresh'), 'the run is sealing and the seal is by refresh'],
  [toEnd, sealed('run'), 'the run is ended and the seal is by run'],
  [toEnd, sealed('recovery'), 'the run is ended and the seal is by recovery'],
  [['sealing.started', ended('interrupted')], sealed('refresh'), 'there is no round to refresh'],
  [sealing, 'sealing.started', 'the run is sealing'],
  [sealing, 'check.finished', 'no round holds api as it was checked'],
  [[...running, 'checkpoint.captured', 'sealing.started'], receiptBut({ digest: 'digest of R0031.s1' }), 'no round holds api as it was checked'],
  [toEnd, receiptBut({ digest: 'another' }), 'no round holds api as it was checked'],
  [toEnd, receiptBut({ tree: oid('3') }), 'no round holds api as it was checked'],
  [toEnd, receiptBut({ repo: web }), 'no round holds web as it was checked'],
  [['sealing.started'], ended('completed'), 'its agent did not exit'],
  [sealing, ended('completed'), 'nothing is sealed'],
  [[...sealing, 'round.sealed', 'seal.failed'], ended('completed'), 'nothing is sealed'],
  [[...sealing, 'round.sealed'], 'approval.granted', 'the run is sealing'],
  [toEnd, 'run.cancel_requested', 'the run is ended'],
  [toEnd, 'run.ended', 'the run is ended'],
  [toEnd, 'run.claimed', 'the run is ended'],
  [toEnd, 'sealing.started', 'the run is ended'],
  [['sealing.started', ended('interrupted')], 'approval.granted', 'nothing is sealed'],
  [[...toEnd, 'round.sealed'], approvalBut({ snapshot: 'R0031.s1', digest: 'digest of R0031.s1' }), 'the latest round is R0031.s2, not R0031.s1'],
  [toEnd, approvalBut({ digest: 'another' }), 'the digest of R0031.s1 differs'],
  [[...sealing, 'round.sealed'], 'waiver.granted', 'the run is sealing'],
  [['sealing.started', ended('interrupted')], 'waiver.granted', 'nothing is sealed'],
  [[...toEnd, 'round.sealed'], waiverBut({ snapshot: 'R0031.s1', digest: 'digest of R0031.s1' }), 'the latest round is R0031.s2, not R0031.s1'],
  [toEnd, waiverBut({ digest: 'another' }), 'the digest of R0031.s1 differs'],
  [toMerged, 'waiver.granted', 'its merge is merged'],
  [[...sealing, snapshotBut('round.sealed', () => ({ complete: false })), 'run.ended'], 'approval.granted', 'R0031.s1 is incomplete'],
  [toEnd, 'merge.started', 'nothing is approved'],
  [[...approved, 'run.rejected'], 'merge.started', 'nothing is approved'],
  [[...approved, 'round.sealed'], 'merge.started', 'R0031.s1 is approved and R0031.s2 is the latest round'],
  [approved, other({ repos: [] })('merge.started'), 'it lands nothing'],
  [approved, keeping('merge.started'), "nobody approved the agent's own commits"],
  [[...toEnd, approvalBut({ commits: 'commits 1' })], 'merge.started', "only the agent's own commits are approved"],
  [[...toEnd, approvalBut({ commits: 'commits 1' })], 'push.started', "only the agent's own commits are approved"],
  [[...toEnd, approvalBut({ commits: 'commits 1' })], other({ strategy: 'keep' })('merge.started'), 'it names commits exactly where it keeps them'],
  [approved, other({ repos: [{ ...move, commits: [oid('4')] }] })('merge.started'), 'it names commits exactly where it keeps them'],
  [[...toEnd, approvalBut({ commits: 'commits 1' }), keeping('merge.started')], other({ strategy: 'keep', repos: [{ ...move, commits: [oid('6')] }] })('merge.published'), 'these are not the moves that were started'],
  [[...toEnd, approvalBut({ commits: 'commits 1' }), refreshedSame(true)], carrying(), 'a yes to commits is not carried over'],
  [approved, other({ repos: [move, move] })('merge.started'), 'it names a repo twice'],
  [approved, other({ repos: [{ ...move, from: oid('9') }] })('merge.started'), `api was not approved at ${oid('9')}`],
  [approved, other({ repos: [{ ...move, repo: web }] })('merge.started'), `web was not approved at ${oid('1')}`],
  [approved, 'merge.published', 'no merge is under way'],
  [approved, 'merge.stopped', 'no merge is under way'],
  [approved, 'merge.undone', 'it is not merged'],
  [approved, 'merge.revert_prepared', 'it is not merged'],
  [sealing, sealed('undo'), 'it was not made to take anything back'],
  [sealing, sealed('part'), 'the run is sealing and the seal is by part'],
  [['sealing.started', ended('interrupted')], sealed('part'), 'there is no round to take a part of'],
  [['sealing.started', ended('interrupted')], 'refresh.begun', 'there is no R0031.s1'],
  [toEnd, 'refresh.prepared', 'no refresh is being settled by hand'],
  [[...toEnd, 'refresh.begun'], sealed('human'), 'its workspace is not ready'],
  [toMerged, 'refresh.begun', 'its merge is merged'],
  [[...approved, 'merge.started'], 'merge.started', 'its merge is merging'],
  [[...approved, 'merge.started'], 'round.sealed', 'its merge is merging'],
  [[...approved, 'merge.started'], 'approval.granted', 'its merge is merging'],
  [[...approved, refreshedSame(false)], carrying(), 'its change is not proven to be that of R0031.s1'],
  [[...approved, refreshedSame(false), refreshedSame(true)], carrying(), 'its change is not proven to be that of R0031.s1'],
  [[...approved, refreshedSame(true), 'round.sealed'], carrying(), 'its change is not proven to be that of R0031.s1'],
  [approved, carrying(), 'its change is not proven to be that of R0031.s1'],
  [[...approved, refreshedSame(true)], carrying({ by: 'bob' }), 'no such approval of R0031.s1 stands'],
  [[...approved, refreshedSame(true)], carrying({ digest: 'x' }), 'no such approval of R0031.s1 stands'],
  [[...approved, refreshedSame(true), 'run.rejected'], carrying(), 'no such approval of R0031.s1 stands'],
  [[...toEnd, refreshedSame(true)], carrying(), 'no such approval of R0031.s1 stands'],
  [[...approved, 'merge.started'], 'run.rejected', 'its merge is merging'],
  [[...approved, 'merge.started'], 'merge.undone', 'it is not merged'],
  [[...approved, 'merge.started'], other({ repos: [{ ...move, to: oid('6') }] })('merge.published'), 'these are not the moves that were started'],
  [[...approved, 'merge.started', stopped(true)], 'run.rejected', 'its merge is stuck'],
  [[...approved, 'merge.started', stopped(true)], 'merge.started', 'its merge is stuck'],
  [[...approved, 'merge.started', stopped(true)], 'round.sealed', 'its merge is stuck'],
  [[...approved, 'merge.started', stopped(true)], 'merge.undone', 'it is not merged'],
  [[...approved, 'merge.started', stopped(true)], other({ repos: [{ ...move, to: oid('6') }] })('merge.published'), 'these are not the moves that were started'],
  [toMerged, 'merge.started', 'its merge is merged'],
  [toMerged, 'merge.published', 'no merge is under way'],
  [toMerged, 'round.sealed', 'its merge is merged'],
  [toMerged, 'approval.granted', 'its merge is merged'],
  [toMerged, 'run.rejected', 'its merge is merged'],
  [toMerged, stopped(false), 'the merge is published; only its undo can stop, half-way'],
  [toMerged, other({ repos: [{ ...move, to: oid('6') }] })('merge.undone'), 'these are not the moves that were published'],
  [[...toMerged, 'merge.undone'], 'merge.undone', 'it is not merged'],
  [[...toMerged, 'merge.undone'], 'merge.started', 'nothing is approved'],
]

describe('walks that cannot happen', () => {
  it.each(illegal.map(([before, event, because]) => ({ before, event, because, last: before.map((step) => (typeof step === 'string' ? step : '…')).slice(-2).join(' ') || 'run.queued', name: typeof event === 'string' ? event : 'an event' })))(
    '$name after $last: $because',
    ({ before, event, because }) => {
      const events = walk(...before)
      const run = foldRun(events)
      const next = toEvent(run, typeof event === 'string' ? plausible(run, event) : event(run))
      expect(refusalOf(() => applyEvent(run, next))).toBe(`${next.type} (seq ${next.seq}) cannot follow in R0031: ${because}`)
      expect(() => foldRun([...events, next])).toThrow(ControlError)
    },
  )

  it.each(['run', 'task', 'seq'] as const)('an event of another %s', (field) => {
    const run = foldRun([queued()])
    const next = toEvent(run, plausible(run, 'run.claimed'))
    const strange = { ...next, ...{ run: { run: 'R0032' }, task: { task: 'T0148' }, seq: { seq: 3 } }[field] } as typeof next
    expect(refusalOf(() => applyEvent(run, strange))).toMatch(field === 'seq' ? 'the last seq is 1' : 'it belongs to ')
    expect(refusalOf(() => applyEvent(run, queued()))).toMatch('the last seq is 1')
  })
})

describe('the beginning of a log', () => {
  it('refuses an empty log, another beginning, another first seq and a repo named twice', () => {
    const first = queued()
    const claimed = toEvent(foldRun([first]), { type: 'run.claimed', data: { pid: 1 } })
    expect(refusalOf(() => foldRun([]))).toBe('The run has no events')
    expect(refusalOf(() => foldRun([claimed]))).toBe('The log of R0031 begins with run.claimed (seq 2), not run.queued')
    expect(refusalOf(() => foldRun([{ ...first, seq: 2 }]))).toBe('The log of R0031 begins with run.queued (seq 2), not run.queued')
    expect(refusalOf(() => foldRun([{ ...first, data: { ...first.data, repos: [...first.data.repos, ...first.data.repos] } }]))).toBe('The log of R0031 names a repo twice')
  })
})

describe('what a run knows', () => {
  it('is what its events said', () => {
    const run = foldRun(walk(...toEnd.slice(0, -1), 'check.finished', 'run.cancel_requested', 'run.ended', 'run.rejected'))
    expect(run).toMatchObject({
      agent: 'demo',
      by: 'ada',
      minutes: 60,
      budget: null,
      packet: { hash: 'packet 1', tokens: 900 },
      agentExit: { exitCode: 0 },
      cancelRequested: { because: 'wrong task' },
      handoff: 'H0061',
      rejection: { by: 'ada', because: 'too large' },
      state: { kind: 'ended', outcome: 'completed', because: 'it is over' },
    })
    expect(run.receipts).toHaveLength(1)
    expect(run.endedAt).toBe('2026-11-22T10:00:10Z')
  })

  it('keeps what was waived, also past a rejection and the next round: each waiver is of one digest', () => {
    expect(foldRun(walk(...toEnd, 'waiver.granted', 'run.rejected', 'round.sealed', 'waiver.granted')).waivers.map(({ digest }) => digest)).toEqual(['digest of R0031.s1', 'digest of R0031.s2'])
  })

  it('carries an approval over any number of refreshes that left the change the same', () => {
    const run = foldRun(walk(...approved, refreshedSame(true), refreshedSame(true), carrying()))
    expect([run.sameChange, run.approval?.snapshot, run.approval?.carriedFrom?.snapshot]).toEqual([['R0031.s1', 'R0031.s2'], 'R0031.s3', 'R0031.s1'])
  })

  it('has something to review while its latest round changes something that was neither rejected nor landed', () => {
    const unchanged: Step = (run) => {
      const snapshot = nextSnapshot(run, 'round')
      return { type: 'round.sealed', data: { snapshot: { ...snapshot, repos: snapshot.repos.map((repo) => ({ ...repo, files: 0 })) }, by: 'human', sameChange: null } }
    }
    const reviewable = (...steps: readonly Step[]): boolean => isReviewable(foldRun(walk(...steps)))
    expect([reviewable(...toEnd), reviewable(...toEnd, 'run.rejected', 'approval.granted')]).toEqual([true, true])
    expect([reviewable('run.claimed'), reviewable(...toEnd, unchanged), reviewable(...toEnd, 'run.rejected'), reviewable(...toMerged)]).toEqual([false, false, false, false])
  })

  it('forgets a rejection that was taken back by an approval', () => {
    expect(foldRun(walk(...toEnd, 'run.rejected', 'approval.granted')).rejection).toBeUndefined()
  })

  it('says where a stuck merge stands and what it was about to move', () => {
    const stuck = { kind: 'stuck', strategy: 'squash', because: 'api refused', repos: [], started: [move] }
    expect(foldRun(walk(...approved, 'merge.started', stopped(true))).merge).toEqual({ ...stuck, undoing: undefined })
    const merged = foldRun(walk(...toMerged)).merge
    expect(foldRun(walk(...toMerged, stopped(true), stopped(true))).merge).toEqual({ ...stuck, undoing: merged })
  })

  it('tells what was taken from the workspace from what was computed on a new base', () => {
    const { captured, snapshots } = foldRun(walk(...toEnd, sealed('human'), sealed('refresh')))
    expect([captured?.id, snapshots.at(-1)?.id]).toEqual(['R0031.s2', 'R0031.s3'])
  })

  it('names the processes that could not be ended, until they are', () => {
    const survived = foldRun(walk(...sealing, 'processes.survived', 'round.sealed'))
    expect(survived.survivors).toEqual([{ pid: 4712, command: 'node' }])
    expect(foldRun(walk(...sealing, 'processes.survived', 'processes.survived')).survivors).toEqual([])
  })

  it('says why nothing was sealed, until something is', () => {
    expect(foldRun(walk(...sealing, 'seal.failed')).sealFailure).toBe('the disk is full')
    expect(foldRun(walk(...sealing, 'seal.failed', 'round.sealed')).sealFailure).toBeUndefined()
  })
})

function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (hasCode(error, 'run.log_invalid') && error instanceof ControlError) return error.message
    throw error
  }
  return 'it was accepted'
}

describe('a refresh that is settled by hand', () => {
  it('makes the checkouts stand on the new base from its beginning, and is over with the round that comes of it', () => {
    const begun = foldRun(walk(...toEnd, 'refresh.begun'))
    expect(begun.resolving).toEqual({ of: 'R0031.s1', repos: [{ repo: api, base: oid('8') }], conflicts: undefined })
    expect(begun.repos.map((repo) => workspaceBase(begun, repo))).toEqual([oid('8'), oid('1')])
    const ready = foldRun(walk(...toEnd, 'refresh.begun', 'refresh.prepared'))
    expect(ready.resolving?.conflicts).toMatchObject([{ path: 'a.txt' }])
    const over = foldRun(walk(...toEnd, 'refresh.begun', 'refresh.prepared', sealed('human')))
    expect([over.resolving, over.captured?.id, workspaceBase(over, { repo: api, baseHead: oid('1') })]).toEqual([undefined, 'R0031.s2', oid('8')])
  })
})

it('completes a run that we made to take a landing back without an agent', () => {
  const first = queued()
  const made = foldRun([{ ...first, data: { ...first.data, takesBack: { run: first.run, repos: [{ repo: api, branch: main, from: oid('1'), to: oid('5') }] } } }])
  const over = (['sealing.started', sealed('undo'), ended('completed')] as const).reduce((run, step) => applyEvent(run, toEvent(run, typeof step === 'string' ? plausible(run, step) : step(run))), made)
  expect([over.state.kind, over.captured, latestRound(over)?.id]).toEqual(['ended', undefined, 'R0031.s1'])
})

describe('a run that goes on with a snapshot of another one on moved targets', () => {
  const from = snapshotIdSchema.parse('R0030.s2')
  const first = queued()
  const onto: RunEvent = { ...first, data: { ...first.data, from, ontoTarget: true } }
  const begun: Step = () => ({ type: 'refresh.begun', data: { by: 'ada', of: from, repos: [{ repo: api, base: oid('1') }] } })
  const sealedOver = (...unsettled: readonly string[]): Step => (run) => {
    const snapshot = nextSnapshot(run, 'round')
    const missing = unsettled.map((path) => ({ path, reason: 'conflict_unsettled' as const }))
    return { type: 'round.sealed', data: { snapshot: { ...snapshot, complete: missing.length === 0, repos: snapshot.repos.map((repo, index) => ({ ...repo, missing: index === 0 ? missing : [] })) }, by: 'run', sameChange: null } }
  }
  const apply = (run: Run, ...steps: readonly Step[]): Run => steps.reduce((sofar, step) => applyEvent(sofar, toEvent(sofar, typeof step === 'string' ? plausible(sofar, step) : step(sofar))), run)
  const toSealing = ['run.claimed', begun, 'refresh.prepared', 'run.prepared', 'run.started', 'agent.exited', 'sealing.started'] as const

  it('has conflicts as long as a round was sealed over them, and no longer', () => {
    const last = apply(foldRun([onto]), ...toSealing)
    expect(apply(last, sealedOver()).resolving).toBeUndefined()
    expect(apply(last, sealedOver('a.txt')).resolving?.conflicts).toMatchObject([{ path: 'a.txt' }])
  })

  it('begins with nothing else, and no other run begins so', () => {
    expect(refusalOf(() => apply(foldRun([onto]), 'run.claimed', 'refresh.begun'))).toContain('there is no R0031.s1')
    expect(refusalOf(() => apply(foldRun([first]), 'run.claimed', begun))).toContain('the run is preparing')
    expect(refusalOf(() => apply(foldRun([{ ...onto, data: { ...onto.data, ontoTarget: undefined } }]), 'run.claimed', begun))).toContain('the run is preparing')
  })

  it('is named by the run whose snapshot it is', () => {
    expect(foldRun(walk(...toEnd, 'refresh.delegated')).delegated).toEqual([{ of: 'R0031.s1', run: 'R0033' }])
    expect(refusalOf(() => foldRun(walk(...toEnd, other({ of: 'R0031.s7' })('refresh.delegated'))))).toContain('there is no R0031.s7')
  })
})
