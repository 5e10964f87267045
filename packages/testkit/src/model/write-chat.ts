import { chunks, newId, sse, type Answer, type Written } from './answer.ts'

/** Writes an answer as the stream of OpenAI's chat completions. */
export function* writeChat({ parts, model, usage, finish }: Answer): Generator<Written> {
  const base = { id: newId('chatcmpl-'), object: 'chat.completion.chunk', created: 1_700_000_000, model }
  const delta = (value: unknown, reason: string | null = null): string => sse({ ...base, choices: [{ index: 0, delta: value, finish_reason: reason }] })
  yield delta({ role: 'assistant', content: '' })
  let calls = 0
  for (const part of parts) {
    if (part.type === 'pause') yield part.pause
    else if (part.type === 'text') for (const content of chunks(part.text)) yield delta({ content })
    else if (part.type === 'thought') for (const text of chunks(part.text)) yield delta({ reasoning_content: text })
    else {
      const index = calls++
      yield delta({ tool_calls: [{ index, id: part.id, type: 'function', function: { name: part.name, arguments: '' } }] })
      for (const text of chunks(JSON.stringify(part.args), 64)) yield delta({ tool_calls: [{ index, function: { arguments: text } }] })
    }
  }
  yield delta({}, finish ?? (calls > 0 ? 'tool_calls' : 'stop'))
  const tokens = { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output }
  yield sse({ ...base, choices: [], usage: { ...tokens, prompt_tokens_details: { cached_tokens: usage.cached } } })
  yield sse('[DONE]')
}
