import { toolKinds, type AgentEventOf, type ClaimedEdit, type ToolKind, type ToolStatus } from '@signalbox/core'
import { clip } from '../output/clip.ts'
import { asId, asObjects, asText, lookUp, type Json } from '../output/json.ts'
import type { Announced } from './profile.ts'
import { PeerGone } from './rpc.ts'
import { readOutput, type Output } from './tool-output.ts'

type ToolEvent = AgentEventOf<'tool'>
/** What is known of one call by now. */
type Known = { -readonly [K in keyof ToolEvent]: ToolEvent[K] }

/** The tool calls of one turn, put together from everything the agent says of them. */
export interface ToolCalls {
  /** Takes a `tool_call`, a `tool_call_update` or the call in a question; returns what is new in it. @throws PeerGone when there are more than can be */
  take(call: Json): ToolEvent | undefined
  /** Notes what became of a call by an answer of ours. */
  set(id: string, status: 'waiting' | 'running' | 'refused'): ToolEvent | undefined
  known(id: string): ToolEvent | undefined
  /** Says whether not all that a call says it does is known of it. */
  isCut(id: string): boolean
  announced(id: string): Announced
  /** Calls so far. */
  count(): number
  /** Closes every call that never said how it did. */
  abandon(): readonly ToolEvent[]
}

interface Entry {
  known: Known
  output: Output
  announced: Announced
  isCut: boolean
}

/** Characters of one value in a record, paths of one call and characters of them all, calls of which details are kept at a time, and calls of one turn. */
const most = { title: 400, command: 16_000, output: 16_000, paths: 1_000, pathText: 64_000, detailed: 100, calls: 20_000 } as const
const unannounced: Announced = { title: undefined, isMcp: false }
const closed: ReadonlySet<ToolStatus> = new Set(['done', 'failed', 'refused', 'abandoned'])
const statuses: ReadonlyMap<unknown, ToolStatus> = new Map([['pending', 'proposed'], ['in_progress', 'running'], ['completed', 'done'], ['failed', 'failed']])

export function createToolCalls(quirks: { readonly titleIsCommand: boolean }): ToolCalls {
  const calls = new Map<string, Entry>()
  /** Those of which more is kept than how they stand. The oldest that is over gives way first; where none is, the newest is not kept. */
  const detailed = new Set<Entry>()

  function open(id: string): Entry {
    if (calls.size >= most.calls) throw new PeerGone('broken', `It began more than ${most.calls} tool calls in one turn`)
    const entry: Entry = { ...emptyOf(id, 'proposed'), announced: unannounced, isCut: false }
    calls.set(id, entry)
    detailed.add(entry)
    if (detailed.size > most.detailed) forget([...detailed].find(({ known }) => closed.has(known.status)) ?? entry)
    return entry
  }

  /** Keeps only that it was there, and how it stands: what was known of it was told. */
  function forget(entry: Entry): void {
    detailed.delete(entry)
    Object.assign(entry, emptyOf(entry.known.id, entry.known.status), { announced: unannounced, isCut: true })
  }

  return {
    take(call) {
      const id = asId(call['toolCallId'])
      if (id === undefined) return undefined
      const isNew = !calls.has(id)
      const entry = calls.get(id) ?? open(id)
      const title = asText(call['title'])
      entry.announced = { title: title === undefined ? entry.announced.title : clip(title, most.title), isMcp: entry.announced.isMcp || lookUp(call, '_meta', 'is_mcp_tool_call') === true }
      const status = nextStatus(entry.known.status, asText(call['status']))
      const { isCut, ...said } = readFacts(call, entry.known, quirks)
      entry.isCut ||= isCut
      const facts = { status, ...said, ...readOutput(call, status, entry.output, most.output) }
      const event = change(entry.known, { ...facts, ...impliedEdits({ ...entry.known, ...facts }) }, isNew)
      if (!detailed.has(entry)) forget(entry)
      return event
    },
    set(id, status) {
      const known = calls.get(id)?.known
      return known === undefined || closed.has(known.status) ? undefined : change(known, { status }, false)
    },
    known: (id) => calls.get(id)?.known,
    isCut: (id) => calls.get(id)?.isCut ?? false,
    announced: (id) => calls.get(id)?.announced ?? unannounced,
    count: () => calls.size,
    abandon() {
      const events = [...calls.values()].flatMap(({ known, output }) => (closed.has(known.status) ? [] : [change(known, { status: 'abandoned', ...(output.streamed === '' ? {} : { output: output.streamed }) }, false)]))
      return events.filter((event) => event !== undefined)
    },
  }
}

/** Returns what a call says of itself that is given no id. */
export function describeNameless(call: Json, quirks: { readonly titleIsCommand: boolean }): Pick<ToolEvent, 'kind' | 'title' | 'command' | 'paths'> & { readonly isCut: boolean } {
  return readFacts(call, emptyOf('', 'proposed').known, quirks)
}

function emptyOf(id: string, status: ToolStatus): Pick<Entry, 'known' | 'output'> {
  return { known: { type: 'tool', id, status }, output: { streamed: '', total: 0, shown: 0 } }
}

/** A call we refused stays refused, whatever the agent calls it; a closed one is not opened again, and a question is waited for until it is answered. */
function nextStatus(known: ToolStatus, said: string | undefined): ToolStatus {
  const next = statuses.get(said)
  if (next === undefined || closed.has(known)) return known
  return next === 'proposed' ? known : next
}

function readFacts(call: Json, known: Known, { titleIsCommand }: { readonly titleIsCommand: boolean }): Partial<Known> & { readonly isCut: boolean } {
  const kind = readKind(call['kind'])
  const title = asText(call['title'])
  const isCommand = (kind ?? known.kind) === 'execute'
  const command = isCommand ? (readCommand(call['rawInput']) ?? (titleIsCommand ? title : undefined)) : undefined
  const diffs = asObjects(call['content']).filter((part) => part['type'] === 'diff')
  const named = [...asObjects(call['locations']), ...diffs].map((place) => asText(place['path'])).filter((path) => path !== undefined)
  const all = new Set([...(known.paths ?? []), ...named])
  const paths = firstOf(all)
  const edits = diffs.map((diff) => readEdit(diff)).filter((edit) => edit !== undefined).filter(({ path }) => paths.has(path))
  return {
    isCut: paths.size < all.size || (command ?? '').length > most.command,
    ...(kind === undefined ? {} : { kind }),
    ...(title === undefined ? {} : { title: clip(title, most.title) }),
    ...(command === undefined ? {} : { command: clip(command, most.command) }),
    ...(named.length === 0 ? {} : { paths: [...paths] }),
    ...(edits.length === 0 ? {} : { edits: edits.slice(0, most.paths) }),
  }
}

/** Returns as many of the paths as are kept of one call. */
function firstOf(paths: ReadonlySet<string>): ReadonlySet<string> {
  let left = most.pathText
  return new Set([...paths].slice(0, most.paths).filter((path) => (left -= path.length) >= 0))
}

function readKind(kind: unknown): ToolKind | undefined {
  if (typeof kind !== 'string') return undefined
  return toolKinds.find((each) => each === kind) ?? 'other'
}

function readCommand(input: unknown): string | undefined {
  const command = lookUp(input, 'command') ?? lookUp(input, 'cmd')
  if (Array.isArray(command)) return asText(command.filter((word) => typeof word === 'string').join(' '))
  return asText(command)
}

/** Agents write a file that was not there as no text, or as an empty one. */
function readEdit(diff: Json): ClaimedEdit | undefined {
  const path = asText(diff['path'])
  if (path === undefined) return undefined
  const said = lookUp(diff, '_meta', 'kind')
  if (said === 'delete' || said === 'move') return { path, change: said }
  if (said === 'update' || said === 'modify') return { path, change: 'modify' }
  return { path, change: asText(diff['oldText']) === undefined ? 'add' : 'modify' }
}

/** An edit that was done and never shown is one of the files it named. */
function impliedEdits({ status, kind, edits, paths }: Known): Pick<Known, 'edits'> {
  if (status !== 'done' || kind !== 'edit' || edits !== undefined || paths === undefined) return {}
  return { edits: paths.map((path) => ({ path, change: 'modify' })) }
}

/** Changes what is known; returns the part that is new, or nothing when none is. */
function change(known: Known, facts: Partial<Known>, isNew: boolean): ToolEvent | undefined {
  const fresh = Object.fromEntries(Object.entries(facts).filter(([key, value]) => key !== 'status' && JSON.stringify(value) !== JSON.stringify(known[key as keyof Known])))
  const status = facts.status ?? known.status
  if (!isNew && Object.keys(fresh).length === 0 && status === known.status) return undefined
  Object.assign(known, fresh, { status })
  return { type: 'tool', id: known.id, status, ...fresh }
}
