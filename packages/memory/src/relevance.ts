import type Database from 'better-sqlite3'
import { quoteTerm, wordsOf } from './search-query.ts'

/** A record found by words: `place` is its row id among the words. */
export interface RelatedPlace {
  readonly place: number
  readonly words: readonly string[]
}

/** Rarest words of a text that are looked for. More add noise: the ninth rarest word of a task is seldom what it is about. */
const MAX_WORDS = 8
/** Distinct words of a text that are considered. */
const MAX_CONSIDERED = 400
/** Share of all records beyond which a word says nothing, and the number that is few in any memory. */
const COMMON_SHARE = 0.02
const ALWAYS_FEW = 4

/** Finds records that share rare words with a text: most telling first, the newer of two equals. */
export function findResembling(sqlite: Database.Database, text: string, limit: number): readonly RelatedPlace[] {
  const total = sqlite.prepare<[], { readonly count: number }>('select count(id) as count from records').get()?.count ?? 0
  const few = Math.max(ALWAYS_FEW, Math.floor(total * COMMON_SHARE))
  const scores = new Map<number, { readonly words: string[]; score: number }>()
  for (const { word, places } of findRareWords(sqlite, text, few)) {
    for (const place of places) {
      const found = scores.get(place) ?? { words: [], score: 0 }
      found.words.push(word)
      found.score += Math.log(1 + total / places.length)
      scores.set(place, found)
    }
  }
  const ranked = [...scores].toSorted(([a, left], [b, right]) => right.score - left.score || b - a)
  return ranked.slice(0, limit).map(([place, { words }]) => ({ place, words }))
}

/** Finds the records whose text holds a word, newest first. */
export function findWord(sqlite: Database.Database, word: string, limit: number): readonly number[] {
  const select = sqlite.prepare<[string, bigint], { readonly rowid: number }>('select rowid from words where words match ? order by rowid desc limit ?')
  return select.all(quoteTerm(word), BigInt(limit)).map((row) => row.rowid)
}

/** Words that at least two and at most `few` records hold: the text itself is usually one of them. */
function findRareWords(sqlite: Database.Database, text: string, few: number): readonly { readonly word: string; readonly places: readonly number[] }[] {
  const words = [...new Set(wordsOf(text))].filter((word) => word.length > 2 && !/^\d+$/.test(word)).slice(0, MAX_CONSIDERED)
  return words
    .map((word) => ({ word, places: findWord(sqlite, word, few + 1) }))
    .filter(({ places }) => places.length > 1 && places.length <= few)
    .toSorted((a, b) => a.places.length - b.places.length || (a.word < b.word ? -1 : 1))
    .slice(0, MAX_WORDS)
}
