import { chunks, newId, sse, type Answer, type Written } from './answer.ts'
import type { Part } from './tools.ts'

/** Writes an answer as the stream of Anthropic's messages. */
export function* writeAnthropic({ parts, model, usage, finish }: Answer): Generator<Written> {
  const event = (type: string, value: Readonly<Record<string, unknown>> = {}): string => sse({ type, ...value }, type)
  // This provider counts apart what came from the cache.
  const tokens = { input_tokens: usage.input - usage.cached, cache_creation_input_tokens: 0, cache_read_input_tokens: usage.cached, output_tokens: 1 }
  yield event('message_start', { message: { id: newId('msg_'), type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: tokens } })
  let index = 0
  for (const part of parts) {
    if (part.type === 'pause') {
      yield part.pause
      continue
    }
    const { content_block, deltas } = blockOf(part)
    yield event('content_block_start', { index, content_block })
    for (const delta of deltas) yield event('content_block_delta', { index, delta })
    yield event('content_block_stop', { index })
    index += 1
  }
  const stop_reason = finish === 'length' ? 'max_tokens' : parts.some((part) => part.type === 'call') ? 'tool_use' : 'end_turn'
  yield event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: usage.output } })
  yield event('message_stop')
}

function blockOf(part: Exclude<Part, { readonly type: 'pause' }>): { readonly content_block: unknown; readonly deltas: readonly unknown[] } {
  switch (part.type) {
    case 'text':
      return { content_block: { type: 'text', text: '' }, deltas: chunks(part.text).map((text) => ({ type: 'text_delta', text })) }
    case 'thought':
      return {
        content_block: { type: 'thinking', thinking: '', signature: '' },
        deltas: [...chunks(part.text).map((thinking) => ({ type: 'thinking_delta', thinking })), { type: 'signature_delta', signature: 'c2NyaXB0ZWQ=' }],
      }
    case 'call':
      return {
        content_block: { type: 'tool_use', id: part.id.replace('call_', 'toolu_'), name: part.name, input: {} },
        deltas: chunks(JSON.stringify(part.args), 64).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      }
    default:
      return part satisfies never
  }
}
