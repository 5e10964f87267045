import { encodeFrames } from './frame.ts'
import type { Outlet } from './outlet.ts'

/** Milliseconds in which frames are gathered: all readers then share one buffer and one write each. */
const flushMs = 50
/** Gathered characters that are flushed at once, so that a burst does not look like a slow reader. */
const flushChars = 256 * 1024
interface Frame {
  readonly id: number
  readonly text: string
}
interface Subscriber {
  readonly outlet: Outlet
  /** Id of the last frame it has. */
  last: number
}

/** One stream of frames with ascending ids, shared by all its readers. */
export interface Topic {
  push(id: number, text: string): void
  /** Id of the newest frame that all readers have been sent. */
  latest(): number
  /** Adds a reader that has everything up to `after`, or returns false when what comes next is not kept any more. */
  join(outlet: Outlet, after: number): boolean
}

/**
 * Returns a topic nothing was told of yet, which keeps `ringChars` characters for those who come back. That has to stay
 * well below what a reader may be behind: it is sent in one go.
 */
export function createTopic(ringChars: number): Topic {
  const subscribers = new Set<Subscriber>()
  let pending: Frame[] = []
  let pendingChars = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const ring: Frame[] = []
  let kept = 0
  let dropped = 0
  let latest = 0

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const frames = pending
    const [first] = frames
    pending = []
    pendingChars = 0
    if (first === undefined) return
    keep(frames)
    const shared = encodeFrames(frames.map(({ text }) => text))
    for (const subscriber of subscribers) {
      // Whoever read the log itself may already have what is told only now.
      if (subscriber.last < first.id) subscriber.outlet.write(shared)
      else send(subscriber.outlet, frames.filter(({ id }) => id > subscriber.last))
      subscriber.last = Math.max(subscriber.last, latest)
    }
  }

  function keep(frames: readonly Frame[]): void {
    for (const frame of frames) {
      ring.push(frame)
      kept += frame.text.length
      latest = frame.id
    }
    let gone = 0
    for (; kept > ringChars && gone < ring.length; gone += 1) {
      kept -= ring[gone]?.text.length ?? 0
      dropped = ring[gone]?.id ?? dropped
    }
    ring.splice(0, gone)
  }

  return {
    push: (id, text) => {
      pending.push({ id, text })
      pendingChars += text.length
      if (pendingChars > flushChars) flush()
      else timer ??= setTimeout(flush, flushMs)
    },
    latest: () => latest,
    join: (outlet, after) => {
      if (after < dropped) return false
      send(outlet, ring.filter(({ id }) => id > after))
      const subscriber = { outlet, last: Math.max(after, latest) }
      subscribers.add(subscriber)
      outlet.onClose(() => subscribers.delete(subscriber))
      return true
    },
  }
}

function send(outlet: Outlet, frames: readonly Frame[]): void {
  if (frames.length > 0) outlet.write(encodeFrames(frames.map(({ text }) => text)))
}
