import { tokenNames } from './highlight-message.ts'

/** Tokens of a line: pairs of an end and a kind, in order. What lies after the last is plain. */
export type Tokens = ArrayLike<number>

/** Text on screen and where it begins in its line. */
export interface Stretch {
  readonly node: Text
  readonly start: number
}

/**
 * Ranges that the style sheet colours by `::highlight(…)`: a coloured line has no more elements than a plain one. Where
 * the browser does not know them, code stays plain.
 */
const paints = typeof CSS === 'undefined' || !('highlights' in CSS) ? [] : tokenNames.map(registered)

function registered(name: string, number: number): Highlight | undefined {
  if (number === 0) return undefined
  const paint = new Highlight()
  CSS.highlights.set(`token-${name}`, paint)
  return paint
}

/** Colours the tokens of a line, and returns how to take that back. */
export function paintTokens(stretches: readonly Stretch[], tokens: Tokens): () => void {
  const painted: (readonly [Highlight, AbstractRange])[] = []
  for (const { node, start } of stretches) {
    for (let at = 0, from = 0; at < tokens.length; at += 2) {
      const end = tokens[at] ?? 0
      const paint = paints[tokens[at + 1] ?? 0]
      const first = Math.max(from, start) - start
      const last = Math.min(end - start, node.length)
      from = end
      if (paint === undefined || first >= last) continue
      const range = new StaticRange({ startContainer: node, startOffset: first, endContainer: node, endOffset: last })
      paint.add(range)
      painted.push([paint, range])
    }
  }
  return () => {
    for (const [paint, range] of painted) paint.delete(range)
  }
}
