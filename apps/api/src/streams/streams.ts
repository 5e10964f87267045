import { ControlError, type Live, type LiveChange, type RunId } from '@signalbox/core'
import type { Context } from 'hono'
import { encodeFrames, eventFrame, pingFrame, resetFrame, startFrame, transcriptFrame } from './frame.ts'
import { nodeResponseOf, openNodeOutlet } from './node-outlet.ts'
import type { Outlet } from './outlet.ts'
import { catchUp, createRunTopics, type ReadEvents } from './run-topics.ts'
import { createTopic } from './topic.ts'
import { openWebOutlet } from './web-outlet.ts'

/** Milliseconds between pings. Proxies and phones drop what is silent for half a minute. */
const pingMs = 15_000
/** Streams open at once. Each may hold up to 1 MiB, and a page needs one. */
const maxStreams = 1_000

/** Characters of the stream of everything that are kept: hours of a usual day. */
const keptChars = 512 * 1024

const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' } as const

/** What a reader asks of a stream. */
interface Wanted {
  /** Id of the last frame the reader has; undefined for a fresh stream. */
  readonly lastEventId: string | undefined
  /** Run whose transcript's length is told as well. */
  readonly transcript: RunId | undefined
}

/** The event streams of one control plane. */
export interface Streams {
  /** Answers with everything that happens from now on, or from the reader's last id on. @throws ControlError `server.too_many_streams` */
  openAll(c: Context, wanted: Wanted): Response
  /** Answers with the events of one run from `after` on, and then those to come. @throws ControlError `run.not_found`, `server.too_many_streams` */
  openRun(c: Context, wanted: { readonly run: RunId; readonly after: number; readonly transcript: RunId | undefined }): Promise<Response>
}

/** Creates the streams over what a plane says of its changes. Nothing is followed before the first reader comes. */
export function createStreams({ live, readEvents }: { readonly live: Live; readonly readEvents: ReadEvents }): Streams {
  const all = createTopic(keptChars)
  const runs = createRunTopics()
  const outlets = new Set<Outlet>()
  /** A server that was started again knows nothing of the numbers its predecessor gave. */
  const epoch = crypto.randomUUID().slice(0, 8)
  let told = 0
  let following = false
  let pings: ReturnType<typeof setInterval> | undefined

  function tell(change: LiveChange): void {
    told += 1
    if (change.kind === 'run') runs.tell(change.event)
    all.push(told, eventFrame(`${epoch}:${told}`, JSON.stringify(change.kind === 'run' ? change.event : { type: 'records.changed', paths: change.paths })))
  }

  /** Followed from the first reader to the end of the plane: who comes back a minute later can then still resume. */
  function follow(): void {
    if (following) return
    following = true
    live.follow(tell)
  }

  function refuseWhenFull(): void {
    if (outlets.size < maxStreams) return
    throw new ControlError('server.too_many_streams', `${maxStreams} event streams are open already`, { hint: 'Close pages you do not need, or try again in a moment' })
  }

  function open(c: Context, transcript: RunId | undefined): { readonly outlet: Outlet; readonly response: Response } {
    refuseWhenFull()
    const { outlet, response } = openOutlet(c)
    outlets.add(outlet)
    pings ??= setInterval(ping, pingMs)
    const unfollow = transcript === undefined ? undefined : live.followTranscript(transcript, (bytes) => outlet.write(encodeFrames([transcriptFrame(transcript, bytes)])))
    outlet.onClose(() => {
      unfollow?.()
      outlets.delete(outlet)
      if (outlets.size > 0) return
      clearInterval(pings)
      pings = undefined
    })
    return { outlet, response }
  }

  function ping(): void {
    const frame = encodeFrames([pingFrame])
    for (const outlet of outlets) outlet.write(frame)
  }

  return {
    openAll: (c, { lastEventId, transcript }) => {
      follow()
      const { outlet, response } = open(c, transcript)
      const start = `${epoch}:${all.latest()}`
      const after = numberIn(epoch, lastEventId)
      if (after !== undefined && after <= all.latest() && all.join(outlet, after)) return response
      outlet.write(encodeFrames([lastEventId === undefined ? startFrame(start) : resetFrame(start)]))
      all.join(outlet, all.latest())
      return response
    },
    openRun: async (c, { run, after, transcript }) => {
      refuseWhenFull()
      follow()
      const { topic, letGo } = runs.hold(run)
      try {
        // Before the first byte, so that a run that is not there is an answer and not a stream that ends.
        const { events } = await readEvents(run, { after })
        const { outlet, response } = open(c, transcript)
        outlet.onClose(letGo)
        const readMore = async (last: number): ReturnType<Parameters<typeof catchUp>[0]['readMore']> => (await readEvents(run, { after: last })).events
        // A log that cannot be read any more ends the stream; the reader comes back and is told why.
        catchUp({ outlet, topic, events, after, readMore }).catch(() => outlet.destroy())
        return response
      } catch (error) {
        letGo()
        throw error
      }
    },
  }
}

/** Opens the connection: straight onto Node's response where there is one, else as a web stream. */
function openOutlet(c: Context): { readonly outlet: Outlet; readonly response: Response } {
  const outgoing = nodeResponseOf(c.env)
  if (outgoing === undefined) {
    const { outlet, body } = openWebOutlet()
    return { outlet, response: c.body(body, 200, headers) }
  }
  // What guards have set on the answer so far goes onto the wire here.
  const outlet = openNodeOutlet(outgoing, c.body(null, 200, headers).headers)
  // Tells Hono's adapter that the answer is on its way. It puts a quick class in place of `Response` that does not look
  // at this header; a clone is always one of the platform.
  return { outlet, response: new Response(null, { headers: { 'x-hono-already-sent': 'true' } }).clone() }
}

/** Returns the number in an id of this epoch; undefined for every other text. */
function numberIn(epoch: string, id: string | undefined): number | undefined {
  const [start, number = ''] = id?.split(':') ?? []
  return start === epoch && /^\d{1,15}$/.test(number) ? Number(number) : undefined
}
