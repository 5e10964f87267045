import { ControlError, quote, type RunId } from '@signalbox/core'

/** The text of a run's log, and the file it stands in. */
export interface LogText {
  readonly text: string
  readonly path: string
  /** Whether that is the live log: what comes next is appended there. */
  readonly live: boolean
}

/** A copy of a log, if there is one. */
interface Copy {
  readonly path: string
  readonly text: string | undefined
}

/**
 * Returns the copy of a run's log that has more of it; undefined where there is none. A pull may have brought more than this machine wrote, and a
 * state folder that was put back may have less.
 * @throws ControlError `run.log_invalid` when each says what the other does not: which of them is true, only a human can know
 */
export function chooseLog(run: RunId, live: Copy, published: Copy): LogText | undefined {
  if (live.text === undefined) return published.text === undefined ? undefined : { text: published.text, path: published.path, live: false }
  if (published.text === undefined) return { text: live.text, path: live.path, live: true }
  const [here, there] = [wholeLinesOf(live.text), wholeLinesOf(published.text).replaceAll('\r\n', '\n')]
  if (here.startsWith(there)) return { text: live.text, path: live.path, live: true }
  if (there.startsWith(here)) return { text: there, path: published.path, live: false }
  throw new ControlError('run.log_invalid', `${run} has two histories: from line ${firstDifference(here, there)} on, ${live.path} and ${published.path} of the memory repo do not say the same`, {
    hint: `Look at both. Where the memory repo's is the true one, move the other away: mv ${quote(live.path)} ${quote(`${live.path}.old`)}. Else put back in the memory repo what it had before, with git`,
    data: { path: published.path },
  })
}

/** Leaves out a last line without its newline, which a crash tore. */
export function wholeLinesOf(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

function firstDifference(here: string, there: string): number {
  const others = there.split('\n')
  return here.split('\n').findIndex((line, at) => line !== others[at]) + 1
}
