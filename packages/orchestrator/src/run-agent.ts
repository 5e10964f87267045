import { mkdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { AgentCommand, AgentEvent, Config, ConversationEnd, Launch, Run } from '@signalbox/core'
import { createAgentLines } from './agent-lines.ts'
import { createConversation } from './agent-talk.ts'
import { offerTools, ownServer, type OfferedTools } from './agent-tools.ts'
import { findAgent } from './agents.ts'
import { createAsker } from './ask-human.ts'
import { startCheckpoints, type Checkpoints } from './checkpoints.ts'
import { buildChildEnvironment } from './child-environment.ts'
import type { CommandEnd, CommandRequest } from './command.ts'
import { writeDurably } from './durable-file.ts'
import { becauseOf } from './look.ts'
import { openRawOutput } from './raw-output.ts'
import { endOfStopped, type RunEnd } from './run-end.ts'
import { reachOfWorkspace, runIsolated } from './run-isolated.ts'
import { readRunTag } from './run-tag.ts'
import type { Services } from './services.ts'
import { cutLines, type Transcript } from './transcript.ts'

/** Milliseconds of a minute; limits are in minutes. */
const minuteMs = 60_000

/** What one run gives every start of its agent. */
interface Work {
  readonly services: Services
  readonly run: Run
  readonly config: Config
  readonly transcript: Transcript
  readonly abort: AbortSignal
}

/** Starts the agent of a prepared run and waits for its end; again, where its provider takes no more for a while. */
export async function runAgent(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<RunEnd> {
  const work: Work = { services, run, config: await services.memory.readConfig(), transcript, abort }
  let session: string | undefined
  let tries = 0
  for (;;) {
    const end = await startOnce(work, session, tries === 0)
    if (end.endedBy === 'never_started') return { outcome: 'failed', because: end.because, by: 'run' }
    session = end.spoken?.session ?? session
    const isOver = end.endedBy !== 'itself' || end.spoken?.stop !== 'quota' || tries >= work.config.quota.retries || !(await waitForQuota(work, end.spoken, tries))
    if (isOver) return recordExit(work, end)
    tries += 1
  }
}

async function recordExit({ services, run, abort }: Work, end: CommandEnd): Promise<RunEnd> {
  await services.log.append(run.id, { type: 'agent.exited', data: { exitCode: end.exitCode, signal: end.signal, because: end.because } })
  if (end.endedBy === 'abort' || (abort.aborted && end.endedBy !== 'limit')) return stopped(services, run)
  const isDone = end.endedBy === 'itself' && (end.spoken === undefined ? end.exitCode === 0 : end.spoken.stop === 'done')
  return { outcome: isDone ? 'completed' : 'failed', because: `The agent ended: ${end.because}`, by: 'run' }
}

/** A signal that no human's cancel explains is an interruption, such as a log-out or shutdown. */
export async function stopped(services: Services, run: Run): Promise<RunEnd> {
  return endOfStopped(await services.log.fold(run.id), { because: 'Its supervisor was asked to stop by a signal', by: 'run' })
}

/** Waits until the provider may take something again; false when somebody asked the run to stop meanwhile. */
async function waitForQuota({ services, run, config, abort }: Work, { because, retryAt }: ConversationEnd, tries: number): Promise<boolean> {
  const told = retryAt === undefined ? Number.NaN : Date.parse(retryAt) - Date.parse(services.clock.now())
  const waitMs = Math.min(config.quota.longestMinutes, Number.isNaN(told) ? config.quota.waitMinutes * 2 ** tries : Math.max(0, told) / minuteMs) * minuteMs
  const until = new Date(Date.parse(services.clock.now()) + waitMs).toISOString()
  await services.log.append(run.id, { type: 'run.waited', data: { for: 'quota', because: `${because}; it is tried again at ${until} (${tries + 1} of ${config.quota.retries})` } })
  await delay(waitMs, undefined, { signal: abort }).catch((error: unknown) => {
    if (!abort.aborted) throw error
  })
  if (abort.aborted) return false
  await services.log.append(run.id, { type: 'run.continued', data: {} })
  return true
}

async function startOnce(work: Work, session: string | undefined, isFirst: boolean): Promise<CommandEnd> {
  const { services, run, transcript, abort } = work
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
  const agent = findAgent(services.agents, run.agent)
  const tools = await offerTools(services, run, agent, transcript)
  try {
    const launch: Launch = { prompt: await readFile(layout.packet, 'utf8'), packet: layout.packet, cwd, home: layout.agentHome, env, session, mcp: tools?.launch }
    const command = await agent.command(run.argv, launch)
    for (const { path, text } of command.files ?? []) await writeDurably(services.layout, path, text)
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
    return await runWatched(work, command, request, tools, isFirst)
  } finally {
    await tools?.close()
  }
}

/** Runs the command of an agent, and takes checkpoints of its run meanwhile. */
async function runWatched(work: Work, command: AgentCommand, request: Omit<CommandRequest, 'isConfined'>, tools: OfferedTools | undefined, isFirst: boolean): Promise<CommandEnd> {
  const { services, run, config } = work
  let checkpoints: Checkpoints | undefined
  let isEnding = false
  const turnEnded = (): void => checkpoints?.turnEnded()
  const output = cutLines((line) => {
    if (command.endsTurn?.(line) === true) turnEnded()
  })
  const onStart = async (pid: number): Promise<void> => {
    if (isFirst) await services.log.append(run.id, { type: 'run.started', data: { pid, ...(run.from === undefined ? {} : { from: run.from }) } })
    if (!isEnding) checkpoints = startCheckpoints(services, run, config.checkpoints)
  }
  const onEnding = (): void => {
    isEnding = true
    void checkpoints?.stop()
  }
  const talk = command.converse === undefined ? {} : { converse: converseWith(work, command.converse, request, tools, turnEnded) }
  try {
    return await runIsolated(services, run, { ...request, ...talk, onStart, onEnding, onOutput: (chunk) => output.write(chunk) }, () => reachOfWorkspace(services, run))
  } finally {
    await checkpoints?.stop()
  }
}

/** Returns what holds the conversation with an agent: what it says goes to the transcript, what matters of it to the log. */
function converseWith({ services, run, config, transcript }: Work, converse: NonNullable<AgentCommand['converse']>, { cwd, env }: Pick<CommandRequest, 'cwd' | 'env'>, tools: OfferedTools | undefined, turnEnded: () => void): NonNullable<CommandRequest['converse']> {
  return async (pipes, limit) => {
    const layout = services.layout.run(run.id)
    const raw = openRawOutput(layout.agentOutput, env)
    const lines = createAgentLines(transcript)
    let noted: Promise<unknown> = Promise.resolve()
    const heard = (event: AgentEvent): void => {
      lines.write(event)
      if (event.type === 'turn') turnEnded()
      if (event.type === 'session') noted = noted.then(() => services.log.append(run.id, { type: 'session.opened', data: { session: event.id, how: event.how, model: event.model, mode: event.mode } })).catch((error: unknown) => transcript.write('signalbox', `Its session could not be recorded: ${becauseOf(error)}`))
    }
    try {
      const asker = createAsker(services, run.id, limit)
      tools?.desk.open({ asker, heard })
      const care = { policy: config.permissions, asker, workspace: layout.workspace, cwd, confined: run.sandbox !== undefined, ownServer, heard, keep: (chunk: Uint8Array) => raw.write(chunk) }
      return await converse(createConversation(pipes, care))
    } finally {
      await tools?.desk.close()
      await noted
      lines.end()
      raw.close()
    }
  }
}
