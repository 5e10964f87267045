import { foldWord, word } from './search-query.ts'
import { sliceWhole, visibleText } from './visible-text.ts'

/** Characters shown before and after the first hit: about two lines of a terminal. */
const BEFORE = 60
const AFTER = 140

/** Returns the text around the first of `words` in one line, control bytes escaped; the beginning when none occurs. */
export function snippetOf(text: string, words: readonly string[]): string {
  const hit = findHit(text, words)
  const start = hit <= BEFORE ? 0 : wordStart(text, hit - BEFORE)
  const end = Math.min(text.length, Math.max(hit, 0) + AFTER)
  const middle = visibleText(sliceWhole(text, start, end)).replaceAll(/\s+/g, ' ').trim()
  return `${start > 0 ? '…' : ''}${middle}${end < text.length ? '…' : ''}`
}

/** Returns the offset of the first of the words, the last one as the beginning of a word; -1 when none occurs. */
function findHit(text: string, words: readonly string[]): number {
  const whole = new Set(words)
  const beginning = words.at(-1)
  if (beginning === undefined) return -1
  for (const found of text.matchAll(word)) {
    const folded = foldWord(found[0])
    if (whole.has(folded) || folded.startsWith(beginning)) return found.index
  }
  return -1
}

function wordStart(text: string, at: number): number {
  const space = text.slice(at, at + 20).search(/\s/)
  return space === -1 ? at : at + space + 1
}
