import { foldRun } from '../src/fold-run.ts'
import { findingIdSchema, handoffIdSchema, repoNameSchema, runIdSchema, snapshotIdOf } from '../src/ids.ts'
import { formatOfEvent, type NewRunEvent, type RunEvent, type RunEventOf, type RunEventType } from '../src/run-event.ts'
import { keptCheckpoints, latestRound, type Run } from '../src/run.ts'
import { nextQuestionId, openQuestions, type Asked } from '../src/question.ts'
import { isEscaped } from '../src/words.ts'
import type { Snapshot } from '../src/snapshot.ts'
import { api, greenReceipt, main, oid, run as runId, task, web } from './facts.ts'

/** Registered, and no repo of the run. */
const other = repoNameSchema.parse('else')
const source = { branch: main, head: oid('1'), dirty: false, paths: [], operation: null }

/** Returns what a log begins with: a run on `api` and `web`, both at `1…`. */
export function queued(): RunEventOf<'run.queued'> {
  const repos = [api, web].map((repo) => ({ repo, baseBranch: main, baseHead: oid('1'), source }))
  const data = { agent: 'demo', argv: [], isolation: 'private' as const, by: 'ada', taskRevision: 'task 1', baseBranch: main, scope: null, repos, minutes: 60, budget: null }
  return { format: 1, seq: 1, at: '2026-11-22T10:00:00Z', run: runId, task, type: 'run.queued', data }
}

/** Returns the next snapshot of a run: `api` changed, `web` did not. */
export function nextSnapshot(run: Run, kind: Snapshot['kind']): Snapshot {
  const id = snapshotIdOf(run.id, run.snapshots.length + 1)
  const saved = { base: oid('1'), commit: oid('4'), files: 0, insertions: 0, deletions: 0, missing: [] }
  const repos = [
    { ...saved, repo: api, tree: oid('2'), files: 1 },
    { ...saved, repo: web, tree: oid('1') },
  ]
  return { id, kind, complete: true, digest: `digest of ${id}`, repos }
}

/** Returns the data of an event of this type as it would follow, where it can follow at all. */
export function plausible(run: Run, type: RunEventType): NewRunEvent {
  const round = latestRound(run)
  const ended = run.state.kind === 'ended'
  const moves = [{ repo: api, branch: main, from: oid('1'), to: oid('5') }]
  switch (type) {
    case 'run.queued':
      return { type, data: queued().data }
    case 'run.claimed':
      return { type, data: { pid: 4711 } }
    case 'run.started':
      return { type, data: { pid: 4711, ...(run.from === undefined ? {} : { from: run.from }) } }
    case 'run.prepared':
      return { type, data: { packetHash: 'packet 1', packetTokens: 900 } }
    case 'setup.finished':
      return { type, data: { repo: api, command: 'npm ci', exitCode: 0, durationMs: 5 } }
    case 'run.waited':
      return { type, data: { for: 'question', because: 'it asks which port' } }
    case 'run.continued':
    case 'sealing.started':
      return { type, data: {} }
    case 'agent.claimed':
      return { type, data: { changed: [{ repo: api, path: 'a.txt' }], outside: [], commands: [{ command: 'npm test', exitCode: 0 }], unlisted: 0 } }
    case 'run.resumed':
      return { type, data: { by: 'ada', how: 'session', text: 'the tests are red', minutes: 60 } }
    case 'session.opened':
      return { type, data: { session: 'abc', how: 'new', model: null, mode: 'default' } }
    case 'question.asked': {
      const id = nextQuestionId(run.questions)
      const asked: Asked = run.lastSeq % 2 === 0 ? { kind: 'question', id, text: 'Which port?', options: ['80'] } : { kind: 'permission', id, text: 'npm ci', tool: { kind: 'execute', command: 'npm ci', paths: [] } }
      return { type, data: { asked } }
    }
    case 'question.answered': {
      const open = openQuestions(run.questions)[0]?.asked
      return { type, data: { question: open?.id ?? 'Q1', answer: open?.kind === 'permission' ? { kind: 'allow', lasting: 'once' } : { kind: 'text', text: '8080' }, by: 'ada' } }
    }
    case 'run.cancel_requested':
      return { type, data: { by: 'ada', because: 'wrong task' } }
    case 'agent.exited':
      return { type, data: { exitCode: 0, signal: null, because: 'it exited 0' } }
    case 'processes.survived':
      return { type, data: { processes: run.survivors.length === 0 ? [{ pid: 4712, command: 'node' }] : [] } }
    case 'checkpoint.captured':
      return { type, data: { snapshot: nextSnapshot(run, 'checkpoint'), reason: 'rest', heldMs: 40 } }
    case 'checkpoint.failed':
      return { type, data: { reason: 'busy', because: 'the disk is full' } }
    case 'checkpoint.thinned':
      return { type, data: { snapshots: [keptCheckpoints(run)[0] ?? snapshotIdOf(run.id, 1)], keep: 2 } }
    case 'round.sealed':
      return { type, data: { snapshot: nextSnapshot(run, 'round'), by: ended ? 'human' : 'run', sameChange: null } }
    case 'refresh.begun':
      return { type, data: { by: 'ada', of: round?.id ?? snapshotIdOf(run.id, 1), repos: [{ repo: api, base: oid('8') }] } }
    case 'refresh.prepared':
      return { type, data: { conflicts: [{ repo: api, path: 'a.txt', left: `100644 ${oid('9')}` }] } }
    case 'refresh.delegated':
      return { type, data: { by: 'ada', of: round?.id ?? snapshotIdOf(run.id, 1), run: runIdSchema.parse('R0033') } }
    case 'review.recorded':
      return { type, data: { by: 'ada', what: 'opened', findings: [findingIdSchema.parse('F1')], facts: run.reviewFacts + 1 } }
    case 'changes.requested':
      return { type, data: { by: 'ada', of: round?.id ?? snapshotIdOf(run.id, 1), run: runIdSchema.parse('R0033'), findings: [findingIdSchema.parse('F1')] } }
    case 'seal.failed':
      return { type, data: { because: 'the disk is full' } }
    case 'source.compared': {
      const change = { what: 'file' as const, name: 'a.txt', before: null, after: `100644 ${oid('7')}`, evidence: null }
      const bytes = { kind: 'bytes' as const, oid: oid('7') }
      const foreign = run.lastSeq % 7 === 0 ? { repo: other, foreign: true as const } : { repo: run.sources.length === 0 ? api : web }
      if (run.state.kind === 'running' || run.state.kind === 'waiting') return { type, data: { ...foreign, live: true, changes: [{ ...change, evidence: bytes }], unlisted: 0, unread: null } }
      return { type, data: { ...foreign, changes: run.lastSeq % 2 === 0 ? [] : [change, { ...change, evidence: run.lastSeq % 3 === 0 ? bytes : null }], unlisted: 0, unread: run.lastSeq % 5 === 0 ? 'its disk is away' : null } }
    }
    case 'source.accepted':
      return { type, data: { by: 'ada', because: 'I did it' } }
    case 'check.finished':
      return { type, data: { receipt: { ...greenReceipt, digest: round?.digest ?? 'none' } } }
    case 'handoff.written':
      return { type, data: { handoff: handoffIdSchema.parse('H0061') } }
    case 'run.ended':
      if (isEscaped(run.sources)) return { type, data: { outcome: 'escaped', because: 'it wrote into api' } }
      return { type, data: { outcome: run.agentExit === undefined || round === undefined || run.sealFailure !== undefined ? 'interrupted' : 'completed', because: 'it is over' } }
    case 'approval.granted': {
      const bound = { targetHeads: { [api]: oid('1') }, taskRevision: 'task 1', packetHash: 'packet 1', receipts: 'receipts 1' }
      return { type, data: { approval: { ...bound, snapshot: round?.id ?? snapshotIdOf(run.id, 1), digest: round?.digest ?? 'none', by: 'ada', at: '2026-11-22T10:01:00Z', seal: 'seal' } } }
    }
    case 'waiver.granted': {
      const about = { code: 'scope_exceeded' as const, repo: api, message: 'api changes 1 path outside', data: { paths: ['a'] } }
      return { type, data: { waiver: { ...about, snapshot: round?.id ?? snapshotIdOf(run.id, 1), digest: round?.digest ?? 'none', because: 'it belongs there', by: 'ada', at: '2026-11-22T10:01:00Z', seal: 'seal' } } }
    }
    case 'run.rejected':
      return { type, data: { by: 'ada', because: 'too large' } }
    case 'merge.started':
    case 'merge.published':
      return { type, data: { strategy: 'squash', repos: moves } }
    case 'merge.stopped':
      return { type, data: { because: 'api refused', stuck: run.merge.kind === 'merged' || run.lastSeq % 2 === 0, repos: [{ repo: api, step: 'refused', because: 'it is dirty' }] } }
    case 'merge.revert_prepared':
      return { type, data: { by: 'ada', run: runIdSchema.parse('R0032') } }
    case 'merge.undone':
      return { type, data: { by: 'ada', repos: moves.map((move) => ({ ...move, from: move.to, to: move.from })) } }
    case 'push.started': {
      const { approval } = run
      return { type, data: { by: 'ada', snapshot: round?.id ?? snapshotIdOf(run.id, 1), digest: round?.digest ?? 'none', approval: approval?.seal ?? 'none', strategy: 'squash', remote: 'origin', branch: main, repos: [{ repo: api, url: 'https://example.org/api', target: main, from: null, to: oid('5') }] } }
    }
    case 'branch.pushed':
      return { type, data: { remote: 'origin', branch: main, repo: api, to: oid('5') } }
    case 'push.stopped':
      return { type, data: { remote: 'origin', branch: main, repo: api, to: oid('5'), because: 'it refused' } }
    case 'pull_request.opened':
      return { type, data: { remote: 'origin', branch: main, repo: api, to: oid('5'), url: 'https://example.org/api/pull/1' } }
    default:
      return type satisfies never
  }
}

/** Puts new data into the envelope that follows in a run's log. */
export function toEvent(run: Run, event: NewRunEvent): RunEvent {
  const envelope = { format: formatOfEvent(event), seq: run.lastSeq + 1, at: `2026-11-22T10:00:${String(run.lastSeq % 60).padStart(2, '0')}Z`, run: run.id, task: run.task } as const
  return { ...envelope, ...event }
}

/** One step of a walk: an event as it would follow, or one that is told from the run so far. */
export type Step = RunEventType | ((run: Run) => NewRunEvent)

/** Returns the events of a run that was queued and then took these steps; throws where one cannot follow. */
export function walk(...steps: readonly Step[]): readonly RunEvent[] {
  return steps.reduce<readonly RunEvent[]>((events, step) => {
    const run = foldRun(events)
    return [...events, toEvent(run, typeof step === 'string' ? plausible(run, step) : step(run))]
  }, [queued()])
}

/** Steps to the end of a run that went well. */
export const toEnd = ['run.claimed', 'run.prepared', 'run.started', 'agent.exited', 'sealing.started', 'round.sealed', 'handoff.written', 'run.ended'] as const satisfies readonly RunEventType[]
/** Steps to a merge that is published. */
export const toMerged = [...toEnd, 'approval.granted', 'merge.started', 'merge.published'] as const satisfies readonly RunEventType[]
