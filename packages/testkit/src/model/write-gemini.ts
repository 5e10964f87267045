import { chunks, newId, sse, type Answer, type Written } from './answer.ts'
import type { Part } from './tools.ts'

/** Writes an answer as the stream of Gemini's generateContent. The end is told by the last piece: one without content counts as broken. */
export function* writeGemini(answer: Answer): Generator<Written> {
  const { parts, model } = answer
  const responseId = newId('g')
  const event = (piece: unknown, last?: Readonly<Record<string, unknown>>, finishReason?: string): string =>
    sse({ responseId, modelVersion: model, candidates: [{ index: 0, content: { role: 'model', parts: [piece] }, ...(finishReason === undefined ? {} : { finishReason }) }], ...last })
  let held: unknown
  for (const part of parts) {
    for (const piece of part.type === 'pause' ? [] : geminiPieces(part)) {
      if (held !== undefined) yield event(held)
      held = piece
    }
    if (part.type !== 'pause') continue
    if (held !== undefined) yield event(held)
    held = undefined
    yield part.pause
  }
  yield event(held ?? { text: '' }, { usageMetadata: geminiUsage(answer) }, answer.finish === 'length' ? 'MAX_TOKENS' : 'STOP')
}

/** Returns the pieces in which Gemini sends a part. */
export function geminiPieces(part: Exclude<Part, { readonly type: 'pause' }>): readonly unknown[] {
  if (part.type === 'call') return [{ functionCall: { id: part.id, name: part.name, args: part.args } }]
  return chunks(part.text).map((text) => (part.type === 'thought' ? { text, thought: true } : { text }))
}

/** Returns the tokens of an answer in Gemini's words. */
export function geminiUsage({ usage }: Answer): unknown {
  return { promptTokenCount: usage.input, candidatesTokenCount: usage.output, cachedContentTokenCount: usage.cached, totalTokenCount: usage.input + usage.output }
}
