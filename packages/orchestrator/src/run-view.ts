import { existsSync } from 'node:fs'
import { countingWaivers, hasCode, isPushed, latestRound, pushWords, reportGate, sayIsolation, sayUnknown, type GateReport, type Run, type RunSummary, type RunView, type TaskStatus } from '@signalbox/core'
import { gatherFacts, judgeWaivers } from './gather-facts.ts'
import type { Services } from './services.ts'

/** One line about a run, from its events alone. */
export function summarizeRun(run: Run): RunSummary {
  return {
    id: run.id,
    task: run.task,
    agent: run.agent,
    state: run.state.kind,
    outcome: run.state.kind === 'ended' ? run.state.outcome : null,
    because: sayState(run),
    queuedAt: run.queuedAt,
    endedAt: run.endedAt ?? null,
    snapshot: latestRound(run)?.id ?? null,
    merge: run.merge.kind,
  }
}

/** Everything about a run, the gate's verdict included. */
export async function viewRun(services: Services, run: Run): Promise<RunView> {
  const { merge: _merge, snapshot: _snapshot, ...summary } = summarizeRun(run)
  const workspace = services.layout.run(run.id).workspace
  return {
    ...summary,
    isolation: run.isolation,
    promise: sayIsolation(run.isolation, run.sandbox),
    argv: [...run.argv],
    by: run.by,
    exits: exitsOf(run),
    taskStatus: await readTaskStatus(services, run),
    repos: [...run.repos],
    packet: run.packet ?? null,
    workspace: existsSync(workspace) ? workspace : null,
    snapshots: [...run.snapshots],
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
      return `It waits for a ${state.for}: ${state.because}`
    case 'sealing':
      return 'Its work is being sealed and checked'
    case 'ended':
      return state.because
    default:
      return state satisfies never
  }
}

function exitsOf(run: Run): string[] {
  if (run.state.kind !== 'ended') return [`It ends by itself or at ${run.minutes} minutes`, `signalbox cancel ${run.id}`]
  if (run.state.outcome === 'escaped') return [`signalbox gate ${run.id}`]
  const unfinished = run.pushes.at(-1)
  if (unfinished !== undefined && !isPushed(unfinished) && run.merge.kind !== 'merged') return [`signalbox ${pushWords(run.id, unfinished)}`]
  return run.state.outcome === 'completed' ? [] : [`signalbox run ${run.task} --agent ${run.agent}`]
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
  const { merge, id } = run
  switch (merge.kind) {
    case 'merged':
      return { state: 'merged', because: `It landed on ${merge.repos.map(({ repo, branch }) => `${branch} of ${repo}`).join(' and ')}`, exits: [`signalbox undo ${id}`], repos: [...merge.repos] }
    case 'undone':
      return { ...viewVerdict(run, await readGate(services, run)), state: 'undone', because: `Its landing was taken back ${merge.at}`, repos: [] }
    case 'merging':
      return { state: 'merging', because: 'A landing is under way', exits: [], repos: [...merge.repos] }
    case 'stuck':
      return { state: 'stuck', because: merge.because, exits: ['Clear what it names; the next command settles it', 'signalbox doctor'], repos: [] }
    case 'none':
      return run.state.kind === 'ended' ? viewVerdict(run, await readGate(services, run)) : { state: 'none', because: 'The run has not ended', exits: [], repos: [] }
    default:
      return merge satisfies never
  }
}

async function readGate(services: Services, run: Run): Promise<GateReport> {
  return reportGate(await gatherFacts(services, run))
}

function viewVerdict(run: Run, report: GateReport): RunView['merge'] {
  if (report.verdict === 'mergeable') return { state: 'approved', because: `${report.snapshot} is approved and nothing stands in the way`, exits: [`signalbox merge ${run.id}`], repos: [] }
  const [first] = report.blockers
  if (report.blockers.length === 1 && first?.code === 'approval_missing' && run.rejection === undefined) {
    return { state: 'approvable', because: first.message, exits: [`signalbox merge ${run.id} --approve`], repos: [] }
  }
  return {
    state: 'blocked',
    because: report.blockers.map((blocker) => blocker.message).join('; '),
    exits: report.blockers.map(({ remedy }) => (remedy.command === undefined ? remedy.sentence : `${remedy.sentence}: ${remedy.command}`)),
    repos: [],
  }
}
