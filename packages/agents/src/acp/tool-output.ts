import type { ToolStatus } from '@signalbox/core'
import { clip, clipStart } from '../output/clip.ts'
import { asObjects, asText, lookUp, type Json } from '../output/json.ts'

/** What a tool wrote so far, for agents that pass it on in pieces. */
export interface Output {
  /** Its end, as much as a record holds. */
  streamed: string
  /** Characters that came, and how many of them had when it was last shown. */
  total: number
  shown: number
}

/** Before a tool runs, its content says what it is going to do. */
const before: ReadonlySet<ToolStatus> = new Set(['proposed', 'waiting'])

/** Returns what a message says of a tool's output and exit code; output that comes in pieces is shown when it doubled, so a record stays in proportion. */
export function readOutput(call: Json, status: ToolStatus, output: Output, most: number): { output?: string; exitCode?: number | null } {
  const piece = lookUp(call, '_meta', 'terminal_output_delta', 'data') ?? lookUp(call, '_meta', 'terminal_output', 'data')
  if (typeof piece === 'string') {
    // Its end says how it went.
    output.streamed = clipStart(output.streamed + piece, most)
    output.total += piece.length
  }
  const exitCode = readExitCode(call)
  const text = readText(call, status) ?? (shouldShow(output, status) ? output.streamed : undefined)
  if (text !== undefined) output.shown = output.total
  return { ...(text === undefined ? {} : { output: clip(text, most) }), ...(exitCode === undefined ? {} : { exitCode }) }
}

function shouldShow({ total, shown }: Output, status: ToolStatus): boolean {
  return total > shown && (status === 'done' || status === 'failed' || total >= 2 * shown)
}

function readText(call: Json, status: ToolStatus): string | undefined {
  if (before.has(status)) return undefined
  const raw = call['rawOutput']
  const keys = [['output'], ['formatted_output'], ['aggregated_output'], ['stdout'], ['content'], ['error'], ['message'], ['text']]
  const content = asObjects(call['content'])
    .filter((part) => part['type'] === 'content')
    .map((part) => asText(lookUp(part, 'content', 'text')))
    .filter((text) => text !== undefined)
  return asText(raw) ?? keys.map((key) => asText(lookUp(raw, ...key))).find((text) => text !== undefined) ?? asText(content.join('\n'))
}

function readExitCode(call: Json): number | undefined {
  const raw = call['rawOutput']
  const places = [lookUp(raw, 'exit_code'), lookUp(raw, 'exitCode'), lookUp(raw, 'metadata', 'exit'), lookUp(call, '_meta', 'terminal_exit', 'exit_code'), ...asObjects(lookUp(raw, 'contents')).map((part) => part['exitCode'])]
  return places.find((code): code is number => Number.isInteger(code))
}
