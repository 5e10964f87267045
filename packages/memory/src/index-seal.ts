import { readFileSync, renameSync, rmSync, statSync, writeFileSync, type BigIntStats } from 'node:fs'
import { errnoOf } from './disk-error.ts'

/**
 * SQLite notices torn pages of its structure, not a flipped byte in a word list, a row written by somebody else, or a log that
 * belongs to another database. So what the files look like is written down after each write of ours, and files that look
 * otherwise are not believed.
 */
function readState(file: string): string | undefined {
  const database = statOf(file)
  // An empty log is none: SQLite makes and drops it at will. Its change time is left out, for opening it as root sets its owner.
  const log = statOf(`${file}-wal`)
  return database === undefined ? undefined : `${modifiedOf(database)}:${database.ctimeNs} ${log === undefined || log.size === 0n ? 'no log' : modifiedOf(log)}`
}

function statOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })
}

function modifiedOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino}:${size}:${mtimeNs}`
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

/** Deletes a database with all that belongs to it. Processes that have it open keep what they hold and notice at their next step. */
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
