import type { AgentEvent } from '@signalbox/core'
import { verdictOfFailure } from '../output/failure.ts'
import { asAmount, asId, asInteger, asObject, asSession, asText, type Json } from '../output/json.ts'
import { ends, type Verdict } from '../output/verdict.ts'
import { planEvents, sessionEvent, usageEvent, withCached } from './events.ts'
import { nothing, type LineParser, type Meaning } from './parser.ts'
import { claimOf, describeCall, outputOf } from './tool-call.ts'

const verdicts: ReadonlyMap<unknown, Verdict> = new Map([
  ['stop', ends.done],
  ['length', ends.length],
  ['content-filter', ends.filtered],
])

/** Reads the output of `opencode run --format json`. A tool is told once, when it is over. */
export function createOpencodeParser({ resumed }: { readonly resumed: boolean }): LineParser {
  let session: string | undefined
  let verdict: Verdict | undefined

  function readKnown(line: Json): Meaning | undefined {
    const part = asObject(line['part'])
    const text = asText(part['text'])
    switch (line['type']) {
      case 'step_start':
        verdict = undefined
        return nothing
      case 'text':
        return text === undefined ? nothing : { events: [{ type: 'message', text, partial: false }] }
      case 'reasoning':
        return text === undefined ? nothing : { events: [{ type: 'thought', text, partial: false }] }
      case 'tool_use':
        return { events: readTool(part) }
      case 'step_finish':
        verdict = verdicts.get(part['reason'])
        return { events: [usageOf(part)] }
      case 'error': {
        const error = asObject(line['error'])
        const data = asObject(error['data'])
        verdict = verdictOfFailure(asText(data['message']) ?? asText(error['message']) ?? asText(error['name']) ?? '', asAmount(data['statusCode']))
        return nothing
      }
      default:
        return undefined
    }
  }

  return {
    read(line) {
      const meaning = readKnown(line)
      const id = asSession(line['sessionID'])
      if (id === undefined || session !== undefined) return meaning
      session = id
      return { ...meaning, events: [sessionEvent(id, resumed), ...(meaning?.events ?? [])] }
    },
    verdict: () => verdict,
    session: () => session,
  }
}

function readTool(part: Json): readonly AgentEvent[] {
  const id = asId(part['callID'])
  if (id === undefined) return []
  const state = asObject(part['state'])
  const input = asObject(state['input'])
  const words = describeCall(asText(part['tool']) ?? 'tool', input)
  const metadata = asObject(state['metadata'])
  if (state['status'] === 'error') {
    const error = asText(state['error'])
    const isRefused = /reject|denied|not allowed|permission|prevents you from using/i.test(error ?? '')
    return [{ type: 'tool', id, status: isRefused ? 'refused' : 'failed', ...words, ...outputOf(error) }]
  }
  const exitCode = asInteger(metadata['exit'])
  const claim = claimOf(words, metadata['exists'] === false ? 'created' : '')
  return [{ type: 'tool', id, status: state['status'] === 'completed' ? 'done' : 'running', ...words, ...claim, ...outputOf(asText(state['output'])), ...(exitCode === undefined ? {} : { exitCode }) }, ...planEvents(input['todos'])]
}

function usageOf(part: Json): AgentEvent {
  const tokens = asObject(part['tokens'])
  const cached = asObject(tokens['cache'])['read']
  return usageEvent('step', { input: withCached(tokens['input'], cached), output: tokens['output'], cached, cost: part['cost'] })
}
