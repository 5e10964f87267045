import { recordKinds, type RecordKind } from '@signalbox/core'
import type { IndexDatabase } from './index-database.ts'
import { describeRecord, placeOf, type AnyRecord, type Entry, type Relation } from './index-entry.ts'
import { findResembling, findWord } from './relevance.ts'

/** An entry that points at `target`. */
export interface Pointing {
  readonly target: string
  readonly entry: Entry
}

/** An entry that shares rare words with a text. */
export interface Resembling {
  readonly entry: Entry
  readonly words: readonly string[]
}

/** What a selection may ask of all records. Quarantined files are in no answer; lists are newest first. */
export interface Catalog {
  /** Entries of these ids, in their order; ids that no record has are left out. */
  find(ids: readonly string[]): Promise<readonly Entry[]>
  pointingAt(relation: Relation, targets: readonly string[], kinds: readonly RecordKind[], limit: number): Promise<readonly Pointing[]>
  /** Entries whose text holds this one word, such as an id; undefined when texts cannot be searched. */
  naming(word: string, limit: number): Promise<readonly Entry[] | undefined>
  /** Entries that share rare words with `text`, best first; undefined when texts cannot be searched. */
  resembling(text: string, limit: number): Promise<readonly Resembling[] | undefined>
}

/** Returns the catalog that an index answers. */
export function catalogOfIndex(index: IndexDatabase): Catalog {
  const entries = () => index.rows.selectFrom('records').select(['records.kind', 'records.id', 'records.path', 'records.title', 'records.status', 'records.at']).where('records.quarantined', '=', 0)
  return {
    find: async (ids) => {
      const rows = ids.length === 0 ? [] : await entries().where('records.id', 'in', ids).execute()
      const byId = new Map(rows.flatMap(toEntry).map((entry) => [entry.id, entry]))
      return ids.flatMap((id) => byId.get(id) ?? [])
    },
    pointingAt: async (relation, targets, kinds, limit) => {
      const rows = await entries()
        .innerJoin('edges', 'edges.place', 'records.place')
        .select('edges.target')
        .where('edges.relation', '=', relation)
        .where('edges.target', 'in', targets)
        .where('records.kind', 'in', kinds)
        .orderBy('records.place', 'desc')
        .orderBy('edges.target')
        .limit(limit)
        .execute()
      return rows.flatMap((row) => toEntry(row).map((entry) => ({ target: row.target, entry })))
    },
    naming: async (word, limit) => {
      const rows = await entries().where('records.place', 'in', findWord(index.sqlite, word, limit)).orderBy('records.place', 'desc').execute()
      return rows.flatMap(toEntry)
    },
    resembling: async (text, limit) => {
      const found = findResembling(index.sqlite, text, limit)
      const rows = await entries().select('records.place').where('records.place', 'in', found.map(({ place }) => place)).execute()
      const byRow = new Map(rows.map((row) => [row.place, toEntry(row)]))
      return found.flatMap(({ place, words }) => (byRow.get(place) ?? []).map((entry) => ({ entry, words })))
    },
  }
}

/** Returns the catalog of records already in memory, for where SQLite cannot run: all answers but those that need texts. */
export function catalogOfRecords(records: readonly AnyRecord[]): Catalog {
  const described = records.map(describeRecord).toSorted((a, b) => placeIn(b.entry) - placeIn(a.entry))
  const byId = new Map(described.map(({ entry }) => [entry.id, entry]))
  return {
    find: async (ids) => ids.flatMap((id) => byId.get(id) ?? []),
    pointingAt: async (relation, targets, kinds, limit) => {
      const wanted = new Set(targets)
      const pointing = described.flatMap(({ entry, edges }) =>
        edges
          .filter((edge) => edge.relation === relation && wanted.has(edge.target) && kinds.includes(entry.kind))
          .toSorted((a, b) => (a.target < b.target ? -1 : 1))
          .map(({ target }) => ({ target, entry })),
      )
      return pointing.slice(0, limit)
    },
    naming: async () => undefined,
    resembling: async () => undefined,
  }
}

/** All kinds, for a question about any record. */
export const anyKind: readonly RecordKind[] = recordKinds

function placeIn(entry: Entry): number {
  return placeOf(entry.kind, entry.id) ?? Number.MAX_SAFE_INTEGER
}

/** A row that is not quarantined has an id and a title; the columns can be null only for the others. */
function toEntry({ kind, id, path, title, status, at }: Omit<Entry, 'id' | 'title'> & { readonly id: string | null; readonly title: string | null }): readonly Entry[] {
  return id === null || title === null ? [] : [{ kind, id, path, title, status, at }]
}
