/** Numbers of a first and a last line, from 1. */
export interface LineRange {
  readonly from: number
  readonly to: number
}

/** Lines above and below that tell equal places apart; more of them say no more. */
const CONTEXT = 8

/** Returns the lines of a text, without their ends; a last one that does not end counts. */
export function splitLines(text: string): readonly string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/**
 * Returns where lines of an older text lie in a newer one: where the same lines stand between most of the same neighbours, of
 * equal places the nearest, then the upper. Undefined when they are gone: lines that the older text had more than once are found
 * only beside a neighbour of theirs, for without one any `}` would do.
 */
export function placeLines(before: readonly string[], { from, to }: LineRange, after: readonly string[]): LineRange | undefined {
  const lines = before.slice(from - 1, to)
  const places = findAll(after, lines).map((at) => ({ at, beside: countBeside(before, from - 1, after, at, lines.length), far: Math.abs(at - from + 1) }))
  const isUnique = findAll(before, lines).length === 1
  const [best] = places.filter(({ beside }) => isUnique || beside > 0 || before.length === lines.length).toSorted((a, b) => b.beside - a.beside || a.far - b.far || a.at - b.at)
  return best === undefined ? undefined : { from: best.at + 1, to: best.at + lines.length }
}

function findAll(text: readonly string[], lines: readonly string[]): readonly number[] {
  const found: number[] = []
  for (let at = 0; at + lines.length <= text.length; at++) if (lines.every((line, next) => text[at + next] === line)) found.push(at)
  return found
}

/** Counts how many neighbours in a row are the same above and below. The end of a text is a neighbour of its own. */
function countBeside(before: readonly string[], at: number, after: readonly string[], other: number, length: number): number {
  const same = (step: 1 | -1, start: number, otherStart: number): number => {
    for (let steps = 0; steps < CONTEXT; steps++) {
      const line = before[start + step * steps]
      if (line !== after[otherStart + step * steps]) return steps
      if (line === undefined) return steps + 1
    }
    return CONTEXT
  }
  return same(-1, at - 1, other - 1) + same(1, at + length, other + length)
}
