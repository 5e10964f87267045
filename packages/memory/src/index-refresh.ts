import type Database from 'better-sqlite3'
import { recordKinds, type RecordKind } from '@signalbox/core'
import { describeRecord, placeOf, type Described, type Entry } from './index-entry.ts'
import type { RecordRow } from './index-schema.ts'
import { readRecord, type FoundFile, type MemoryFiles } from './memory-files.ts'
import { findQuarantined } from './record-claims.ts'

/** What is known of a file from the last time it was read. */
type Known = Pick<RecordRow, 'stamp' | 'racy'>

/** Files of one kind that the index does not know as they are now. */
export interface FileChanges {
  readonly kind: RecordKind
  readonly changed: readonly FoundFile[]
  readonly gone: readonly string[]
}

/**
 * A file that was younger than this many milliseconds when it was read is read again by the next refresh: file systems stamp
 * with the time of the last clock tick, some with whole seconds, so a second write may leave the same stamp.
 */
const RACY_MS = 2_000

/** Finds what differs between files and index: lists and stats every file, reads none. Kinds without a difference are left out. */
export function findChanges(sqlite: Database.Database, files: MemoryFiles): readonly FileChanges[] {
  return recordKinds.map((kind) => findChangesOf(sqlite, files, kind)).filter(({ changed, gone }) => changed.length + gone.length > 0)
}

/** Brings the index up to date by reading the files that may have changed, all in one transaction. */
export function applyChanges(sqlite: Database.Database, files: MemoryFiles, changes: readonly FileChanges[]): void {
  sqlite.transaction(() => changes.forEach((each) => applyChangesOf(sqlite, files, each))).immediate()
}

/** File by file: all of them at once are some hundred bytes a record, which this process then keeps, and pays for whenever it starts another. */
function findChangesOf(sqlite: Database.Database, files: MemoryFiles, kind: RecordKind): FileChanges {
  const count = sqlite.prepare<[string], number>('select count(*) from records where kind = ?').pluck()
  const row = sqlite.prepare<[string, string], Known>('select stamp, racy from records where path = ? and kind = ?')
  return sqlite.transaction(() => {
    // The rows are those of this moment, before files are listed: that of a file that another process makes and indexes meanwhile would pass for one whose file is gone.
    let unmet = count.get(kind) ?? 0
    const changed: FoundFile[] = []
    for (const file of files.list(kind)) {
      const known = row.get(file.path, kind)
      if (known !== undefined) unmet -= 1
      if (known === undefined || known.racy === 1 || known.stamp !== file.stamp) changed.push(file)
    }
    // In order of path, so that an index that was built anew answers like the one before.
    changed.sort((a, b) => (a.path < b.path ? -1 : 1))
    return { kind, changed, gone: unmet === 0 ? [] : findGone(sqlite, files, kind) }
  })()
}

function findGone(sqlite: Database.Database, files: MemoryFiles, kind: RecordKind): readonly string[] {
  const paths = sqlite.prepare<[string], string>('select path from records where kind = ?').pluck().all(kind)
  const there = new Set<string>()
  for (const { path } of files.list(kind)) there.add(path)
  return paths.filter((path) => !there.has(path))
}

function applyChangesOf(sqlite: Database.Database, files: MemoryFiles, { kind, changed, gone }: FileChanges): void {
  const writer = createRowWriter(sqlite)
  for (const path of gone) writer.remove(path)
  const isClaimed = changed.map((file) => {
    const before = writer.remove(file.path)
    const parsed = readRecord(files, kind, file.path)
    const now = parsed === undefined ? undefined : writer.insert(kind, file, parsed.kind === 'parsed' ? describeRecord(parsed.value) : undefined)
    return before !== now
  })
  if (gone.length > 0 || isClaimed.includes(true)) judge(sqlite, kind)
}

/** What a file's row was or is now, for knowing whether claims to an id changed. */
type Claimed = string | null | undefined

interface RowWriter {
  /** Drops a file's row; returns the id it had, null for none, undefined when there was no row. */
  remove(path: string): Claimed
  insert(kind: RecordKind, file: FoundFile, described: Described | undefined): Claimed
}

/** Places of files without an id of their own, above those of all records. */
const FIRST_FREE_PLACE = 2 ** 50

function createRowWriter(sqlite: Database.Database): RowWriter {
  const select = {
    row: sqlite.prepare<[string], Pick<RecordRow, 'place' | 'id'>>('select place, id from records where path = ?'),
    isTaken: sqlite.prepare<[bigint]>('select 1 from records where place = ?'),
    free: sqlite.prepare<[], { readonly place: number }>(`select max(max(place), ${FIRST_FREE_PLACE}) + 1 as place from records`),
  }
  const drops = ['words where rowid', 'edges where place', 'records where place'].map((rows) => sqlite.prepare<[bigint]>(`delete from ${rows} = ?`))
  const insert = {
    record: sqlite.prepare('insert into records (place, path, kind, stamp, racy, quarantined, id, title, status, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    edge: sqlite.prepare('insert into edges (target, relation, place) values (?, ?, ?)'),
    words: sqlite.prepare('insert into words (rowid, title, body) values (?, ?, ?)'),
  }
  /** Two files of one number (`T0147`, `T00147`) cannot share its place; the second gets one above all others. */
  const findPlace = (entry: Entry | undefined): bigint => {
    const own = entry === undefined ? undefined : placeOf(entry.kind, entry.id)
    const isFree = own !== undefined && select.isTaken.get(BigInt(own)) === undefined
    return BigInt(isFree ? own : (select.free.get()?.place ?? FIRST_FREE_PLACE))
  }
  return {
    remove: (path) => {
      const row = select.row.get(path)
      if (row !== undefined) for (const drop of drops) drop.run(BigInt(row.place))
      return row === undefined ? undefined : row.id
    },
    insert: (kind, file, described) => {
      const racy = file.changedMs > Date.now() - RACY_MS ? 1n : 0n
      const entry = described?.entry
      const place = findPlace(entry)
      const fields = [entry?.id, entry?.title, entry?.status, entry?.at].map((field) => field ?? null)
      insert.record.run(place, file.path, kind, file.stamp, racy, entry === undefined ? 1n : 0n, ...fields)
      for (const { relation, target } of described?.edges ?? []) insert.edge.run(target, relation, place)
      if (described !== undefined) insert.words.run(place, described.title, described.body)
      return entry?.id ?? null
    },
  }
}

/** Marks what the store quarantines: besides files that cannot be parsed, all that claim one id, and names that do not fit. */
function judge(sqlite: Database.Database, kind: RecordKind): void {
  const rows = sqlite.prepare<[string], Pick<RecordRow, 'path' | 'id' | 'quarantined'>>('select path, id, quarantined from records where kind = ?').all(kind)
  const problem = { line: null, reason: 'cannot be parsed' }
  const claims = rows.map(({ path, id }) => ({ path, id: id ?? undefined, problem: id === null ? problem : undefined }))
  const quarantined = findQuarantined(kind, claims)
  const mark = sqlite.prepare('update records set quarantined = ? where path = ?')
  for (const row of rows) {
    const now = quarantined.has(row.path) ? 1 : 0
    if (now !== row.quarantined) mark.run(BigInt(now), row.path)
  }
}
