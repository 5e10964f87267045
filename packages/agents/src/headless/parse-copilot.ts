import type { AgentEvent } from '@signalbox/core'
import { verdictOfFailure } from '../output/failure.ts'
import { asAmount, asId, asInteger, asObject, asObjects, asSession, asText, wordOf, type Json } from '../output/json.ts'
import { ends, type Verdict } from '../output/verdict.ts'
import { notice, sessionEvent } from './events.ts'
import { nothing, type LineParser, type Meaning } from './parser.ts'
import { describeCall, outputOf } from './tool-call.ts'

/** Groups of events about its own workings: what they tell is told by others too. */
const quiet = /^(model|hook|subagent|skill|permission|external_tool|user|system|capabilities|commands)\.|^session\.(?!error$|warning$|info$)|^assistant\.(turn_|idle|message_start|tool_call_delta|intent|usage|streaming|reasoning$)|^tool\.(shell_output|execution_partial_result|execution_progress|user_requested)|^abort$/

/** Reads the output of `copilot --output-format json`. Only its last line names the session, so whoever starts it gives it an id. */
export function createCopilotParser({ resumed, given }: { readonly resumed: boolean; readonly given: string }): LineParser {
  let session: string | undefined
  let verdict: Verdict | undefined
  let failure: Verdict | undefined
  let isStreaming = false

  function readMessage(data: Json): Meaning {
    const text = asText(data['content'])
    const wasStreamed = isStreaming
    isStreaming = false
    if (text === undefined) return nothing
    return { events: [{ type: 'message', text: wasStreamed ? '' : text, partial: false }] }
  }

  function readDelta(type: 'message' | 'thought', data: Json): Meaning {
    const text = asText(data['deltaContent'])
    if (type === 'message') isStreaming = true
    return text === undefined ? nothing : { events: [{ type, text, partial: true }] }
  }

  function readKnown(line: Json): Meaning | undefined {
    const data = asObject(line['data'])
    switch (line['type']) {
      case 'assistant.message_delta':
        return readDelta('message', data)
      case 'assistant.reasoning_delta':
        return readDelta('thought', data)
      case 'assistant.message':
        return readMessage(data)
      case 'tool.execution_start':
      case 'tool.execution_complete':
        return { events: readTool(line['type'] === 'tool.execution_start', data) }
      case 'session.error':
        failure = verdictOfFailure(asText(data['message']) ?? '', asAmount(data['statusCode']))
        return nothing
      case 'session.warning':
      case 'session.info':
        return data['infoType'] === 'file_created' ? nothing : { events: [notice(line['type'] === 'session.info' ? 'info' : 'warning', asText(data['message']))] }
      case 'result':
        session = asSession(line['sessionId']) ?? given
        verdict = failure ?? (line['exitCode'] === 0 ? ends.done : verdictOfFailure(`It ended with exit code ${wordOf(line['exitCode'])}`))
        return nothing
      default:
        return quiet.test(wordOf(line['type'])) ? nothing : undefined
    }
  }

  return {
    read(line) {
      const meaning = readKnown(line)
      if (session !== undefined) return meaning
      session = given
      return { ...meaning, events: [sessionEvent(given, resumed, asText(asObject(line['data'])['model'])), ...(meaning?.events ?? [])] }
    },
    verdict: () => verdict,
    session: () => session,
  }
}

function readTool(isStart: boolean, data: Json): readonly AgentEvent[] {
  const id = asId(data['toolCallId'])
  if (id === undefined) return []
  if (isStart) return [{ type: 'tool', id, status: 'running', ...describeCall(asText(data['toolName']) ?? 'tool', asObject(data['arguments'])) }]
  const error = asObject(data['error'])
  const output = asText(asObject(data['result'])['content']) ?? asText(error['message'])
  const exitCode = asInteger(asObject(data['shellExecution'])['exitCode'])
  const edits = asObjects(data['fileEdits']).flatMap(({ path, kind }) => {
    const file = asText(path)
    return file === undefined ? [] : [{ path: file, change: kind === 'create' ? ('add' as const) : kind === 'delete' ? ('delete' as const) : ('modify' as const) }]
  })
  return [
    {
      type: 'tool',
      id,
      status: data['success'] === true ? 'done' : /denied|rejected/i.test(wordOf(error['code'])) ? 'refused' : 'failed',
      ...outputOf(output),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(edits.length === 0 ? {} : { edits }),
    },
  ]
}
