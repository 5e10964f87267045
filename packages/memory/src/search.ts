import { sql } from 'kysely'
import type { RecordKind, SearchResult } from '@signalbox/core'
import type { IndexAccess } from './index-access.ts'
import type { IndexDatabase } from './index-database.ts'
import { describeRecord } from './index-entry.ts'
import { readRecord, type MemoryFiles } from './memory-files.ts'
import type { Search, SearchOptions } from './memory.ts'
import { parseQuery, type SearchQuery } from './search-query.ts'
import { snippetOf } from './search-snippet.ts'
import { visibleLine } from './visible-text.ts'

/** Where a hit lies. */
interface Hit {
  readonly path: string
  readonly kind: RecordKind
}

/** Matches beyond which ranking is left out: it costs one look at each, and says nothing of a word that is nearly everywhere. */
const RANKED_MATCHES = 2_000
/** A word in the title counts as much as this many in the text. */
const TITLE_WEIGHT = 8

/** Creates the search over an index. Titles and snippets are read from the files, which are right where the index is not. */
export function createSearch(access: IndexAccess, files: MemoryFiles): Search {
  return {
    search: (text, options) =>
      access.use(async (index) => {
        const query = parseQuery(text)
        const hits = await findHits(index, query, options)
        return hits.flatMap((hit) => readResult(files, hit, query))
      }),
    rebuild: () => access.rebuild(),
  }
}

async function findHits(index: IndexDatabase, query: SearchQuery, { limit, kinds }: SearchOptions): Promise<readonly Hit[]> {
  const byId = query.id === undefined ? [] : await selectRecords(index, kinds).where('id', '=', query.id).execute()
  const byWords = query.match === undefined ? [] : await findWords(index, query.match, kinds, limit)
  const first = new Set(byId.map((hit) => hit.path))
  return [...byId, ...byWords.filter((hit) => !first.has(hit.path))].slice(0, limit)
}

async function findWords(index: IndexDatabase, match: string, kinds: readonly RecordKind[] | undefined, limit: number): Promise<readonly Hit[]> {
  const counted = await sql<{ matches: number }>`
    select count(*) as matches from (select 1 from words where words match ${match} limit ${BigInt(RANKED_MATCHES + 1)})`.execute(index.rows)
  const isRanked = (counted.rows[0]?.matches ?? 0) <= RANKED_MATCHES
  return selectRecords(index, kinds)
    .innerJoin('words', (join) => join.onRef('words.rowid', '=', 'records.place'))
    .where(sql<boolean>`words match ${match}`)
    .orderBy(isRanked ? sql`bm25(words, ${sql.lit(TITLE_WEIGHT)}, 1)` : sql`words.rowid desc`)
    .orderBy('words.rowid', 'desc')
    .limit(limit)
    .execute()
}

function selectRecords(index: IndexDatabase, kinds: readonly RecordKind[] | undefined) {
  const valid = index.rows.selectFrom('records').select(['records.path', 'records.kind']).where('records.quarantined', '=', 0)
  return kinds === undefined ? valid : valid.where('records.kind', 'in', kinds)
}

/** Reads a hit; nothing when the file changed since and is no record any more. */
function readResult(files: MemoryFiles, { kind, path }: Hit, query: SearchQuery): readonly SearchResult[] {
  const parsed = readRecord(files, kind, path)
  if (parsed?.kind !== 'parsed') return []
  const { entry, body } = describeRecord(parsed.value)
  return [{ id: entry.id, kind, title: visibleLine(entry.title), path, snippet: snippetOf(body, query.words) }]
}
