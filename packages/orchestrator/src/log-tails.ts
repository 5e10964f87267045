import { existsSync, readdirSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { parseShownEvent, type LoggedEvent, type RunId } from '@signalbox/core'
import { sizeOf } from './file-size.ts'
import { idsIn, runIdsOf } from './names-in.ts'
import type { StateLayout } from './state-layout.ts'

/** How far the log of a run has been told: whole lines up to byte `at`, the last of which had `seq`. */
interface Told {
  readonly at: number
  readonly seq: number
  /** Size at the last look; another one means that there is something to read. */
  readonly size: number
  /** The last look ended in the middle of a line, which the next appender cuts off or completes. */
  readonly torn: boolean
}

/** What a look at one log found: its new events, or that it holds something this version cannot read. */
export type Look = { readonly kind: 'events'; readonly events: readonly LoggedEvent[] } | { readonly kind: 'unreadable' }

/** Reads what was appended to the live logs of runs, each event once and in order. Not to be called concurrently. */
export interface LogTails {
  look(run: RunId): Promise<Look>
  /** Ids of all runs that have a live log. */
  list(): Promise<readonly RunId[]>
}

const nothing: Look = { kind: 'events', events: [] }
const unread: Told = { at: 0, seq: 0, size: 0, torn: false }

/**
 * Returns the tails of all live logs from this moment on. Synchronous, so that no event can fall between the moment
 * a follower asks and the first look.
 */
export function openLogTails(layout: StateLayout): LogTails {
  /** Sizes at the start; the events before them were not asked for. Read only when the log changes. */
  const before = sizesNow(layout)
  const told = new Map<RunId, Told>()

  async function look(run: RunId): Promise<Look> {
    const path = layout.run(run).events
    const size = await sizeOf(path)
    const last = told.get(run)
    if (size === 0 || (size === (last?.size ?? before.get(run)) && last?.torn !== true)) return nothing
    const from = last ?? (await tellBefore(path, before.get(run) ?? 0))
    // Shorter than what was told: it was put back from the memory repo, with the same events in it.
    const read = await readAfter(path, size < from.at ? unread : from)
    told.set(run, read.told)
    return read.look.kind === 'unreadable' ? read.look : { kind: 'events', events: read.look.events.filter((event) => event.seq > from.seq) }
  }

  return { look, list: () => idsIn(layout.runsFolder) }
}

/** Returns where a log stood when it had `size` bytes. A torn tail was not told: whoever appends next cuts it off. */
async function tellBefore(path: string, size: number): Promise<Told> {
  if (size === 0) return unread
  const bytes = await readFrom(path, 0)
  const at = bytes.subarray(0, size).lastIndexOf(0x0a) + 1
  return { at, seq: bytes.toString('latin1', 0, at).split('\n').length - 1, size, torn: false }
}

async function readAfter(path: string, from: Told): Promise<{ readonly told: Told; readonly look: Look }> {
  const bytes = await readFrom(path, from.at)
  const size = from.at + bytes.length
  const end = bytes.lastIndexOf(0x0a) + 1
  const events: LoggedEvent[] = []
  for (const line of bytes.toString('utf8', 0, end).split('\n')) {
    if (line === '') continue
    const event = parseLine(line)
    if (event === undefined || event.seq !== from.seq + events.length + 1) return { told: { ...from, size, torn: false }, look: { kind: 'unreadable' } }
    events.push(event)
  }
  return { told: { at: from.at + end, seq: from.seq + events.length, size, torn: end < bytes.length }, look: { kind: 'events', events } }
}

function parseLine(line: string): LoggedEvent | undefined {
  try {
    return parseShownEvent(JSON.parse(line))
  } catch {
    // Not JSON: the caller says that the log cannot be read, and every other reader names the line.
    return undefined
  }
}

async function readFrom(path: string, from: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const length = Math.max(0, (await file.stat()).size - from)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function sizesNow(layout: StateLayout): ReadonlyMap<RunId, number> {
  const names = existsSync(layout.runsFolder) ? readdirSync(layout.runsFolder) : []
  return new Map(runIdsOf(names).map((run) => [run, statSync(layout.run(run).events, { throwIfNoEntry: false })?.size ?? 0]))
}
