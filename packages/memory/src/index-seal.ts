import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { errnoOf } from './disk-error.ts'

/**
 * SQLite notices torn pages of its structure, not a flipped byte in a word list, a row written by somebody else, or a log that
 * belongs to another database. So what the files look like is written down after each write of ours, and files that look
 * otherwise are not believed. A process that looks between another's write and its seal builds the index once in vain.
 */
function readState(file: string): string | undefined {
  const database = stampOf(file)
  return database === undefined ? undefined : `${database} ${stampOf(`${file}-wal`) ?? 'no log'}`
}

/** Identity, size and times of a file; undefined when there is none. A log without content is none: SQLite makes and drops it at will. */
function stampOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats === undefined || stats.size === 0n ? undefined : `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`
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
  try {
    return readFileSync(sealOf(file), 'utf8')
  } catch (error) {
    // Whatever stands in the way, such as a folder in its place: there is no seal that can be believed.
    if (errnoOf(error) !== undefined) return undefined
    throw error
  }
}
