import { chunks, newId, sse, type Answer, type Written } from './answer.ts'
import type { ToolCall } from './tools.ts'

/** Writes an answer as the stream of OpenAI's responses. */
export function* writeResponses({ parts, model, usage, finish }: Answer): Generator<Written> {
  const id = newId('resp_')
  const output: unknown[] = []
  let sequence = 0
  const event = (type: string, value: Readonly<Record<string, unknown>>): string => sse({ type, sequence_number: sequence++, ...value }, type)
  yield event('response.created', { response: { id, object: 'response', status: 'in_progress', model, output: [] } })
  for (const part of parts) {
    const at = { output_index: output.length }
    if (part.type === 'pause') {
      yield part.pause
      continue
    }
    const item = part.type === 'call' ? callItem(part) : part.type === 'text' ? messageItem(part.text) : reasoningItem(part.text)
    const item_id = item['id']
    yield event('response.output_item.added', { ...at, item: { ...item, ...(part.type === 'text' ? { content: [] } : part.type === 'thought' ? { summary: [] } : {}), status: 'in_progress' } })
    if (part.type === 'text') {
      yield event('response.content_part.added', { item_id, ...at, content_index: 0, part: { type: 'output_text', text: '', annotations: [] } })
      for (const delta of chunks(part.text)) yield event('response.output_text.delta', { item_id, ...at, content_index: 0, delta })
      yield event('response.output_text.done', { item_id, ...at, content_index: 0, text: part.text })
    }
    if (part.type === 'thought') {
      yield event('response.reasoning_summary_part.added', { item_id, ...at, summary_index: 0, part: { type: 'summary_text', text: '' } })
      for (const delta of chunks(part.text)) yield event('response.reasoning_summary_text.delta', { item_id, ...at, summary_index: 0, delta })
    }
    yield event('response.output_item.done', { ...at, item })
    output.push(item)
  }
  const tokens = { input_tokens: usage.input, output_tokens: usage.output, total_tokens: usage.input + usage.output }
  const details = { input_tokens_details: { cached_tokens: usage.cached }, output_tokens_details: { reasoning_tokens: 0 } }
  const response = { id, object: 'response', model, output, usage: { ...tokens, ...details } }
  yield finish === 'length'
    ? event('response.incomplete', { response: { ...response, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } } })
    : event('response.completed', { response: { ...response, status: 'completed' } })
}

type Item = Readonly<Record<string, unknown>>

function messageItem(text: string): Item {
  return { type: 'message', id: newId('msg_'), role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] }
}

function reasoningItem(text: string): Item {
  return { type: 'reasoning', id: newId('rs_'), summary: [{ type: 'summary_text', text }], encrypted_content: null }
}

function callItem({ id, name, namespace, kind, args, input }: ToolCall): Item {
  const common = { call_id: id, status: 'completed' }
  switch (kind) {
    case 'custom':
      return { type: 'custom_tool_call', id: newId('ctc_'), ...common, name, input: input ?? JSON.stringify(args) }
    case 'tool_search':
      return { type: 'tool_search_call', id: newId('tsc_'), ...common, execution: 'client', arguments: args }
    case 'local_shell':
      return { type: 'local_shell_call', id: newId('lsh_'), ...common, action: args }
    default:
      return { type: 'function_call', id: newId('fc_'), ...common, name, ...(namespace === undefined ? {} : { namespace }), arguments: JSON.stringify(args) }
  }
}
