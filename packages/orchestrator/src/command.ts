import { spawn } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import { messageOf, type ConversationEnd } from '@signalbox/core'
import { startTalk, type Pipes, type Talk } from './converse.ts'
import { endTagged, killTagged, runTagName, signalProcess } from './process-tree.ts'
import { startTimeLimit, type TimeLimit } from './time-limit.ts'
import type { Transcript, TranscriptStream } from './transcript.ts'

/** How a supervised command ended. `exitCode` is null when a signal or we ended it; `because` says which. */
export interface CommandEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly because: string
  readonly endedBy: 'itself' | 'limit' | 'abort' | 'never_started'
  readonly durationMs: number
  /** Milliseconds of its limit that it used: while somebody was waited for, none. */
  readonly usedMs: number
  /** Pids of those of its tree that even SIGKILL did not end. */
  readonly survivors: readonly number[]
  /** How its conversation ended, where it held one. */
  readonly spoken?: ConversationEnd
}

export interface CommandRequest {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Tag in the environment of the whole tree; what still carries it when the command ended is ended too. */
  readonly tag: string
  /** It is started by what confines it and ends all of it: that process is asked to stop by nobody, and carries no tag. */
  readonly isConfined: boolean
  readonly limitMs: number
  /** Milliseconds of it that earlier starts used; absent: none. */
  readonly usedMs?: number
  /** Milliseconds it may write nothing; absent: as long as it likes. */
  readonly silenceMs?: number
  readonly abort: AbortSignal
  /** Fires with an error where all of it has to be gone at once, without being asked. */
  readonly kill?: AbortSignal
  readonly transcript: Transcript
  readonly streams: { readonly stdout: TranscriptStream; readonly stderr: TranscriptStream }
  readonly onStart?: (pid: number) => Promise<void>
  readonly onOutput?: (chunk: Buffer) => void
  /** Talks with the program over its standard streams: what it writes is then no text for the transcript, and it is over when this is. */
  readonly converse?: (pipes: Pipes, limit: Pick<TimeLimit, 'pause' | 'resume'>) => Promise<ConversationEnd>
  /** Called once, before what lives of the tree is asked to end: from then on it may not be kept from doing so. */
  readonly onEnding?: () => void
}

/** Milliseconds to wait for more of the last output of a tree that has ended, and for all of it. */
const pipeGraceMs = 1_000
const longestDrainMs = 30_000

/** Milliseconds a program gets to end by itself once its conversation is over. */
const exitGraceMs = 2_000

/** Runs a command in a process group of its own until it ends, the limit passes, or the caller aborts; then nothing of it lives but what cannot be ended. */
export async function runCommand(request: CommandRequest): Promise<CommandEnd> {
  const began = performance.now()
  const [file, ...args] = request.argv
  const child = spawn(file, args, { cwd: request.cwd, env: { ...request.env, ...(request.isConfined ? {} : { [runTagName]: request.tag }) }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  const { limitMs, usedMs: usedBefore = 0, silenceMs } = request
  const silence = silenceMs === undefined ? undefined : startTimeLimit(silenceMs, () => stop('silence'))
  let pieces = 0
  const heard = (): void => {
    pieces += 1
    silence?.restart()
  }
  const [out, err] = [request.transcript.sink(request.streams.stdout), request.transcript.sink(request.streams.stderr)]
  for (const [stream, sink] of [...(request.converse === undefined ? [[child.stdout, out] as const] : []), [child.stderr, err] as const]) {
    stream.on('data', (chunk: Buffer) => {
      sink.write(chunk)
      heard()
      request.onOutput?.(chunk)
    })
  }

  const ended = new Promise<{ exitCode: number | null; signal: string | null; failure: Error | undefined }>((resolve) => {
    child.once('error', (failure) => resolve({ exitCode: null, signal: null, failure }))
    // `exit`, not `close`: a daemon that keeps the pipe open must not keep the run open.
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, failure: undefined }))
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let stoppedBy: StoppedBy | undefined
  let stopping: Promise<readonly number[]> | undefined
  let talk: Talk | undefined
  let isEnding = false
  const ending = (): void => {
    if (!isEnding) request.onEnding?.()
    isEnding = true
  }
  const endAll = async (): Promise<readonly number[]> => {
    ending()
    const survivors = await endTagged(request.tag)
    // What dropped the tag goes with the process that confines it.
    if (request.isConfined) child.kill('SIGKILL')
    return survivors
  }
  const endTree = (): Promise<readonly number[]> => {
    if (child.pid !== undefined && !request.isConfined) signalProcess(-child.pid, 'SIGTERM')
    return endAll()
  }
  const hangUp = async (current: Talk): Promise<readonly number[]> => {
    ending()
    await current.cancel()
    return endTree()
  }
  /** Its conversation is over: it has nothing more to do. */
  const dismiss = async (): Promise<readonly number[]> => {
    child.stdin.end()
    await Promise.race([ended, delay(exitGraceMs, undefined, { ref: false })])
    return endTree()
  }
  const stop = (by: StoppedBy): void => {
    stoppedBy ??= by
    stopping ??= talk === undefined ? endTree() : hangUp(talk)
  }
  const onAbort = (): void => stop('abort')
  const onKill = (): void => {
    stoppedBy ??= 'kill'
    ending()
    if (request.isConfined) child.kill('SIGKILL')
    // What asks it meanwhile to end has nothing more to wait for then.
    stopping = killTagged(request.tag)
  }
  const limit = startTimeLimit(Math.max(0, limitMs - usedBefore), () => stop('limit'))
  const limits = {
    pause: () => [limit, silence].forEach((one) => one?.pause()),
    resume: () => [limit, silence].forEach((one) => one?.resume()),
  }
  request.abort.addEventListener('abort', onAbort, { once: true })
  request.kill?.addEventListener('abort', onKill, { once: true })
  try {
    const { converse } = request
    if (converse === undefined) child.stdin.end()
    if (child.pid !== undefined) await request.onStart?.(child.pid)
    if (converse !== undefined && child.pid !== undefined) {
      talk = startTalk(child, (pipes) => converse(pipes, limits), heard)
      void talk.end.then(() => (stopping ??= dismiss()))
    }
    if (request.abort.aborted) onAbort()
    if (request.kill?.aborted === true) onKill()
    const { exitCode, signal, failure } = await ended
    const survivors = await (stopping ??= endAll())
    if (failure === undefined) await drain(closed, () => pieces)
    const spoken = await talk?.finish()
    const known = { durationMs: Math.round(performance.now() - began), usedMs: limitMs - limit.left(), survivors }
    if (failure !== undefined) return { exitCode: null, signal: null, because: `${file} could not be started: ${messageOf(failure)}`, endedBy: 'never_started', ...known }
    const because = spoken !== undefined && stoppedBy === undefined ? spoken.because : sayEnd(exitCode, signal, stoppedBy, request)
    return { exitCode, signal, because, endedBy: stoppedBy === 'silence' || stoppedBy === 'kill' ? 'limit' : (stoppedBy ?? 'itself'), ...known, ...(spoken === undefined ? {} : { spoken }) }
  } finally {
    limit.stop()
    silence?.stop()
    request.abort.removeEventListener('abort', onAbort)
    request.kill?.removeEventListener('abort', onKill)
    child.stdout.destroy()
    child.stderr.destroy()
    out.end()
    err.end()
  }
}

/** Waits until all output of a tree is read of which nothing lives, so that its pipes end; one handed to a stranger must not hold us. Who reads may be slow: it is waited for as long as it reads on. */
async function drain(closed: Promise<void>, piecesRead: () => number): Promise<void> {
  const began = performance.now()
  for (let before = -1; piecesRead() !== before && performance.now() - began < longestDrainMs; ) {
    before = piecesRead()
    if (await Promise.race([closed.then(() => true), delay(pipeGraceMs, false, { ref: false })])) return
    // What came while this process had no turn itself is read now.
    await setImmediate()
  }
}

/** Why we ended a command. */
type StoppedBy = 'limit' | 'silence' | 'abort' | 'kill'

function sayEnd(exitCode: number | null, signal: string | null, stoppedBy: StoppedBy | undefined, { limitMs, silenceMs = 0, kill }: Pick<CommandRequest, 'limitMs' | 'silenceMs' | 'kill'>): string {
  const minutes = (ms: number): number => Math.round(ms / 600) / 100
  if (stoppedBy === 'limit') return `it was ended at its limit of ${minutes(limitMs)} minutes`
  if (stoppedBy === 'silence') return `it was ended, for it said nothing for ${minutes(silenceMs)} minutes`
  if (stoppedBy === 'abort') return 'it was asked to stop'
  if (stoppedBy === 'kill') return `it was killed: ${messageOf(kill?.reason)}`
  return signal === null ? `it exited ${exitCode}` : `it was ended by ${signal}`
}
