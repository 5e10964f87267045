import { hidden, spell } from './hidden-characters.ts'
import type { Marks } from './word-marks.ts'

/** A stretch of a line that is shown in one way. */
export interface Piece {
  /** Where it begins in the line. */
  readonly start: number
  /** What is shown of it. */
  readonly text: string
  /** Whether it differs from the other version of the line. */
  readonly marked: boolean
  /** Whether `text` spells out a character that would show nothing. */
  readonly spelt: boolean
}

/** Characters of a line that are shown: no reader follows more, and no browser draws a million of them quickly. */
export const MOST_CHARACTERS = 2_000

/** Returns the pieces of a line, in order. Of a very long line only the first characters. */
export function piecesOf(line: string, marks: Marks): readonly Piece[] {
  const text = line.slice(0, afterPair(line, MOST_CHARACTERS))
  const pieces: Piece[] = []
  let markAt = 0
  for (let at = 0; at < text.length; ) {
    while ((marks[markAt + 1] ?? Infinity) <= at) markAt += 2
    const markStart = marks[markAt] ?? Infinity
    const marked = markStart <= at
    const end = Math.min(afterPair(text, (marked ? marks[markAt + 1] : markStart) ?? Infinity), text.length)
    addPieces(pieces, { start: at, text: text.slice(at, end), marked, spelt: false })
    at = end
  }
  return pieces
}

/** Returns `at`, or the place after the surrogate pair that it would cut: a hidden character in two halves would not be found. */
function afterPair(text: string, at: number): number {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff ? at + 1 : at
}

/** Adds a stretch, split where hidden characters are. */
function addPieces(pieces: Piece[], { start, text, marked }: Piece): void {
  let at = 0
  for (const { 0: char, index } of text.matchAll(hidden)) {
    if (index > at) pieces.push({ start: start + at, text: text.slice(at, index), marked, spelt: false })
    pieces.push({ start: start + index, text: spell(char), marked, spelt: true })
    at = index + char.length
  }
  if (at < text.length) pieces.push({ start: start + at, text: text.slice(at), marked, spelt: false })
}
