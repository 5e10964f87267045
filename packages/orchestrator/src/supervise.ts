import { mkdir, readFile } from 'node:fs/promises'
import type { AgentCommand, Outcome, Run, RunId } from '@signalbox/core'
import { findAgent, readAgents } from './agents.ts'
import { buildChildEnvironment } from './child-environment.ts'
import type { CommandEnd, CommandRequest } from './command.ts'
import { finishRun } from './finish-run.ts'
import { startCheckpoints, type Checkpoints } from './checkpoints.ts'
import { releaseLease, takeLease } from './lease.ts'
import { becauseOf } from './look.ts'
import { prepareRun } from './prepare-run.ts'
import { endOfStopped, type RunEnd } from './run-end.ts'
import { reachOfWorkspace, runIsolated } from './run-isolated.ts'
import { readRunTag } from './run-tag.ts'
import { withState, type Services } from './services.ts'
import { cutLines, openTranscript, type Transcript } from './transcript.ts'

/** Milliseconds of a minute; limits are in minutes. */
const minuteMs = 60_000

/**
 * Owns one run from claim to handoff; the whole life of a supervisor process.
 * `abort` fires when somebody asked this process to stop: the run is then ended in order.
 */
export async function supervise(services: Services, id: RunId, abort: AbortSignal): Promise<void> {
  const claimed = await withState(services, async () => {
    // Recovery may have ended the run before this process got here.
    if ((await services.log.foldToChange(id)).state.kind !== 'queued') return undefined
    await takeLease(services.layout, id, process.pid)
    return services.log.append(id, { type: 'run.claimed', data: { pid: process.pid } })
  })
  if (claimed === undefined) return
  const transcript = openTranscript(services.layout.run(id).transcript, services.env, services.clock)
  try {
    const end = await work(services, claimed, transcript, abort)
    await finishRun(services, id, end, transcript, abort)
  } finally {
    transcript.close()
    await releaseLease(services.layout, id)
  }
}

/** Prepares, starts the agent and waits. Whatever goes wrong is how the run ended, never an unrecorded crash. */
async function work(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<RunEnd> {
  try {
    const setup = await prepareRun(services, run, transcript, abort)
    if (setup !== undefined) return abort.aborted ? stopped(services, run) : setup
    if (abort.aborted) return await stopped(services, run)
    return await runAgent(services, run, transcript, abort)
  } catch (error) {
    transcript.write('signalbox', becauseOf(error))
    return { outcome: 'failed', because: becauseOf(error), by: 'run' }
  }
}

async function runAgent(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<RunEnd> {
  const layout = services.layout.run(run.id)
  const [only] = run.repos
  const cwd = run.repos.length === 1 && only !== undefined ? layout.checkout(only.repo) : layout.workspace
  await mkdir(layout.workspace, { recursive: true })
  const env = buildChildEnvironment(services.env, {
    // Confined, its git can write neither to a source nor to that note.
    ...(run.sandbox === undefined ? services.tripwire.environment(run.id) : {}),
    SIGNALBOX_RUN: run.id,
    SIGNALBOX_TASK: run.task,
    SIGNALBOX_WORKSPACE: layout.workspace,
    SIGNALBOX_PACKET: layout.packet,
  })
  const launch = { prompt: await readFile(layout.packet, 'utf8'), packet: layout.packet, cwd, home: layout.agentHome, env, session: undefined, mcp: undefined }
  const command = await findAgent(await readAgents(services), run.agent).command(run.argv, launch)
  const request = {
    argv: command.argv,
    cwd,
    env: { ...env, ...command.env },
    tag: await readRunTag(services.layout, run.id),
    limitMs: run.minutes * minuteMs,
    abort,
    transcript,
    streams: { stdout: 'stdout', stderr: 'stderr' } as const,
  }
  const end = await runWatched(services, run, command, request)
  if (end.endedBy === 'never_started') return { outcome: 'failed', because: end.because, by: 'run' }
  await services.log.append(run.id, { type: 'agent.exited', data: { exitCode: end.exitCode, signal: end.signal, because: end.because } })
  if (end.endedBy === 'abort') return stopped(services, run)
  const outcome: Outcome = end.endedBy === 'itself' && end.exitCode === 0 ? 'completed' : 'failed'
  return { outcome, because: `The agent ended: ${end.because}`, by: 'run' }
}

/** Runs the command of an agent, and takes checkpoints of its run meanwhile. */
async function runWatched(services: Services, run: Run, { endsTurn }: AgentCommand, request: Omit<CommandRequest, 'isConfined'>): Promise<CommandEnd> {
  const policy = (await services.memory.readConfig()).checkpoints
  let checkpoints: Checkpoints | undefined
  let isEnding = false
  const output = cutLines((line) => {
    if (endsTurn?.(line) === true) checkpoints?.turnEnded()
  })
  const onStart = async (pid: number): Promise<void> => {
    await services.log.append(run.id, { type: 'run.started', data: { pid, ...(run.from === undefined ? {} : { from: run.from }) } })
    if (!isEnding) checkpoints = startCheckpoints(services, run, policy)
  }
  const onEnding = (): void => {
    isEnding = true
    void checkpoints?.stop()
  }
  try {
    return await runIsolated(services, run, { ...request, onStart, onEnding, onOutput: (chunk) => output.write(chunk) }, () => reachOfWorkspace(services, run))
  } finally {
    await checkpoints?.stop()
  }
}

/** A signal that no human's cancel explains is an interruption, such as a log-out or shutdown. */
async function stopped(services: Services, run: Run): Promise<RunEnd> {
  return endOfStopped(await services.log.fold(run.id), { because: 'Its supervisor was asked to stop by a signal', by: 'run' })
}
