import { hidden, spell } from './hidden-characters.ts'
import type { Marks } from './word-marks.ts'

/** A stretch of a line that is shown in one way. */
export interface Piece {
  readonly text: string
  /** Number of a kind of token; 0 for plain text. */
  readonly token: number
  /** Whether it differs from the other version of the line. */
  readonly marked: boolean
  /** Whether `text` spells out a character that would show nothing. */
  readonly spelt: boolean
}

/** Tokens of a line: pairs of an end and a kind, in order. What lies after the last is plain. */
export type Tokens = ArrayLike<number>

/** Characters of a line that are shown: no reader follows more, and no browser draws a million of them quickly. */
export const MOST_CHARACTERS = 2_000

/** Returns the pieces of a line: neighbours differ in kind. Of a very long line only the first characters. */
export function piecesOf(line: string, tokens: Tokens, marks: Marks): readonly Piece[] {
  const text = line.slice(0, MOST_CHARACTERS)
  const pieces: Piece[] = []
  let tokenAt = 0
  let markAt = 0
  for (let at = 0; at < text.length; ) {
    while ((tokens[tokenAt] ?? Infinity) <= at) tokenAt += 2
    while ((marks[markAt + 1] ?? Infinity) <= at) markAt += 2
    const markStart = marks[markAt] ?? Infinity
    const marked = markStart <= at
    const end = Math.min(tokens[tokenAt] ?? Infinity, (marked ? marks[markAt + 1] : markStart) ?? Infinity, text.length)
    addPieces(pieces, text.slice(at, end), tokens[tokenAt + 1] ?? 0, marked)
    at = end
  }
  return pieces
}

/** Adds a stretch, split where hidden characters are. */
function addPieces(pieces: Piece[], text: string, token: number, marked: boolean): void {
  let at = 0
  for (const { 0: char, index } of text.matchAll(hidden)) {
    if (index > at) pieces.push({ text: text.slice(at, index), token, marked, spelt: false })
    pieces.push({ text: spell(char), token: 0, marked, spelt: true })
    at = index + char.length
  }
  if (at < text.length) pieces.push({ text: text.slice(at), token, marked, spelt: false })
}
