/** A query as the index understands it. */
export interface SearchQuery {
  /** FTS5 expression; undefined when the query holds no letter or digit. */
  readonly match: string | undefined
  /** The id the whole query spells, in upper case; undefined when it is none. */
  readonly id: string | undefined
  /** Folded words in the order written, for finding the place to show. The last one is the beginning of a word. */
  readonly words: readonly string[]
}

/** More than anybody types; a pasted page would otherwise become one lookup per word. */
const MAX_CHARACTERS = 1_000
const MAX_WORDS = 32

/** Reads what somebody typed. No input is an error: operators of the index are quoted and mean themselves. */
export function parseQuery(text: string): SearchQuery {
  const terms = text.slice(0, MAX_CHARACTERS).replaceAll('\0', ' ').split(/\s+/).filter((term) => wordsOf(term).length > 0).slice(0, MAX_WORDS)
  const id = /^[TEDNH]\d{3,}$/.exec(text.trim().toUpperCase())?.[0]
  return { match: terms.length === 0 ? undefined : `${terms.map(quoteTerm).join(' ')}*`, id, words: terms.flatMap(wordsOf) }
}

/** Quotes a term so that nothing in it is an operator; a term of several words is then a phrase. */
export function quoteTerm(term: string): string {
  return `"${term.replaceAll('"', '""')}"`
}

/** Finds the words of a text the way the index cuts them: runs of letters and digits, without case and accents. */
export function wordsOf(text: string): readonly string[] {
  return (text.match(word) ?? []).map(foldWord)
}

/** A run of letters and digits with their combining marks. */
export const word = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu

/** Returns a word without case and accents. */
export function foldWord(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}
