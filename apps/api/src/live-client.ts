import type { RunId } from '@signalbox/core'
import { ControlError } from '@signalbox/core/errors'
import { createParser } from 'eventsource-parser'
import { valueOf, type Fetch } from './client-call.ts'
import { readSignal, type LiveSignal } from './live-signal.ts'

/** Milliseconds before the first try to come back; every failure after it doubles them. */
const firstPauseMs = 250
/** Longest pause between tries: a server that was started again should be found while somebody still looks. */
const longestPauseMs = 5_000
/** Milliseconds without a byte after which a connection is taken for dead; the server pings every 15 s. */
const silenceMs = 40_000

/** What to follow, and until when. */
export interface FollowOptions {
  /** Id of the last signal that was seen, to go on after it. */
  readonly lastEventId?: string | undefined
  /** Run whose transcript's length is told as well. */
  readonly transcript?: RunId | undefined
  readonly signal: AbortSignal
  /** Told whenever the connection is there (true) or gone and being sought (false). */
  readonly onConnection?: (connected: boolean) => void
}

/** Follows what changes in a control plane behind HTTP. */
export interface LiveClient {
  /**
   * Yields signals until `signal` aborts, coming back by itself after every interruption. The first one of a stream
   * that resumes nothing is a reset: what was read before it may be old.
   * @throws ControlError when the server refuses (`access.denied`, a foreign server): trying again would not help
   */
  follow(options: FollowOptions): AsyncIterable<LiveSignal>
}

/** Returns a client of the event stream at `baseUrl`; authority is added by `fetch`. */
export function createLiveClient({ fetch, baseUrl = 'http://localhost' }: { readonly fetch: Fetch; readonly baseUrl?: string }): LiveClient {
  return { follow: (options) => follow(fetch, baseUrl, options) }
}

async function* follow(fetch: Fetch, baseUrl: string, options: FollowOptions): AsyncGenerator<LiveSignal, void, undefined> {
  const { signal, onConnection } = options
  let id = options.lastEventId
  for (let failures = 0; !signal.aborted; failures += 1) {
    const silence = createSilence(signal)
    try {
      const response = await connect(fetch, baseUrl, { ...options, lastEventId: id, signal: silence.signal })
      if (response !== undefined) {
        onConnection?.(true)
        for await (const signals of readSignals(response, id, silence.heard)) {
          failures = 0
          for (const found of signals) {
            id = found.id
            yield found
          }
        }
      }
    } catch (error) {
      if (error instanceof ControlError) throw error
      // A broken or silent connection: the server may be back in a moment, and the last id says where to go on.
    } finally {
      silence.end()
    }
    if (signal.aborted) return
    onConnection?.(false)
    await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** failures), signal)
  }
}

/** Opens the stream; undefined when the server cannot now but may later. @throws ControlError when it refuses */
async function connect(fetch: Fetch, baseUrl: string, { lastEventId, transcript, signal }: FollowOptions): Promise<Response | undefined> {
  const url = `${baseUrl.replace(/\/$/, '')}/api/events${transcript === undefined ? '' : `?transcript=${transcript}`}`
  const headers = { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) }
  const response = await fetch(url, { headers, signal })
  if (response.status >= 500) return undefined
  if (!response.ok) await valueOf(Promise.resolve(response))
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) return response
  throw new ControlError('internal.unexpected', 'The server answered with something else than an event stream', { hint: 'Check the address: something else answers there' })
}

/** Yields the signals of each chunk that arrives. `after` is the id that the stream was asked to resume from. */
async function* readSignals({ body }: Response, after: string | undefined, heard: () => void): AsyncGenerator<readonly LiveSignal[], void, undefined> {
  if (body === null) return
  let id = after
  let signals: LiveSignal[] = []
  const parser = createParser({
    onId: (next) => {
      if (id === undefined) signals.push({ kind: 'reset', id: next })
      id = next
    },
    onEvent: (frame) => signals.push(readSignal(frame, id)),
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      heard()
      parser.feed(decoder.decode(read.value, { stream: true }))
      yield signals
      signals = []
    }
  } finally {
    // Whoever stops reading lets go of the connection, too; one that is broken already has nothing to let go of.
    await reader.cancel().catch(() => undefined)
  }
}

/** Returns a signal that aborts with `signal`, and when nothing was heard for too long. */
function createSilence(signal: AbortSignal): { readonly signal: AbortSignal; readonly heard: () => void; readonly end: () => void } {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  let timer = setTimeout(abort, silenceMs)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    heard: () => {
      clearTimeout(timer)
      timer = setTimeout(abort, silenceMs)
    },
    end: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      abort()
    },
  }
}

/** Waits somewhat more or less than `ms`, so that pages cut off together do not come back together. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms * (0.75 + Math.random() / 2))
    signal.addEventListener('abort', end, { once: true })
  })
}
