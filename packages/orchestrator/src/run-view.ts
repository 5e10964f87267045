import { existsSync } from 'node:fs'
import { answerWords, approvedStrategy, countingWaivers, hasCode, isPart, isPushed, isReviewable, isWorkspaceLost, keptSnapshots, latestRound, openQuestions, pushWords, reportGate, sayIsolation, sayUnknown, settleWords, startAgainWords, startWords, timelineOf, type GateReport, type Merged, type Run, type RunSummary, type RunView, type TaskStatus } from '@signalbox/core'
import { gatherFacts, judgeWaivers } from './gather-facts.ts'
import type { Services } from './services.ts'
import { isTakenBack } from './taken-back.ts'

/** One line about a run, from its events alone. */
export function summarizeRun(run: Run): RunSummary {
  return {
    id: run.id,
    task: run.task,
    agent: run.agent,
    state: run.state.kind,
    outcome: run.state.kind === 'ended' ? run.state.outcome : null,
    because: sayState(run),
    waitsFor: run.state.kind === 'waiting' ? run.state.for : null,
    queuedAt: run.queuedAt,
    endedAt: run.endedAt ?? null,
    snapshot: latestRound(run)?.id ?? null,
    merge: run.merge.kind,
    reviewable: isReviewable(run),
  }
}

/** Everything about a run, the gate's verdict included. */
export async function viewRun(services: Services, run: Run): Promise<RunView> {
  const { merge: _merge, snapshot: _snapshot, reviewable: _reviewable, ...summary } = summarizeRun(run)
  const workspace = services.layout.run(run.id).workspace
  return {
    ...summary,
    isolation: run.isolation,
    promise: run.takesBack === undefined ? sayIsolation(run.isolation, run.sandbox) : 'No agent works in it: its round is computed from what landed.',
    home: run.home ?? null,
    argv: [...run.argv],
    by: run.by,
    exits: exitsOf(run),
    taskStatus: await readTaskStatus(services, run),
    repos: [...run.repos],
    takesBack: run.takesBack ?? null,
    packet: run.packet ?? null,
    workspace: existsSync(workspace) ? workspace : null,
    from: run.from ?? null,
    ontoTarget: run.ontoTarget,
    snapshots: [...keptSnapshots(run)],
    timeline: timelineOf(run),
    resolving: viewResolving(services, run),
    delegated: [...run.delegated],
    requested: [...run.requested],
    questions: [...run.questions],
    spent: run.agentExit?.spent ?? null,
    session: run.session === undefined ? null : { session: run.session.session, model: run.session.model, mode: run.session.mode },
    survivors: [...run.survivors],
    sources: [...run.sources],
    receipts: [...run.receipts],
    approval: run.approval ?? null,
    waived: await viewWaived(services, run),
    handoff: run.handoff ?? null,
    merge: await viewMerge(services, run),
    pushes: [...run.pushes],
    newer: sayUnknown(run) ?? null,
  }
}

function viewResolving({ layout }: Services, { id, resolving }: Run): RunView['resolving'] {
  if (resolving === undefined) return null
  const { of, repos, conflicts } = resolving
  return { of, repos: repos.map(({ repo, base }) => ({ repo, base, path: layout.run(id).checkout(repo) })), conflicts: conflicts?.map(({ repo, path }) => ({ repo, path })) ?? null }
}

/** From the log, so that it is said of a landed run too. */
async function viewWaived(services: Services, run: Run): Promise<RunView['waived']> {
  const waivers = countingWaivers(await judgeWaivers(services, run), latestRound(run)?.digest ?? '')
  return waivers.map(({ code, repo, message, because, by, at }) => ({ code, ...(repo === undefined ? {} : { repo }), message, because, by, at }))
}

function sayState(run: Run): string {
  const { state } = run
  switch (state.kind) {
    case 'queued':
      return 'It waits for its supervisor'
    case 'preparing':
      return 'Its checkouts and packet are being made'
    case 'running':
      return run.cancelRequested === undefined ? `${run.agent} is at work` : 'It is being cancelled'
    case 'waiting':
      return state.for === 'quota' ? `Its provider takes no more for now: ${state.because}` : `It waits for your ${state.for === 'permission' ? 'permission' : 'answer'}: ${state.because}`
    case 'sealing':
      return 'Its work is being sealed and checked'
    case 'ended':
      return state.because
    default:
      return state satisfies never
  }
}

function exitsOf(run: Run): string[] {
  if (run.state.kind !== 'ended') return [...openQuestions(run.questions).map(({ asked }) => `signalbox ${answerWords(run.id, asked)}`), `It ends by itself or at ${run.minutes} minutes`, `signalbox cancel ${run.id}`]
  if (run.state.outcome === 'escaped') return [`signalbox gate ${run.id}`]
  const unfinished = run.pushes.at(-1)
  if (unfinished !== undefined && !isPushed(unfinished) && unfinished.approval === run.approval?.seal && run.merge.kind !== 'merged') return [`signalbox ${pushWords(run.id, unfinished)}`]
  if (run.state.outcome === 'completed') return []
  if (run.takesBack !== undefined) return [`signalbox undo ${run.takesBack.run} --as-run`]
  if (isWorkspaceLost(run)) return [`signalbox ${startAgainWords(run)}`]
  return [...(run.packet === undefined ? [] : [`signalbox resume ${run.id}`]), `signalbox ${startWords(run)}`]
}

async function readTaskStatus(services: Services, run: Run): Promise<TaskStatus | null> {
  try {
    return (await services.memory.read('task', run.task)).status
  } catch (error) {
    if (hasCode(error, 'task.not_found') || hasCode(error, 'record.quarantined')) return null
    throw error
  }
}

async function viewMerge(services: Services, run: Run): Promise<RunView['merge']> {
  const { merge } = run
  switch (merge.kind) {
    case 'merged':
      return viewMerged(run, merge, await readReverts(services, run))
    case 'undone':
      return { ...viewVerdict(run, await readGate(services, run)), state: 'undone', because: `Its landing was taken back ${merge.at}`, repos: [], reverts: [] }
    case 'merging':
      return { state: 'merging', because: 'A landing is under way', exits: [], repos: [...merge.repos], reverts: [] }
    case 'stuck':
      return { state: 'stuck', because: merge.because, exits: [settleWords, 'signalbox doctor'], repos: [], reverts: [] }
    case 'none':
      return run.state.kind === 'ended' ? viewVerdict(run, await readGate(services, run)) : { state: 'none', because: 'The run has not ended', exits: [], repos: [], reverts: [] }
    default:
      return merge satisfies never
  }
}

/** Where the runs stand that were made to take its landing back, but for those that were taken back themselves. */
async function readReverts(services: Services, { reverts }: Run): Promise<RunView['merge']['reverts']> {
  const runs = await Promise.all(reverts.map((id) => services.log.fold(id)))
  const isBack = await Promise.all(runs.map((revert) => isTakenBack(services, revert)))
  return runs.filter((_, index) => isBack[index] !== true).map((revert) => ({ run: revert.id, merge: revert.merge.kind, part: isPart(revert) }))
}

function viewMerged({ id }: Run, { repos }: Merged, reverts: RunView['merge']['reverts']): RunView['merge'] {
  const landed = `It landed on ${repos.map(({ repo, branch }) => `${branch} of ${repo}`).join(' and ')}`
  const back = reverts.find(({ merge, part }) => merge === 'merged' && !part)
  const parts = reverts.filter(({ merge, part }) => merge === 'merged' && part).map(({ run }) => run)
  const seen = { state: 'merged' as const, repos: [...repos], reverts: [...reverts] }
  if (back !== undefined) return { ...seen, because: `${landed}, and ${back.run} took it back`, exits: [`signalbox show ${back.run}`] }
  const open = reverts.map(({ run }) => `signalbox show ${run}`)
  return { ...seen, because: parts.length === 0 ? landed : `${landed}, and ${parts.join(' and ')} took a part of it back`, exits: [`signalbox undo ${id}`, ...open] }
}

async function readGate(services: Services, run: Run): Promise<GateReport> {
  return reportGate(await gatherFacts(services, run, approvedStrategy(run)))
}

function viewVerdict(run: Run, report: GateReport): RunView['merge'] {
  if (report.verdict === 'mergeable') return { state: 'approved', because: `${report.snapshot} is approved and nothing stands in the way`, exits: [`signalbox merge ${run.id}`], repos: [], reverts: [] }
  const [first] = report.blockers
  if (report.blockers.length === 1 && first?.code === 'approval_missing' && run.rejection === undefined) {
    return { state: 'approvable', because: first.message, exits: [`signalbox merge ${run.id} --approve`], repos: [], reverts: [] }
  }
  return {
    state: 'blocked',
    because: report.blockers.map((blocker) => blocker.message).join('; '),
    exits: report.blockers.map(({ remedy }) => (remedy.command === undefined ? remedy.sentence : `${remedy.sentence}: ${remedy.command}`)),
    repos: [],
    reverts: [],
  }
}
