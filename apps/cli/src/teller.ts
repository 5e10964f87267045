import type { TranscriptLine } from '@signalbox/core'
import type { Listener } from './follow.ts'
import type { Look } from './look.ts'
import { logText } from './text-event.ts'

/** Streams in which an agent speaks; the output of set-up and checks is in the log, and in their events where it matters. */
const spoken: ReadonlySet<TranscriptLine['stream']> = new Set(['agent', 'stdout', 'stderr'])

/** Returns a listener that tells events and the agent's words; words that come before the start is told wait for it. */
export function createTeller(say: (text: string) => void, look: Look): Required<Listener> {
  let waiting: readonly TranscriptLine[] = []
  let started = false
  return {
    onEvents: (events) => {
      started ||= events.some(({ type }) => type === 'run.started')
      say(logText(events, waiting, look))
      waiting = []
    },
    onLines: (lines) => {
      const words = lines.filter(({ stream }) => spoken.has(stream))
      if (!started) waiting = [...waiting, ...words]
      else if (words.length > 0) say(logText([], words, look))
    },
  }
}
