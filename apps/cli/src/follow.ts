import { ControlError, type HumanFace, type LoggedEvent, type RunId, type TranscriptLine } from '@signalbox/core'

/** Milliseconds between two looks at a run: quick enough to feel live, slow enough to cost nothing. */
const LOOK_MS = 150

/** What a follower is told as it happens. */
export interface Listener {
  readonly onEvents: (events: readonly LoggedEvent[]) => void
  /** Absent for followers that care for events only. */
  readonly onLines?: (lines: readonly TranscriptLine[]) => void
}

/** How far a run was told already: up to which event, and which byte of its transcript. */
export interface Told {
  readonly after: number
  readonly from: number
}

/** Returns where the log and the transcript of a run end by now, for who tells only what is to come. */
export async function readTold(human: Pick<HumanFace, 'readEvents' | 'readTranscript'>, run: RunId): Promise<Told> {
  const { events } = await human.readEvents(run)
  let from = 0
  for (;;) {
    const { next } = await human.readTranscript(run, { from })
    if (next === from) return { after: events.at(-1)?.seq ?? 0, from }
    from = next
  }
}

/**
 * Follows a run from its beginning, or from what was told, until it has ended. Ctrl-C ends the following, never the run.
 * @throws ControlError `signal.interrupted` on Ctrl-C
 */
export async function followRun(human: Pick<HumanFace, 'readEvents' | 'readTranscript'>, run: RunId, { onEvents, onLines }: Listener, told: Told = { after: 0, from: 0 }): Promise<void> {
  const interrupted = onInterrupt()
  try {
    let { after, from } = told
    for (;;) {
      const { events, ended } = await human.readEvents(run, { after })
      after = events.at(-1)?.seq ?? after
      if (onLines !== undefined) {
        // What is left at the end may be more than one answer holds, and there is no later look.
        for (let isMore = true; isMore; ) {
          const { lines, next } = await human.readTranscript(run, { from })
          isMore = ended && next > from
          from = next
          if (lines.length > 0) onLines(lines)
        }
      }
      if (events.length > 0) onEvents(events)
      if (ended) return
      if (await interrupted.within(LOOK_MS)) throw detached(run)
    }
  } finally {
    interrupted.stop()
  }
}

function detached(run: RunId): ControlError {
  return new ControlError('signal.interrupted', `No longer following ${run}; the run goes on`, { hint: `Follow it with \`signalbox log ${run} -f\`, end it with \`signalbox cancel ${run}\`` })
}

/** Catches Ctrl-C while it lives. `within` waits and says whether it came. */
function onInterrupt(): { readonly within: (ms: number) => Promise<boolean>; readonly stop: () => void } {
  let came = false
  let wake: () => void = () => {}
  const listen = (): void => {
    came = true
    wake()
  }
  process.once('SIGINT', listen)
  return {
    within: async (ms) => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        if (came) wake()
      })
      return came
    },
    stop: () => process.off('SIGINT', listen),
  }
}
