import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { ControlError, messageOf, resolveHome, type Agent, type AgentEvent, type AgentCommand, type ConversationEnd, type Launch, type PermissionAnswer, type PermissionRequest } from '@signalbox/core'
import { endMarked, markName } from './own-processes.ts'

/** What an agent is to do, where, and who listens. Paths are absolute. */
export interface Drive {
  readonly agent: Agent
  /** Arguments of the agent, such as its model. */
  readonly argv?: readonly string[]
  /** The folder it works in. */
  readonly cwd: string
  readonly prompt: string
  /** Folder for what the agent keeps of this work; to go on with a session, give the same one again. */
  readonly home: string
  /** The environment it is started with; this process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Session of the agent's own to go on with. */
  readonly session?: string
  readonly mcp?: Launch['mcp']
  readonly onEvent?: (event: AgentEvent) => void
  /** Decides what it asks; without it every question is refused. */
  readonly onPermission?: (request: PermissionRequest) => Promise<PermissionAnswer>
  /** Asks it to stop. */
  readonly signal?: AbortSignal
}

/** How it ended. `exitCode` is null when a signal ended it. `strays`: processes it left, which were ended. */
export interface DriveEnd extends ConversationEnd {
  readonly exitCode: number | null
  readonly strays: number
}

/** Milliseconds a program gets to end by itself after its conversation is over. */
const exitMs = 2_000

/** Bytes that wait to be read by a program. One that asks and asks, and reads none of the answers, is told no more. */
const unreadBytes = 8 * 1024 * 1024

/** Bytes of standard error that are kept. */
const tailBytes = 2_000

/**
 * Lets an agent do one thing, in a process group of its own of which nothing lives when this returns.
 * @throws ControlError `agent.not_installed`, `input.invalid`, `run.failed` when it cannot be started
 */
export async function driveAgent(drive: Drive): Promise<DriveEnd> {
  const mark = randomUUID()
  const packet = join(drive.home, 'packet.md')
  const env = { ...definedOf(drive.env ?? process.env), [markName]: mark }
  const launch: Launch = { prompt: drive.prompt, packet, cwd: drive.cwd, home: drive.home, keepsOwn: resolveHome({ otherwise: 'auto', agents: {} }, drive.agent, env) !== 'shared', env, session: drive.session, mcp: drive.mcp }
  const command = await drive.agent.command(drive.argv ?? [], launch)
  for (const { path, text } of [{ path: packet, text: drive.prompt }, ...(command.files ?? [])]) {
    await mkdir(dirname(path), { recursive: true })
    // Tokens may be in there.
    await writeFile(path, text, { mode: 0o600 })
  }
  const { child, pid } = await start(command, { cwd: drive.cwd, env: { ...env, ...command.env } })
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const lastErrors = keepTail(child.stderr)
  let left: readonly number[] = []
  let end: ConversationEnd
  try {
    end = await converse(child, command, drive, exited)
    // One that was asked to stop is not waited for: most know only signals.
    if (drive.signal?.aborted !== true) await Promise.race([exited, delay(exitMs, undefined, { ref: false })])
  } finally {
    left = await endMarked(pid, mark)
    child.stdout.destroy()
    child.stderr.destroy()
  }
  const exitCode = await exited
  const words = end.stop === 'lost' && lastErrors() !== '' ? `; on its standard error: ${lastErrors()}` : ''
  return { ...end, because: `${end.because}${words}`, exitCode, strays: left.filter((each) => each !== pid).length }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

async function start({ argv: [file, ...args] }: AgentCommand, { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }): Promise<{ readonly child: Child; readonly pid: number }> {
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  // Writing to a program that is gone is no fault of its own: how it ended tells.
  child.stdin.on('error', () => {})
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => reject(new ControlError('run.failed', `${file} could not be started: ${messageOf(cause)}`, { cause })))
  })
  if (child.pid === undefined) throw new ControlError('run.failed', `${file} has no process`)
  return { child, pid: child.pid }
}

function converse(child: Child, command: AgentCommand, drive: Drive, exited: Promise<number | null>): Promise<ConversationEnd> {
  const cancel = drive.signal ?? new AbortController().signal
  const emit = (event: AgentEvent): void => drive.onEvent?.(event)
  const input = {
    write: (text: string) => {
      if (child.stdin.writableLength > unreadBytes) child.stdin.destroy()
      if (child.stdin.writable) child.stdin.write(text)
    },
    end: () => void child.stdin.end(),
  }
  if (command.converse === undefined) return listen(child, { emit, cancel, exited })
  return command.converse({ output: child.stdout, input, cancel, emit, askPermission: (request, withdrawn) => decide(drive, request, AbortSignal.any([cancel, withdrawn])) })
}

/** Hears one whose output is just text: its exit code says how it did. */
async function listen(child: Child, { emit, cancel, exited }: { readonly emit: (event: AgentEvent) => void; readonly cancel: AbortSignal; readonly exited: Promise<number | null> }): Promise<ConversationEnd> {
  child.stdin.end()
  const text = new TextDecoder()
  child.stdout.on('data', (piece: Uint8Array) => emit({ type: 'message', text: text.decode(piece, { stream: true }), partial: true }))
  const code = await Promise.race([exited, aborted(cancel)])
  emit({ type: 'message', text: text.decode(), partial: false })
  const [stop, because] = code === 'aborted' ? (['cancelled', 'It was asked to stop'] as const) : code === 0 ? (['done', 'It exited 0'] as const) : (['error', `It exited ${code ?? 'by a signal'}`] as const)
  emit({ type: 'turn', stop, because, source: code === 'aborted' ? 'inferred' : 'exit' })
  return { stop, because, session: undefined }
}

async function decide(drive: Drive, request: PermissionRequest, cancel: AbortSignal): Promise<PermissionAnswer> {
  if (cancel.aborted) return { kind: 'cancelled' }
  const asked = drive.onPermission?.(request) ?? Promise.resolve({ kind: 'refuse', because: 'Nobody is there to allow it' } as const)
  const answer = await Promise.race([asked, aborted(cancel)])
  return answer === 'aborted' ? { kind: 'cancelled' } : answer
}

async function aborted(signal: AbortSignal): Promise<'aborted'> {
  if (!signal.aborted) await once(signal, 'abort')
  return 'aborted'
}

/** Keeps the last of a stream, to say why somebody gave up. */
function keepTail(stream: Readable): () => string {
  let tail = ''
  stream.on('data', (piece: Buffer) => (tail = (tail + piece.toString('latin1')).slice(-tailBytes)))
  return () => Buffer.from(tail, 'latin1').toString('utf8').trim()
}

function definedOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
