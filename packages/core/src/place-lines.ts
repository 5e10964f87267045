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
  const [, second] = findAll(before, lines)
  let best: Place | undefined
  for (const at of findAll(after, lines)) {
    const place = { at, beside: countBeside(before, from - 1, after, at, lines.length), far: Math.abs(at - from + 1) }
    const counts = second === undefined || place.beside > 0
    if (counts && (best === undefined || isBetter(place, best))) best = place
  }
  return best === undefined ? undefined : { from: best.at + 1, to: best.at + lines.length }
}

interface Place {
  readonly at: number
  /** Neighbours that are the same. */
  readonly beside: number
  /** Lines from where it was. */
  readonly far: number
}

function isBetter(place: Place, than: Place): boolean {
  return place.beside > than.beside || (place.beside === than.beside && place.far < than.far)
}

/** Finds every place, from above, one at a time: an agent may make millions of them. */
function* findAll(text: readonly string[], lines: readonly string[]): Generator<number, void> {
  for (let at = 0; at + lines.length <= text.length; at++) if (lines.every((line, next) => text[at + next] === line)) yield at
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
