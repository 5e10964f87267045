import { newId, type Answer, type Written } from './answer.ts'
import { asObject } from './json.ts'
import type { Wire } from './request.ts'
import type { ModelError } from './scenario.ts'
import { writeAnthropic } from './write-anthropic.ts'
import { writeChat } from './write-chat.ts'
import { geminiPieces, geminiUsage, writeGemini } from './write-gemini.ts'
import { writeResponses } from './write-responses.ts'

const writers: Readonly<Record<Wire, (answer: Answer) => Generator<Written>>> = {
  chat: writeChat,
  responses: writeResponses,
  anthropic: writeAnthropic,
  gemini: writeGemini,
}

/** Writes an answer as a stream of server-sent events. */
export function writeStream(wire: Wire, answer: Answer): Generator<Written> {
  return writers[wire](answer)
}

/** Returns the same answer as the one value that is sent where no stream is asked for; pauses are left out. */
export function wholeAnswer(wire: Wire, answer: Answer): unknown {
  const { model, usage } = answer
  const parts = answer.parts.filter((part) => part.type !== 'pause')
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')
  const calls = parts.filter((part) => part.type === 'call')
  switch (wire) {
    case 'chat': {
      const tool_calls = calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(args) } }))
      const message = { role: 'assistant', content: text || null, ...(calls.length > 0 ? { tool_calls } : {}) }
      const tokens = { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output }
      return { id: newId('chatcmpl-'), object: 'chat.completion', created: 1_700_000_000, model, choices: [{ index: 0, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop', message }], usage: tokens }
    }
    case 'responses': {
      const events = [...writeResponses({ ...answer, parts })].filter((event) => typeof event === 'string')
      return asObject(JSON.parse((events.at(-1) ?? '').split('data: ')[1] ?? '{}'))['response']
    }
    case 'anthropic': {
      const content = parts.map((part) =>
        part.type === 'text'
          ? { type: 'text', text: part.text }
          : part.type === 'thought'
            ? { type: 'thinking', thinking: part.text, signature: 'c2NyaXB0ZWQ=' }
            : { type: 'tool_use', id: part.id.replace('call_', 'toolu_'), name: part.name, input: part.args },
      )
      const tokens = { input_tokens: usage.input, output_tokens: usage.output }
      return { id: newId('msg_'), type: 'message', role: 'assistant', model, content, stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null, usage: tokens }
    }
    case 'gemini':
      return { modelVersion: model, candidates: [{ index: 0, finishReason: 'STOP', content: { role: 'model', parts: parts.flatMap(geminiPieces) } }], usageMetadata: geminiUsage(answer) }
    default:
      return wire satisfies never
  }
}

const errorTypes: Readonly<Record<number, string>> = { 400: 'invalid_request_error', 401: 'authentication_error', 403: 'permission_error', 429: 'rate_limit_error', 503: 'overloaded_error', 529: 'overloaded_error' }
const geminiStatus: Readonly<Record<number, string>> = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 429: 'RESOURCE_EXHAUSTED', 503: 'UNAVAILABLE' }

/** Returns the body of a failure in the words of its wire format. */
export function errorBody(wire: Wire, { status, message = `scripted ${status}`, type = errorTypes[status] ?? 'api_error' }: ModelError): unknown {
  if (wire === 'anthropic') return { type: 'error', error: { type, message } }
  if (wire === 'gemini') return { error: { code: status, message, status: geminiStatus[status] ?? 'INTERNAL' } }
  return { error: { message, type, code: type, param: null } }
}
