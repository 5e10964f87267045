import { verdictOfFailure } from '../output/failure.ts'
import { asAmount, asId, asObject, asSession, asText, wordOf, type Json } from '../output/json.ts'
import { keepNewest } from '../output/keep-newest.ts'
import { ends, type Verdict } from '../output/verdict.ts'
import { notice, sessionEvent, usageEvent } from './events.ts'
import { mostCalls, nothing, type LineParser, type Meaning } from './parser.ts'
import { claimOf, describeCall, outputOf, type CallWords } from './tool-call.ts'

/** Reads the output of `gemini --output-format stream-json`. */
export function createGeminiParser({ resumed }: { readonly resumed: boolean }): LineParser {
  const calls = new Map<string, CallWords>()
  let session: string | undefined
  let verdict: Verdict | undefined

  function readTool(line: Json): Meaning {
    const id = asId(line['tool_id'])
    if (id === undefined) return nothing
    if (line['type'] === 'tool_use') {
      const words = describeCall(asText(line['tool_name']) ?? 'tool', asObject(line['parameters']))
      calls.set(id, words)
      keepNewest(calls, mostCalls)
      return { events: [{ type: 'tool', id, status: 'running', ...words }] }
    }
    const words = calls.get(id)
    calls.delete(id)
    const error = asObject(line['error'])
    const output = asText(line['output']) ?? asText(error['message'])
    if (line['status'] !== 'success') return { events: [{ type: 'tool', id, status: /denied|not_registered/i.test(wordOf(error['type'])) ? 'refused' : 'failed', ...outputOf(output) }] }
    return { events: [{ type: 'tool', id, status: 'done', ...outputOf(output), ...(words === undefined ? {} : claimOf(words, output)) }] }
  }

  function readResult(line: Json): Meaning {
    const error = asObject(line['error'])
    verdict = line['status'] === 'success' ? ends.done : verdictOfFailure(asText(error['message']) ?? asText(error['type']) ?? '', asAmount(error['code']))
    const stats = asObject(line['stats'])
    return { events: [usageEvent('turn', { input: stats['input_tokens'], output: stats['output_tokens'], cached: stats['cached'] })] }
  }

  return {
    read(line) {
      const content = asText(line['content'])
      switch (line['type']) {
        case 'init':
          session = asSession(line['session_id'])
          return session === undefined ? nothing : { events: [sessionEvent(session, resumed, asText(line['model']))] }
        case 'message':
          return line['role'] === 'assistant' && content !== undefined ? { events: [{ type: 'message', text: content, partial: line['delta'] === true }] } : nothing
        case 'tool_use':
        case 'tool_result':
          return readTool(line)
        case 'error':
          return { events: [notice('warning', asText(line['message']))] }
        case 'result':
          return readResult(line)
        default:
          return undefined
      }
    },
    verdict: () => verdict,
    session: () => session,
  }
}
