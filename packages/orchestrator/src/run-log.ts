import { appendFile, mkdir, open, truncate } from 'node:fs/promises'
import { applyEvent, ControlError, foldRun, formatOfEvent, parseLoggedEvent, parseRunEvent, parseShownEvent, refuseUnknown, type LoggedEvent, type NewRunEvent, type Run, type RunEvent, type RunId, type TaskId } from '@signalbox/core'
import { hintChanged } from './changed-runs.ts'
import { diskError, readIfThere, writeDurably } from './durable-file.ts'
import { chooseLog, wholeLinesOf, type LogText } from './log-text.ts'
import type { Memory } from './memory-ports.ts'
import type { Clock, Locks } from './ports.ts'
import type { StateLayout } from './state-layout.ts'

/** The live event logs: one appender at a time per run, `seq` assigned here, a torn tail cut off. */
export interface RunLog {
  /** Begins a run's log with its `run.queued`. */
  begin(run: RunId, task: TaskId, event: NewRunEvent): Promise<Run>
  /** Appends facts in order and returns the run after them. @throws ControlError `run.log_invalid` when they cannot follow, `format.newer` when the log holds what this version does not know; nothing is then written */
  append(run: RunId, ...events: readonly NewRunEvent[]): Promise<Run>
  /** All events, from the live log or the copy in the memory repo, whichever has more. @throws ControlError `run.not_found`, `run.log_invalid` where each says what the other does not */
  read(run: RunId): Promise<readonly LoggedEvent[]>
  /** The same for people, with the keys that only a newer version knows. */
  show(run: RunId): Promise<readonly LoggedEvent[]>
  /** Whether the log has this text in it, whatever it means; false where there is none. */
  mentions(run: RunId, text: string): Promise<boolean>
  /** The run as far as this version knows what happened; `unknown` names the rest. */
  fold(run: RunId): Promise<Run>
  /** The run, for whoever is about to change something of it. @throws ControlError `format.newer` when its log holds what this version does not know */
  foldToChange(run: RunId): Promise<Run>
  /** Takes away what a killed writer left: half a line at the end, and the files of the lock that it held. */
  tidy(run: RunId): Promise<void>
  /** Copies the live log whole into the memory repo. */
  publish(run: RunId): Promise<void>
}

/** Creates the run log of one state folder. */
export function createRunLog({ layout, memory, locks, clock }: { readonly layout: StateLayout; readonly memory: Pick<Memory, 'readRunFile' | 'writeRunFile'>; readonly locks: Locks; readonly clock: Clock }): RunLog {
  async function copiesOf(run: RunId): Promise<Parameters<typeof chooseLog>> {
    // A disk that does not answer is told before what was published, which may only be damaged.
    const live = await readIfThere(layout.run(run).events)
    return [run, { path: layout.run(run).events, text: live }, { path: `runs/${run}/events.jsonl`, text: await memory.readRunFile(run, 'events.jsonl') }]
  }

  async function readText(run: RunId): Promise<LogText> {
    const log = chooseLog(...(await copiesOf(run)))
    if (log === undefined) throw new ControlError('run.not_found', `There is no run ${run}`, { hint: 'List them with `signalbox runs`' })
    return log
  }

  async function mentions(run: RunId, words: string): Promise<boolean> {
    const [, ...copies] = await copiesOf(run)
    return copies.some(({ text }) => text?.includes(words) === true)
  }

  async function read(run: RunId): Promise<readonly LoggedEvent[]> {
    return parseLog(run, await readText(run), parseLoggedEvent)
  }

  async function foldToChange(run: RunId): Promise<Run> {
    const state = foldRun(await read(run))
    refuseUnknown(state)
    return state
  }

  async function append(run: RunId, ...added: readonly NewRunEvent[]): Promise<Run> {
    // Refuses an unknown run before a folder is made for it.
    await read(run)
    const { events: path, logLock, folder } = layout.run(run)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return locks.hold(logLock, async () => {
      const chosen = await readText(run)
      const events = parseLog(run, chosen, parseLoggedEvent)
      const head = events[0]
      if (head === undefined) throw new ControlError('run.not_found', `There is no run ${run}`)
      let state = foldRun(events)
      refuseUnknown(state)
      if (chosen.live) await cutTornLine(path, chosen.text)
      else await writeDurably(layout, path, wholeLinesOf(chosen.text))
      const lines = added.map((event) => {
        const full = envelope(run, head.task, state.lastSeq + 1, clock.now(), event)
        state = applyEvent(state, full)
        return JSON.stringify(full)
      })
      await appendDurably(path, `${lines.join('\n')}\n`)
      await hintChanged(layout.changedRuns, run, state.lastSeq)
      return state
    })
  }

  async function begin(run: RunId, task: TaskId, event: NewRunEvent): Promise<Run> {
    const first = envelope(run, task, 1, clock.now(), event)
    const state = foldRun([first])
    await writeDurably(layout, layout.run(run).events, `${JSON.stringify(first)}\n`)
    await hintChanged(layout.changedRuns, run, state.lastSeq)
    return state
  }

  async function publish(run: RunId): Promise<void> {
    const log = await readText(run)
    // What cannot be read must not take the place of what can; the bytes are copied, so that nothing is lost that this version has no name for.
    parseLog(run, log, parseLoggedEvent)
    await memory.writeRunFile(run, 'events.jsonl', wholeLinesOf(log.text))
  }

  async function tidy(run: RunId): Promise<void> {
    const { events: path, logLock } = layout.run(run)
    await locks.hold(logLock, async () => {
      const live = await readIfThere(path)
      if (live !== undefined) await cutTornLine(path, live)
    })
  }

  return { begin, append, read, mentions, show: async (run) => parseLog(run, await readText(run), parseShownEvent), fold: async (run) => foldRun(await read(run)), foldToChange, tidy, publish }
}

function envelope(run: RunId, task: TaskId, seq: number, at: string, added: NewRunEvent): RunEvent {
  const { type, data } = added
  const event = parseRunEvent({ format: formatOfEvent(added), seq, at, type, run, task, data })
  if (event === undefined) throw new ControlError('run.log_invalid', `The data of ${type} does not have the shape of that event`)
  return event
}

/** Parses whole lines; a last line without its newline was torn by a crash and is left out. */
function parseLog(run: RunId, { text, path }: LogText, parse: typeof parseLoggedEvent): readonly LoggedEvent[] {
  return wholeLinesOf(text)
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => parseLine(line, { run, path, number: index + 1 }, parse))
}

async function cutTornLine(path: string, text: string): Promise<void> {
  const whole = wholeLinesOf(text)
  if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole))
}

interface LinePlace {
  readonly run: RunId
  readonly path: string
  readonly number: number
}

function parseLine(line: string, { run, path, number }: LinePlace, parse: typeof parseLoggedEvent): LoggedEvent {
  const event = parse(parseJson(line))
  if (event === undefined) {
    throw new ControlError('run.log_invalid', `Line ${number} of the event log of ${run}, ${path}, is not an event this version knows`, {
      hint: 'Use the version of Signalbox that wrote it, or look at that file; `git log -p` in the memory repo has what was published of it',
      data: { path, line: number },
    })
  }
  return event
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Damage is reported by the caller with the line number; the text itself may be anything.
    return undefined
  }
}

async function appendDurably(path: string, text: string): Promise<void> {
  try {
    await appendFile(path, text)
    const file = await open(path, 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw diskError(path, error)
  }
}
