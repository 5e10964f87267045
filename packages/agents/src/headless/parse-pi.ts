import { sentenceOf, verdictOfFailure } from '../output/failure.ts'
import { asId, asObject, asObjects, asSession, asText, textOf, wordOf, type Json } from '../output/json.ts'
import { keepNewest } from '../output/keep-newest.ts'
import { ends, type Verdict } from '../output/verdict.ts'
import { notice, sessionEvent, usageEvent, withCached } from './events.ts'
import { mostCalls, nothing, type LineParser, type Meaning } from './parser.ts'
import { claimOf, describeCall, outputOf, type CallWords } from './tool-call.ts'

/** Lines that others tell again. */
const quiet = new Set(['agent_start', 'turn_start', 'turn_end', 'message_start', 'tool_execution_update', 'agent_settled', 'queue_update', 'auto_retry_end', 'entry_appended'])

/** Reads the output of `pi --mode json`. */
export function createPiParser({ resumed }: { readonly resumed: boolean }): LineParser {
  const calls = new Map<string, CallWords>()
  let session: string | undefined
  let verdict: Verdict | undefined

  function readUpdate(line: Json): Meaning {
    const update = asObject(line['assistantMessageEvent'])
    const text = asText(update['delta'])
    const type = update['type'] === 'text_delta' ? 'message' : update['type'] === 'thinking_delta' ? 'thought' : undefined
    return type === undefined || text === undefined ? nothing : { events: [{ type, text, partial: true }] }
  }

  function readTool(line: Json): Meaning {
    const id = asId(line['toolCallId'])
    if (id === undefined) return nothing
    if (line['type'] === 'tool_execution_start') {
      const words = describeCall(asText(line['toolName']) ?? 'tool', asObject(line['args']))
      calls.set(id, words)
      keepNewest(calls, mostCalls)
      return { events: [{ type: 'tool', id, status: 'running', ...words }] }
    }
    const output = textOf(asObject(line['result'])['content'])
    const words = calls.get(id)
    calls.delete(id)
    const isDone = line['isError'] !== true
    return { events: [{ type: 'tool', id, status: isDone ? 'done' : 'failed', ...outputOf(output), ...(isDone && words !== undefined ? claimOf(words, '') : {}) }] }
  }

  return {
    read(line) {
      switch (line['type']) {
        case 'session':
          session = asSession(line['id'])
          return session === undefined ? nothing : { events: [sessionEvent(session, resumed)] }
        case 'message_update':
          return readUpdate(line)
        case 'message_end': {
          const message = asObject(line['message'])
          if (message['role'] !== 'assistant') return nothing
          const usage = asObject(message['usage'])
          return { events: [usageEvent('step', { input: withCached(usage['input'], usage['cacheRead']), output: usage['output'], cached: usage['cacheRead'], cost: asObject(usage['cost'])['total'] })] }
        }
        case 'tool_execution_start':
        case 'tool_execution_end':
          return readTool(line)
        case 'auto_retry_start':
          // It tries again after the end it had told.
          verdict = undefined
          return { events: [notice('warning', `It tries again: ${sentenceOf(asText(line['errorMessage']) ?? 'the provider did not answer')}`)] }
        case 'compaction_start':
          return { events: [notice('info', 'It sums up its conversation to make room')] }
        case 'agent_end':
          verdict = verdictOf(asObjects(line['messages']).findLast((message) => message['role'] === 'assistant') ?? {})
          return nothing
        default:
          return quiet.has(wordOf(line['type'])) ? nothing : undefined
      }
    },
    verdict: () => verdict,
    session: () => session,
  }
}

function verdictOf(last: Json): Verdict {
  switch (last['stopReason']) {
    case 'stop':
      return ends.done
    case 'length':
      return ends.length
    case 'aborted':
      return { stop: 'cancelled', because: 'It was interrupted' }
    default:
      return verdictOfFailure(asText(last['errorMessage']) ?? `It ended with ${wordOf(last['stopReason'])}`)
  }
}
