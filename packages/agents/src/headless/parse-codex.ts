import type { AgentEvent, ClaimedEdit, ToolStatus } from '@signalbox/core'
import { clip } from '../output/clip.ts'
import { verdictOfFailure } from '../output/failure.ts'
import { asId, asInteger, asObject, asObjects, asSession, asText, textOf, type Json } from '../output/json.ts'
import { planIn } from '../output/plan.ts'
import { ends, type Verdict } from '../output/verdict.ts'
import { notice, sessionEvent, usageEvent } from './events.ts'
import { nothing, type LineParser, type Meaning } from './parser.ts'
import { outputOf } from './tool-call.ts'

/** Reads the output of `codex exec --json`. */
export function createCodexParser({ resumed }: { readonly resumed: boolean }): LineParser {
  let session: string | undefined
  let verdict: Verdict | undefined

  return {
    read(line) {
      switch (line['type']) {
        case 'thread.started':
          session = asSession(line['thread_id'])
          return session === undefined ? nothing : { events: [sessionEvent(session, resumed)] }
        case 'turn.started':
          verdict = undefined
          return nothing
        case 'item.started':
        case 'item.updated':
        case 'item.completed':
          return readItem(asObject(line['item']), line['type'] === 'item.completed')
        case 'turn.completed':
          verdict = ends.done
          return { events: [usageOf(asObject(line['usage']))] }
        case 'turn.failed':
          verdict = verdictOfFailure(asText(asObject(line['error'])['message']) ?? '')
          return nothing
        // Said of each try; what it means for the turn, `turn.failed` says.
        case 'error':
          return { events: [notice('warning', asText(line['message']))] }
        default:
          return undefined
      }
    },
    verdict: () => verdict,
    session: () => session,
  }
}

function readItem(item: Json, isOver: boolean): Meaning | undefined {
  const text = asText(item['text'])
  switch (item['type']) {
    case 'agent_message':
      return isOver && text !== undefined ? { events: [{ type: 'message', text, partial: false }] } : nothing
    case 'reasoning':
      return isOver && text !== undefined ? { events: [{ type: 'thought', text, partial: false }] } : nothing
    case 'todo_list':
      return { events: [planIn(asObjects(item['items']).map((entry) => ({ content: entry['text'], status: entry['completed'] === true ? 'completed' : 'pending' })))] }
    // Often no more than a warning; a turn that fails says so itself.
    case 'error':
      return { events: [notice('warning', asText(item['message']))] }
    case 'command_execution':
    case 'file_change':
    case 'mcp_tool_call':
    case 'web_search': {
      const event = readTool(item)
      return event === undefined ? nothing : { events: [event] }
    }
    default:
      return undefined
  }
}

const statuses: ReadonlyMap<unknown, ToolStatus> = new Map([['in_progress', 'running'], ['completed', 'done'], ['failed', 'failed'], ['declined', 'refused']])

function readTool(item: Json): AgentEvent | undefined {
  const id = asId(item['id'])
  if (id === undefined) return undefined
  const status = statuses.get(item['status']) ?? 'done'
  const common = { type: 'tool', id, status } as const
  switch (item['type']) {
    case 'command_execution': {
      const command = asText(item['command']) ?? ''
      const exitCode = asInteger(item['exit_code'])
      return { ...common, kind: 'execute', title: clip(command, 200), command: clip(command), ...outputOf(asText(item['aggregated_output'])), ...(exitCode === undefined ? {} : { exitCode }) }
    }
    case 'file_change': {
      const edits = asObjects(item['changes']).map(({ path, kind }): ClaimedEdit => ({ path: asText(path) ?? '', change: kind === 'add' || kind === 'delete' ? kind : 'modify' }))
      const paths = edits.map(({ path }) => path)
      return { ...common, kind: 'edit', title: clip(paths.join(', '), 200), paths, ...(status === 'done' ? { edits } : {}) }
    }
    case 'mcp_tool_call': {
      const output = asText(asObject(item['error'])['message']) ?? textOf(asObject(item['result'])['content'])
      return { ...common, kind: 'other', title: clip(`${asText(item['server']) ?? 'tool server'}: ${asText(item['tool']) ?? 'tool'}`, 200), ...outputOf(output) }
    }
    default:
      return { ...common, kind: 'search', title: clip(asText(item['query']) ?? '', 200) }
  }
}

/** It counts the thread as a whole, earlier turns included. */
function usageOf(usage: Json): AgentEvent {
  return usageEvent('session', { input: usage['input_tokens'], output: usage['output_tokens'], cached: usage['cached_input_tokens'] })
}
