import type { Receipt } from './check.ts'
import type { SnapshotId } from './ids.ts'
import { judgeApproval, judgeMerge, judgePublished, judgePush, judgeStop, judgeUndone, judgeUnlanded, judgeWaiver } from './landing-contradiction.ts'
import { findPush } from './push.ts'
import { nextQuestionId, openQuestions, suits } from './question.ts'
import type { LoggedEvent, RunEvent, RunEventOf } from './run-event.ts'
import { keptCheckpoints, latestRound, type Run, type RunState } from './run.ts'
import type { Snapshot } from './snapshot.ts'
import { isAcceptable, isUnsettled, lookAt } from './source-change.ts'
import { isEscaped } from './words.ts'

/** Returns why an event, whatever it says, is not the next one of this run; `undefined` when it is. */
export function findDisorder(run: Run, event: LoggedEvent): string | undefined {
  if (event.run !== run.id || event.task !== run.task) return `it belongs to ${event.run} of ${event.task}`
  return event.seq === run.lastSeq + 1 ? undefined : `the last seq is ${run.lastSeq}`
}

/** Returns why `event` cannot follow what is known of the run, as a clause; `undefined` when it can. */
export function findContradiction(run: Run, event: RunEvent): string | undefined {
  const disorder = findDisorder(run, event)
  if (disorder !== undefined) return disorder
  if (!states[event.type].includes(run.state.kind)) return `the run is ${run.state.kind}`
  switch (event.type) {
    case 'run.prepared':
      return run.packet === undefined ? undefined : 'the packet is already saved'
    case 'run.started':
      return run.packet === undefined ? 'no packet was saved' : judgeStart(run, event.data.from)
    case 'run.resumed':
      return judgeResumed(run)
    case 'run.waited':
    case 'run.continued':
    case 'agent.exited':
      return run.agentExit === undefined ? undefined : 'the agent has exited'
    case 'session.opened':
    case 'agent.claimed':
      return run.agentExit === undefined ? undefined : 'the agent has exited'
    case 'question.asked':
      return judgeAsked(run, event.data.asked.id)
    case 'question.answered':
      return judgeAnswer(run, event.data)
    case 'checkpoint.captured':
      return judgeSnapshot(run, event.data.snapshot, 'checkpoint')
    case 'checkpoint.thinned':
      return judgeThinned(run, event.data.snapshots)
    case 'round.sealed':
      return judgeSeal(run, event.data.by) ?? judgeSnapshot(run, event.data.snapshot, 'round')
    case 'refresh.begun':
      return judgeResolving(run, event.data)
    case 'refresh.prepared':
      return judgePreparing(run) ?? (run.resolving === undefined ? 'no refresh is being settled by hand' : undefined)
    case 'refresh.delegated':
      return run.snapshots.some(({ id }) => id === event.data.of) ? undefined : `there is no ${event.data.of}`
    case 'review.recorded':
      return event.data.facts > run.reviewFacts ? undefined : `its review had ${run.reviewFacts} facts before`
    case 'changes.requested':
      return run.snapshots.some(({ id }) => id === event.data.of) ? undefined : `there is no ${event.data.of}`
    case 'source.compared':
      return judgeLook(run, event.data)
    case 'source.accepted':
      return run.sources.some(isAcceptable) ? undefined : 'nothing changed in its sources'
    case 'check.finished':
      return judgeReceipt(run, event.data.receipt)
    case 'run.ended':
      return judgeEnd(run, event.data.outcome)
    case 'approval.granted':
      return judgeApproval(run, event.data.approval)
    case 'waiver.granted':
      return judgeWaiver(run, event.data.waiver)
    case 'run.rejected':
      return judgeUnlanded(run)
    case 'merge.started':
      return judgeMerge(run, event.data)
    case 'merge.stopped':
      return judgeStop(run, event.data.stuck)
    case 'merge.published':
      return judgePublished(run, event.data.repos)
    case 'merge.undone':
      return judgeUndone(run, event.data.repos)
    case 'push.started':
      return judgePush(run, event.data)
    case 'branch.pushed':
    case 'push.stopped':
      return findPush(run.pushes, event.data) === undefined ? 'no such push was started' : undefined
    case 'pull_request.opened':
      return findPush(run.pushes, event.data)?.repos.find(({ repo }) => repo === event.data.repo)?.pushed === true ? undefined : 'its branch was not pushed'
    case 'merge.revert_prepared':
      return run.merge.kind === 'merged' ? undefined : 'it is not merged'
    default:
      return undefined
  }
}

function judgeStart({ from }: Run, put: SnapshotId | undefined): string | undefined {
  return put === from ? undefined : `it was to begin with ${from ?? 'the files of its base'}`
}

/** What goes on is a run with a workspace of its own, in which nothing is being settled. */
function judgeResumed(run: Run): string | undefined {
  if (run.packet === undefined) return 'no packet was saved'
  if (run.takesBack !== undefined) return 'no agent works in it'
  if (run.resolving !== undefined) return 'conflicts are being settled in its workspace'
  if (run.sources.some(isUnsettled)) return 'what changed in its sources is not settled'
  return judgeUnlanded(run)
}

function judgeAsked(run: Run, id: string): string | undefined {
  if (run.agentExit !== undefined) return 'the agent has exited'
  const expected = nextQuestionId(run.questions)
  return id === expected ? undefined : `the next question is ${expected}, not ${id}`
}

function judgeAnswer({ questions }: Run, { question, answer }: RunEventOf<'question.answered'>['data']): string | undefined {
  const open = openQuestions(questions).find(({ asked }) => asked.id === question)
  if (open === undefined) return `${question} is not open`
  return suits(open.asked, answer) ? undefined : `${question} is a ${open.asked.kind}`
}

/** Rounds stay, whatever becomes of checkpoints. */
function judgeThinned(run: Run, snapshots: readonly SnapshotId[]): string | undefined {
  const kept = keptCheckpoints(run)
  const stranger = snapshots.find((id, index) => !kept.includes(id) || snapshots.indexOf(id) !== index)
  return stranger === undefined ? undefined : `${stranger} is no checkpoint that is kept, or is named twice`
}

function judgeSeal(run: Run, by: RunEventOf<'round.sealed'>['data']['by']): string | undefined {
  if (!sealers[by].includes(run.state.kind)) return `the run is ${run.state.kind} and the seal is by ${by}`
  if (by === 'human' && run.resolving !== undefined && run.resolving.conflicts === undefined) return 'its workspace is not ready'
  if (by === 'undo' && run.takesBack === undefined) return 'it was not made to take anything back'
  if (latestRound(run) !== undefined) return undefined
  return by === 'refresh' ? 'there is no round to refresh' : by === 'part' ? 'there is no round to take a part of' : undefined
}

function judgeSnapshot(run: Run, snapshot: Snapshot, kind: Snapshot['kind']): string | undefined {
  const expected = `${run.id}.s${run.snapshots.length + 1}`
  if (snapshot.id !== expected) return `the next snapshot is ${expected}, not ${snapshot.id}`
  if (snapshot.kind !== kind) return `${snapshot.id} calls itself a ${snapshot.kind}`
  const names = snapshot.repos.map(({ repo }) => repo)
  const stranger = names.find((name, index) => names.indexOf(name) !== index || !run.repos.some(({ repo }) => repo === name))
  if (stranger !== undefined) return `${stranger} is named twice or is no repo of the run`
  const whole = names.length === run.repos.length && snapshot.repos.every(({ missing }) => missing.length === 0)
  if (snapshot.complete && !whole) return `${snapshot.id} calls itself complete and something is missing in it`
  return judgeUnlanded(run)
}

/** What is merged is a round of the run, into checkouts of its repos. */
function judgeResolving(run: Run, { of, repos }: RunEventOf<'refresh.begun'>['data']): string | undefined {
  const preparing = judgePreparing(run)
  if (preparing !== undefined) return preparing
  const isOf = run.state.kind === 'preparing' ? run.from === of : run.snapshots.some(({ id }) => id === of)
  if (!isOf) return `there is no ${of}`
  const stranger = repos.find(({ repo }) => !run.repos.some((started) => started.repo === repo))
  return stranger === undefined ? judgeUnlanded(run) : `${stranger.repo} is no repo of the run`
}

/** Before its agent, only a run that was asked for on moved targets has something merged in. */
function judgePreparing({ state, ontoTarget }: Run): string | undefined {
  return state.kind === 'preparing' && !ontoTarget ? 'the run is preparing' : undefined
}

/** A receipt is of a round: the very tree a reviewer sees, with the other repos as they lie beside it. */
function judgeReceipt(run: Run, { repo, tree, digest }: Receipt): string | undefined {
  const found = run.snapshots.some(
    (snapshot) => snapshot.kind === 'round' && snapshot.digest === digest && snapshot.repos.some((saved) => saved.repo === repo && saved.tree === tree),
  )
  return found ? undefined : `no round holds ${repo} as it was checked`
}

/** What the sources looked like at the end is found once, whatever was seen before; only where that failed, it is looked for again. */
function judgeLook(run: Run, { repo, foreign, live }: RunEventOf<'source.compared'>['data']): string | undefined {
  const isOwn = run.repos.some((started) => started.repo === repo)
  if (isOwn === (foreign === true)) return `${repo} is ${isOwn ? 'a' : 'no'} repo of the run`
  const isAtWork = run.state.kind === 'running' || run.state.kind === 'waiting'
  if (isAtWork !== (live === true)) return `the run is ${run.state.kind}`
  const known = lookAt(run.sources, repo)
  return known === undefined || known.live === true || known.unread !== null ? undefined : `${repo} was compared already`
}

/** A run that completed has an agent that exited, unless we made it, and work that is saved; one that escaped left evidence. */
function judgeEnd(run: Run, outcome: RunEventOf<'run.ended'>['data']['outcome']): string | undefined {
  const escaped = isEscaped(run.sources)
  if (outcome === 'escaped') return escaped ? undefined : 'there is no evidence that it escaped'
  if (escaped) return 'there is evidence that it escaped'
  if (outcome !== 'completed') return undefined
  if (run.agentExit === undefined && run.takesBack === undefined) return 'its agent did not exit'
  return !run.endSealed || run.sealFailure !== undefined ? 'nothing is sealed' : undefined
}

const live = ['preparing', 'running', 'waiting'] as const

/** Who seals in which state: an active run is sealed by its own processes, an ended one by a human. */
const sealers: Readonly<Record<RunEventOf<'round.sealed'>['data']['by'], readonly RunState['kind'][]>> = {
  run: ['sealing'],
  recovery: ['sealing'],
  human: ['ended'],
  refresh: ['ended'],
  undo: ['sealing'],
  part: ['ended'],
}

/** In which states an event may happen. Recovery can end a run from every state: each one before `sealing` leads there. */
const states: Readonly<Record<RunEvent['type'], readonly RunState['kind'][]>> = {
  'run.queued': [],
  'run.claimed': ['queued'],
  'run.prepared': ['preparing'],
  'setup.finished': ['preparing'],
  'run.started': ['preparing'],
  'run.resumed': ['ended'],
  'run.waited': ['running'],
  'run.continued': ['waiting'],
  'agent.claimed': ['running', 'waiting'],
  'session.opened': ['running', 'waiting'],
  'question.asked': ['running', 'waiting'],
  // One of an earlier attempt may be open still when a run goes on.
  'question.answered': ['queued', ...live, 'sealing', 'ended'],
  'run.cancel_requested': ['queued', ...live, 'sealing'],
  'agent.exited': ['running', 'waiting'],
  'sealing.started': ['queued', ...live],
  'processes.survived': ['sealing', 'ended'],
  'checkpoint.captured': ['running', 'waiting'],
  'checkpoint.failed': ['running', 'waiting'],
  'checkpoint.thinned': ['running', 'waiting'],
  'round.sealed': ['sealing', 'ended'],
  'refresh.begun': ['preparing', 'ended'],
  'refresh.prepared': ['preparing', 'ended'],
  'refresh.delegated': ['ended'],
  'review.recorded': ['queued', ...live, 'sealing', 'ended'],
  'changes.requested': ['ended'],
  'seal.failed': ['sealing'],
  'source.compared': ['running', 'waiting', 'sealing', 'ended'],
  'source.accepted': ['ended'],
  'check.finished': ['sealing', 'ended'],
  'handoff.written': ['sealing', 'ended'],
  'run.ended': ['sealing'],
  'approval.granted': ['ended'],
  'waiver.granted': ['ended'],
  'run.rejected': ['ended'],
  'merge.started': ['ended'],
  'merge.stopped': ['ended'],
  'merge.published': ['ended'],
  'merge.undone': ['ended'],
  'push.started': ['ended'],
  // What is on its way gets there or not, also when the run goes on meanwhile.
  'branch.pushed': ['queued', ...live, 'sealing', 'ended'],
  'push.stopped': ['queued', ...live, 'sealing', 'ended'],
  'pull_request.opened': ['queued', ...live, 'sealing', 'ended'],
  'merge.revert_prepared': ['ended'],
}
