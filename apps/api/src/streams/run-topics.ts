import type { LoggedEvent, RunId } from '@signalbox/core'
import { encodeFrames, runFrame } from './frame.ts'
import type { Outlet } from './outlet.ts'
import { createTopic, type Topic } from './topic.ts'

/** Reads the events of a run after a given one, from its log. */
export type ReadEvents = (run: RunId, options: { readonly after: number }) => Promise<{ readonly events: readonly LoggedEvent[] }>

/** Characters of history written before the reader has to take some: a log may be longer than a reader may be behind. */
const pageChars = 64 * 1024

/** Characters kept per run, for the moment in which a reader reads the log: whatever is older, it reads there again. */
const keptChars = 64 * 1024

/** The topics of runs that somebody reads. */
export interface RunTopics {
  tell(event: LoggedEvent): void
  /** Holds the topic of a run until it is let go as often as it was held. */
  hold(run: RunId): { readonly topic: Topic; readonly letGo: () => void }
}

/** Returns topics that exist as long as they are held. */
export function createRunTopics(): RunTopics {
  const held = new Map<RunId, { readonly topic: Topic; holders: number }>()
  return {
    tell: (event) => held.get(event.run)?.topic.push(event.seq, runFrame(event)),
    hold: (run) => {
      const entry = held.get(run) ?? { topic: createTopic(keptChars), holders: 0 }
      held.set(run, entry)
      entry.holders += 1
      return {
        topic: entry.topic,
        letGo: () => {
          entry.holders -= 1
          if (entry.holders === 0) held.delete(run)
        },
      }
    },
  }
}

interface CatchUp {
  readonly outlet: Outlet
  readonly topic: Topic
  /** What was read from the log already, all after `after`. */
  readonly events: readonly LoggedEvent[]
  readonly after: number
  readonly readMore: (after: number) => Promise<readonly LoggedEvent[]>
}

/**
 * Writes the history of a run and then joins its topic, without a gap and without a repetition: the topic was held
 * before the log was read, so what the log did not say yet, the topic will.
 */
export async function catchUp({ outlet, topic, events, after, readMore }: CatchUp): Promise<void> {
  let last = after
  for (let more = events; !outlet.isClosed(); more = await readMore(last)) {
    for (const page of pagesOf(more)) {
      outlet.write(encodeFrames(page))
      await outlet.drained()
    }
    last = more.at(-1)?.seq ?? last
    if (topic.join(outlet, last)) return
  }
}

function* pagesOf(events: readonly LoggedEvent[]): Generator<readonly string[]> {
  let page: string[] = []
  let chars = 0
  for (const event of events) {
    const frame = runFrame(event)
    page.push(frame)
    chars += frame.length
    if (chars < pageChars) continue
    yield page
    page = []
    chars = 0
  }
  if (page.length > 0) yield page
}
