import { toolKinds, type AgentEventOf, type ClaimedEdit, type ToolKind, type ToolStatus } from '@signalbox/core'
import { asObjects, asText, type Json } from '../headless/json.ts'
import { clip } from '../headless/tool-call.ts'
import { lookUp } from './look-up.ts'
import type { Announced } from './profile.ts'
import { readOutput, type Output } from './tool-output.ts'

type ToolEvent = AgentEventOf<'tool'>
/** What is known of one call by now. */
type Known = { -readonly [K in keyof ToolEvent]: ToolEvent[K] }

/** The tool calls of one turn, put together from everything the agent says of them. */
export interface ToolCalls {
  /** Takes a `tool_call`, a `tool_call_update` or the call in a question; returns what is new in it. */
  take(call: Json): ToolEvent | undefined
  /** Notes what became of a call by an answer of ours. */
  set(id: string, status: 'waiting' | 'running' | 'refused'): ToolEvent | undefined
  known(id: string): ToolEvent | undefined
  announced(id: string): Announced
  /** Calls so far. */
  count(): number
  /** Closes every call that never said how it did. */
  abandon(): readonly ToolEvent[]
}

interface Entry {
  readonly known: Known
  readonly output: Output
  announced: Announced
}

/** Characters of one value in a record, and paths of one call. */
const most = { title: 400, command: 8_000, output: 60_000, paths: 200 } as const

/** Calls whose output is remembered, to tell what is new in it. */
const recentCalls = 100
const closed: ReadonlySet<ToolStatus> = new Set(['done', 'failed', 'refused', 'abandoned'])
const statuses: Readonly<Record<string, ToolStatus>> = { pending: 'proposed', in_progress: 'running', completed: 'done', failed: 'failed' }

export function createToolCalls(quirks: { readonly titleIsCommand: boolean }): ToolCalls {
  const calls = new Map<string, Entry>()
  const recent: string[] = []

  function remember(id: string): void {
    const earlier = recent.push(id) > recentCalls ? calls.get(recent.shift() ?? '') : undefined
    if (earlier === undefined) return
    delete earlier.known.output
    earlier.output.streamed = ''
  }

  function open(id: string): Entry {
    if (!calls.has(id)) remember(id)
    const found: Entry = calls.get(id) ?? { known: { type: 'tool', id, status: 'proposed' }, output: { streamed: '', total: 0, shown: 0 }, announced: { title: undefined, isMcp: false } }
    calls.set(id, found)
    return found
  }

  return {
    take(call) {
      const id = asText(call['toolCallId'])
      if (id === undefined) return undefined
      const isNew = !calls.has(id)
      const entry = open(id)
      entry.announced = { title: asText(call['title']) ?? entry.announced.title, isMcp: entry.announced.isMcp || lookUp(call, '_meta', 'is_mcp_tool_call') === true }
      const status = nextStatus(entry.known.status, asText(call['status']))
      const facts = { status, ...readFacts(call, entry.known, quirks), ...readOutput(call, status, entry.output, most.output) }
      return change(entry.known, { ...facts, ...impliedEdits({ ...entry.known, ...facts }) }, isNew)
    },
    set(id, status) {
      const known = calls.get(id)?.known
      return known === undefined || closed.has(known.status) ? undefined : change(known, { status }, false)
    },
    known: (id) => calls.get(id)?.known,
    announced: (id) => calls.get(id)?.announced ?? { title: undefined, isMcp: false },
    count: () => calls.size,
    abandon() {
      const events = [...calls.values()].flatMap(({ known, output }) => (closed.has(known.status) ? [] : [change(known, { status: 'abandoned', ...(output.streamed === '' ? {} : { output: output.streamed }) }, false)]))
      return events.filter((event) => event !== undefined)
    },
  }
}

/** Returns what a call says of itself that is given no id. */
export function describeNameless(call: Json, quirks: { readonly titleIsCommand: boolean }): Pick<ToolEvent, 'kind' | 'title' | 'command' | 'paths'> {
  return createToolCalls(quirks).take({ ...call, toolCallId: 'nameless' }) ?? {}
}

/** A call we refused stays refused, whatever the agent calls it; a closed one is not opened again, and a question is waited for until it is answered. */
function nextStatus(known: ToolStatus, said: string | undefined): ToolStatus {
  const next = said === undefined ? undefined : statuses[said]
  if (next === undefined || closed.has(known)) return known
  return next === 'proposed' ? known : next
}

function readFacts(call: Json, known: Known, { titleIsCommand }: { readonly titleIsCommand: boolean }): Partial<Known> {
  const kind = readKind(call['kind'])
  const title = asText(call['title'])
  const isCommand = (kind ?? known.kind) === 'execute'
  const command = isCommand ? (readCommand(call['rawInput']) ?? (titleIsCommand ? title : undefined)) : undefined
  const diffs = asObjects(call['content']).filter((part) => part['type'] === 'diff')
  const paths = [...asObjects(call['locations']), ...diffs].map((place) => asText(place['path'])).filter((path) => path !== undefined)
  const edits = diffs.map((diff) => readEdit(diff)).filter((edit) => edit !== undefined)
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(title === undefined ? {} : { title: clip(title, most.title) }),
    ...(command === undefined ? {} : { command: clip(command, most.command) }),
    ...(paths.length === 0 ? {} : { paths: [...new Set([...(known.paths ?? []), ...paths])].slice(0, most.paths) }),
    ...(edits.length === 0 ? {} : { edits: edits.slice(0, most.paths) }),
  }
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
