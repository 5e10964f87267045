import { mkdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { resolveHome, type AgentCommand, type AgentEvent, type Config, type ConversationEnd, type Launch, type Run } from '@signalbox/core'
import { createAgentLines } from './agent-lines.ts'
import { createAgentNotes } from './agent-notes.ts'
import { createConversation } from './agent-talk.ts'
import { offerTools, type OfferedTools } from './agent-tools.ts'
import { findAgent, readAgents } from './agents.ts'
import { isYes, openBudget, type Budget } from './budget.ts'
import { createAsker } from './ask-human.ts'
import { startCheckpoints, type Checkpoints } from './checkpoints.ts'
import { buildChildEnvironment } from './child-environment.ts'
import type { CommandEnd, CommandRequest } from './command.ts'
import { writeDurably } from './durable-file.ts'
import { refuseLost } from './lost-checkouts.ts'
import { readPrompt } from './read-prompt.ts'
import { openRawOutput } from './raw-output.ts'
import { createRecordWords } from './redact.ts'
import { endOfStopped, type RunEnd } from './run-end.ts'
import { reachOfAgent, runIsolated } from './run-isolated.ts'
import { makeHome, withoutFolders } from './run-home.ts'
import { portVariables } from './run-ports.ts'
import { readRunTag } from './run-tag.ts'
import type { Services } from './services.ts'
import { cutLines, type Transcript } from './transcript.ts'
import { watchSources, type SourceWatch } from './watch-sources.ts'
import { writeBelow } from './write-below.ts'

/** Milliseconds of a minute; limits are in minutes. */
const minuteMs = 60_000

/** What one run gives every start of its agent. */
interface Work {
  readonly services: Services
  readonly run: Run
  readonly config: Config
  readonly transcript: Transcript
  readonly abort: AbortSignal
  readonly budget: Budget
}

/** Starts the agent of a prepared run and waits for its end; again, where its provider takes no more for a while, or it may use more than it was to. */
export async function runAgent(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<RunEnd> {
  const work: Work = { services, run, config: await services.memory.readConfig(), transcript, abort, budget: openBudget(run.spending) }
  let session = run.resumed?.how === 'session' ? run.session?.session : undefined
  let [waits, usedMs] = [0, 0]
  for (let starts = 0; ; starts += 1) {
    const end = await startOnce(work, { session, isFirst: starts === 0, usedMs })
    if (end.endedBy === 'never_started') return { outcome: 'failed', because: end.because, by: 'run' }
    session = end.spoken?.session ?? session
    usedMs = end.usedMs
    if (end.endedBy !== 'itself' || end.spoken === undefined) return recordExit(work, end)
    const overspent = work.budget.overspent()
    if (overspent !== undefined && end.spoken.stop !== 'done') {
      if (session === undefined || !(await askForMore(work, overspent))) return recordExit(work, { ...end, because: `${overspent}, which is its limit` })
    } else if (end.spoken.stop === 'quota' && waits < work.config.quota.retries && (await waitForQuota(work, end.spoken, waits))) {
      waits += 1
    } else {
      return recordExit(work, end)
    }
  }
}

const [more, enough] = ['Go on, with as much again', 'Let it end here'] as const

/** Asks whether an agent that reached its limit may use as much again; until that is answered nothing of it is alive. */
async function askForMore({ services, run, abort, budget }: Work, overspent: string): Promise<boolean> {
  const asker = createAsker(services, run.id, { pause: () => undefined, resume: () => undefined })
  // Nobody is there to hear of an answer once the run is to end.
  const answer = await asker.ask({ kind: 'question', text: `${run.agent} was stopped: ${overspent}. May it go on?`, options: [more, enough] }, new AbortController().signal, abort)
  if (answer?.kind !== 'text' || !isYes(answer.text)) return false
  budget.raise()
  return true
}

async function recordExit({ services, run, abort, budget }: Work, end: CommandEnd): Promise<RunEnd> {
  const spent = budget.spent()
  await services.log.append(run.id, { type: 'agent.exited', data: { exitCode: end.exitCode, signal: end.signal, because: end.because, ...(spent === undefined ? {} : { spent }) } })
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

/** What one start of an agent goes on from. */
interface Start {
  readonly session: string | undefined
  readonly isFirst: boolean
  /** Milliseconds of its limit that earlier starts used. */
  readonly usedMs: number
}

async function startOnce(work: Work, { session, isFirst, usedMs }: Start): Promise<CommandEnd> {
  const { services, run, transcript, abort } = work
  const layout = services.layout.run(run.id)
  const [only] = run.repos
  const cwd = run.repos.length === 1 && only !== undefined ? layout.checkout(only.repo) : layout.workspace
  // An earlier start may have left them otherwise than they were made.
  await refuseLost(services, run)
  const agent = findAgent(await readAgents(services), run.agent)
  const home = run.home ?? resolveHome(work.config.homes, agent, services.env)
  const env = buildChildEnvironment(home === 'own' ? withoutFolders(services.env) : services.env, {
    // Confined, its git can write neither to a source nor to that note.
    ...(run.sandbox === undefined ? services.tripwire.environment(run.id) : {}),
    SIGNALBOX_RUN: run.id,
    SIGNALBOX_TASK: run.task,
    SIGNALBOX_WORKSPACE: layout.workspace,
    SIGNALBOX_PACKET: layout.packet,
    ...(await portVariables(services.layout, run.id)),
    ...(run.resumed === undefined ? {} : { SIGNALBOX_PROMPT: layout.prompt }),
    ...(home === 'own' ? await makeHome(services, run) : {}),
  })
  const tools = await offerTools(services, run, agent, transcript)
  try {
    const prompt = await readPrompt(services, run, session)
    if (run.resumed !== undefined) await writeDurably(services.layout, layout.prompt, prompt)
    const launch: Launch = { prompt, packet: layout.packet, cwd, home: layout.agentHome, keepsOwn: home !== 'shared', env, session, mcp: tools?.launch }
    const command = await agent.command(run.argv, launch)
    await mkdir(layout.agentHome, { recursive: true, mode: 0o700 })
    for (const file of command.files ?? []) await writeBelow(services.layout, layout.agentHome, file)
    const request = {
      argv: command.argv,
      cwd,
      env: { ...env, ...command.env },
      tag: await readRunTag(services.layout, run.id),
      limitMs: run.minutes * minuteMs,
      usedMs,
      ...(run.silentMinutes === undefined ? {} : { silenceMs: run.silentMinutes * minuteMs }),
      abort,
      transcript,
      streams: { stdout: 'stdout', stderr: 'stderr' } as const,
    }
    return withoutSecrets(await runWatched(work, command, request, tools, isFirst), createRecordWords(services.env))
  } finally {
    await tools?.close()
  }
}

/** What it says of its end goes into the record. */
function withoutSecrets(end: CommandEnd, words: (text: string) => string): CommandEnd {
  const because = words(end.because)
  return end.spoken === undefined ? { ...end, because } : { ...end, because, spoken: { ...end.spoken, because: words(end.spoken.because) } }
}

/** Runs the command of an agent; meanwhile takes checkpoints of its run, and looks what it does beside its workspace. */
async function runWatched(work: Work, command: AgentCommand, request: Omit<CommandRequest, 'isConfined'>, tools: OfferedTools | undefined, isFirst: boolean): Promise<CommandEnd> {
  const { services, run, config } = work
  let watches: readonly (Checkpoints | SourceWatch)[] = []
  let isEnding = false
  const turnEnded = (): void => watches.forEach((watch) => watch.turnEnded())
  const stopWatches = (): Promise<unknown> => Promise.all(watches.map((watch) => watch.stop()))
  const { endsTurn } = command
  const turns = endsTurn === undefined ? undefined : cutLines((lines) => lines.filter((line) => endsTurn(line)).forEach(turnEnded))
  const onStart = async (pid: number): Promise<void> => {
    if (isFirst) await services.log.append(run.id, { type: 'run.started', data: { pid, ...(run.from === undefined ? {} : { from: run.from }) } })
    if (!isEnding) watches = [startCheckpoints(services, run, config.checkpoints), watchSources(services, run)]
  }
  const onEnding = (): void => {
    isEnding = true
    void stopWatches()
  }
  const talk = command.converse === undefined ? undefined : talkWith(work, command.converse, request, tools, turnEnded)
  try {
    return await runIsolated(services, run, { ...request, ...(talk === undefined ? {} : { converse: talk.converse }), onStart, onEnding, onOutput: (chunk) => turns?.write(chunk) }, () => reachOfAgent(services, run))
  } finally {
    await stopWatches()
    await talk?.settle()
  }
}

/** A conversation to be held, and what is left to do once its program is gone. */
interface AgentTalk {
  readonly converse: NonNullable<CommandRequest['converse']>
  /** Writes down what is left, however long the disk takes; the adapter may still be at it. */
  settle(): Promise<void>
}

/** Returns what holds the conversation with an agent: what it says goes to the transcript, what matters of it to the log. */
function talkWith({ services, run, config, transcript, budget }: Work, converse: NonNullable<AgentCommand['converse']>, { cwd, env }: Pick<CommandRequest, 'cwd' | 'env'>, tools: OfferedTools | undefined, turnEnded: () => void): AgentTalk {
  const layout = services.layout.run(run.id)
  // Nobody hears an answer once the conversation is over.
  const over = new AbortController()
  let settle = async (): Promise<void> => undefined
  return {
    converse: async (pipes, limit) => {
      const raw = openRawOutput(layout.agentOutput, env)
      const lines = createAgentLines(transcript)
      const notes = createAgentNotes(services, run, { cwd, transcript })
      const asker = createAsker(services, run.id, limit)
      settle = async () => {
        over.abort()
        await tools?.desk.close()
        await asker.settled()
        lines.end()
        raw.close()
        await notes.close()
      }
      const heard = (event: AgentEvent): void => {
        lines.write(event)
        notes.take(event)
        if (event.type === 'turn') turnEnded()
        if (event.type === 'usage') budget.take(event)
      }
      try {
        tools?.desk.open({ asker, heard })
        const care = { policy: config.permissions, asker, workspace: layout.workspace, cwd, confined: run.sandbox !== undefined, ownServer: tools?.launch.name, heard, keep: (chunk: Uint8Array) => raw.write(chunk) }
        return await converse(createConversation({ ...pipes, cancel: AbortSignal.any([pipes.cancel, budget.over(), over.signal]) }, care))
      } finally {
        over.abort()
        void tools?.desk.close()
      }
    },
    settle: () => settle(),
  }
}
