import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ControlError, messageOf } from '@signalbox/core'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { discard, isSealed, seal } from './index-seal.ts'
import { schema, SCHEMA_VERSION, type IndexTables } from './index-schema.ts'

/** An open index. */
export interface IndexDatabase {
  /** For bulk work and for the word table. */
  readonly sqlite: Database.Database
  /** For reads of rows. The same connection. */
  readonly rows: Kysely<IndexTables>
  /** Whether it lives in this process only. */
  readonly isPrivate: boolean
  /** Tells whether the files on disk are still those this connection was opened on, as they were last sealed. */
  isIntact(): boolean
  /** Writes down the state of the files; call it after each write. */
  sealWrites(): void
  close(): void
}

/** KiB of page cache. SQLite's own 2 MB make a hundred changed records four times slower at 100,000; more than 64 MiB gains nothing. */
const CACHE_KIB = 64 * 1024
/** Bytes of the log at which it is written back: seldom, for only then does the database file change. */
const MAX_LOG_BYTES = 16 * 1024 * 1024
/** Milliseconds to wait for another process that is writing. */
const BUSY_MS = 5_000

// Both functions that touch the files are called under the lock of the index.

/** Opens the index at `file` when it is ours, whole and of this version; else deletes what is there and creates an empty one. */
export function openIndexFile(file: string): IndexDatabase {
  return openSealed(file) ?? createIndexFile(file)
}

/** Deletes whatever is at `file` and creates an empty index there. */
export function createIndexFile(file: string): IndexDatabase {
  const sqlite = attempt(() => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    discard(file)
    return new Database(file, { timeout: BUSY_MS })
  })
  fill(sqlite)
  attempt(() => seal(file))
  return wrap(sqlite, file)
}

/** Creates an empty index that lives in this process only. */
export function createIndexInMemory(): IndexDatabase {
  const sqlite = attempt(() => new Database(':memory:'))
  fill(sqlite)
  return wrap(sqlite, undefined)
}

/** Runs what may fail because of the disk or of a platform that SQLite was not built for. */
function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new ControlError('index.unavailable', `The search index cannot be created: ${messageOf(cause)}`, { cause })
  }
}

function fill(sqlite: Database.Database): void {
  try {
    configure(sqlite).exec(schema).pragma('wal_checkpoint(TRUNCATE)')
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/** Returns undefined for files that are not as we left them or of another version; checked again once open, for they may go meanwhile. */
function openSealed(file: string): IndexDatabase | undefined {
  if (!isSealed(file)) return undefined
  const sqlite = attempt(() => new Database(file, { timeout: BUSY_MS, fileMustExist: true }))
  try {
    const isOurs = configure(sqlite).pragma('user_version', { simple: true }) === SCHEMA_VERSION && isSealed(file)
    if (isOurs) return wrap(sqlite, file)
  } catch (error) {
    sqlite.close()
    throw error
  }
  sqlite.close()
  return undefined
}

function configure(sqlite: Database.Database): Database.Database {
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = NORMAL')
  sqlite.pragma('wal_autocheckpoint = 0')
  sqlite.pragma(`cache_size = -${CACHE_KIB}`)
  return sqlite
}

function wrap(sqlite: Database.Database, file: string | undefined): IndexDatabase {
  const opened = file === undefined ? undefined : inodeOf(file)
  return {
    sqlite,
    rows: new Kysely<IndexTables>({ dialect: new SqliteDialect({ database: sqlite }) }),
    isPrivate: file === undefined,
    isIntact: () => file === undefined || (inodeOf(file) === opened && isSealed(file)),
    sealWrites: () => {
      if (file === undefined) return
      shortenLog(sqlite, file)
      attempt(() => seal(file))
    },
    close: () => closeSealed(sqlite, file !== undefined && inodeOf(file) === opened && isSealed(file) ? file : undefined),
  }
}

function shortenLog(sqlite: Database.Database, file: string): void {
  const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (size > MAX_LOG_BYTES) sqlite.pragma('wal_checkpoint(TRUNCATE)')
}

/** The last connection writes the log back when it closes, which changes the file: what was sealed before is sealed after. */
function closeSealed(sqlite: Database.Database, sealed: string | undefined): void {
  sqlite.close()
  if (sealed !== undefined) attempt(() => seal(sealed))
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino
}
