import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { errnoOf } from './disk-error.ts'

/**
 * SQLite notices torn pages of its structure, not a flipped byte in a word list or a log that belongs to another database. So
 * what the files look like is written down after each write of ours; files that look otherwise are not believed.
 * The state is the database file's identity, size and times, and the salts of its write-ahead log, whose frames are checksummed.
 */
function readState(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? undefined : `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${readLogSalts(`${file}-wal`)}`
}

/** Writes down that the files are as we left them. Not fsynced: a seal lost in a power cut costs one rebuild. */
export function seal(file: string): void {
  const state = readState(file)
  if (state === undefined || state === readSeal(file)) return
  const draft = `${sealOf(file)}.${process.pid}`
  writeFileSync(draft, state)
  renameSync(draft, sealOf(file))
}

/** Tells whether nobody but this code changed the files since they were sealed. */
export function isSealed(file: string): boolean {
  const state = readState(file)
  return state !== undefined && state === readSeal(file)
}

/**
 * Deletes a database with all that belongs to it. The database goes last: whoever opens it meanwhile then holds a deleted file,
 * which it notices before its next step, and never a new database with an old log.
 */
export function discard(file: string): void {
  for (const path of [sealOf(file), `${file}-wal`, `${file}-shm`, `${file}-journal`, file]) rmSync(path, { force: true, recursive: true })
}

function sealOf(file: string): string {
  return `${file}-seal`
}

function readSeal(file: string): string | undefined {
  return unlessMissing(() => readFileSync(sealOf(file), 'utf8'))
}

/** Bytes 16 to 24 of a log's header: new random numbers each time the log begins anew. Empty when there is no log. */
function readLogSalts(log: string): string {
  return (
    unlessMissing(() => {
      const descriptor = openSync(log, 'r')
      try {
        const header = Buffer.alloc(24)
        return readSync(descriptor, header, 0, 24, 0) === 24 ? header.toString('hex', 16) : ''
      } finally {
        closeSync(descriptor)
      }
    }) ?? ''
  )
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    // Anything else, such as a folder in the file's place, counts as missing too: the index is then built anew or kept in memory.
    if (errnoOf(error) !== undefined) return undefined
    throw error
  }
}
