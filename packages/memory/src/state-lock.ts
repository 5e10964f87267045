import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { ControlError } from '@signalbox/core'
import { diskErrorOf } from './disk-error.ts'
import { isAlive } from './process-alive.ts'
import { makePrivateFolder } from './state-folder.ts'

/** A lock held by a living process only: the operating system releases it with the process, kill -9 included. */
export interface Locks {
  /**
   * Runs `work` while holding the lock at `path`, waiting at most `waitMs` (default 10 s). Not reentrant: taking a lock
   * inside its own `work` waits for itself and fails. Two holders in one process exclude each other as well.
   * @throws ControlError `state.locked`, `disk.full`, `disk.unwritable`
   */
  hold<T>(path: string, work: () => Promise<T>, options?: { readonly waitMs?: number }): Promise<T>
  /** Tries the lock at `path` once and says why nobody can hold it; undefined where it is free, held, or not there yet. */
  findDamage(path: string): ControlError | undefined
  /**
   * Makes a damaged lock file empty, as it is when whole. In its place: whoever holds a lock holds it by the file, whatever is in that, so two
   * never come to hold it. @throws ControlError `state.locked` where the process that held it last lives, for the file may have been exchanged
   * under it; `disk.unwritable` where the file cannot be used for another reason
   */
  mend(path: string): void
}

const WAIT_MS = 10_000
/** Pause between two tries, doubled up to the longest. Shorter burns the CPU the holder needs, longer is felt by a human. */
const SHORTEST_PAUSE_MS = 2
const LONGEST_PAUSE_MS = 50

/** Creates locks that are an exclusive SQLite transaction on a file of their own, which stays behind empty. */
export function createLocks(): Locks {
  return {
    async hold(path, work, options = {}) {
      const release = await acquire(path, options.waitMs ?? WAIT_MS)
      try {
        return await work()
      } finally {
        release()
      }
    },
    findDamage,
    mend(path) {
      const found = findDamage(path)
      if (found === undefined) return
      if (!isDamaged(found.cause)) throw found
      const pid = readHolder(path)
      if (pid !== undefined && isAlive(pid)) throw lockedError(path, 0)
      // With nothing awaited since that look: a lock that this process took meanwhile would be lost with the handle that this opens.
      truncateSync(path)
    },
  }
}

function findDamage(path: string): ControlError | undefined {
  if (!existsSync(path)) return undefined
  try {
    tryAcquire(path)?.()
    return undefined
  } catch (error) {
    return diskErrorOf(path, error)
  }
}

async function acquire(path: string, waitMs: number): Promise<() => void> {
  makePrivateFolder(dirname(path))
  const until = performance.now() + waitMs
  for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const release = tryAcquire(path)
    if (release !== undefined) return release
    const left = until - performance.now()
    if (left <= 0) throw lockedError(path, waitMs)
    // Waiters that woke together would go on colliding, so each waits a little differently.
    await setTimeout(Math.min(left, pause * (0.5 + Math.random())))
  }
}

function tryAcquire(path: string): (() => void) | undefined {
  let database: Database.Database | undefined
  try {
    database = new Database(path, { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    if (isBusy(error)) return undefined
    if (isDamaged(error)) throw damagedError(path, error)
    throw diskErrorOf(path, error)
  }
  const held = database
  noteHolder(path)
  return () => {
    rmSync(holderFile(path), { force: true })
    held.close()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(?:BUSY|LOCKED)/.test(error.code)
}

/** It says so only of a file that nobody holds: taking part in the lock comes before reading. */
function isDamaged(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(?:NOTADB|CORRUPT)/.test(error.code)
}

function damagedError(path: string, cause: unknown): ControlError {
  return new ControlError('disk.unwritable', `${path} is damaged, so it can lock nothing, and nothing is changed without it`, {
    hint: 'Nothing is kept in that file: signalbox doctor --fix makes it whole, or delete it while no signalbox runs',
    data: { path },
    cause,
  })
}

function holderFile(path: string): string {
  return `${path}.holder`
}

/** For the sentence of an error, and for the caution of a repair; who holds the lock is not decided by it. */
function noteHolder(path: string): void {
  try {
    writeFileSync(holderFile(path), `${process.pid}\n`)
  } catch {
    // The lock holds without the note.
  }
}

function lockedError(path: string, waitMs: number): ControlError {
  const pid = readHolder(path)
  const who = pid === undefined ? 'another process' : pid === process.pid ? `this process (pid ${pid})` : `the process with pid ${pid}`
  return new ControlError('state.locked', `${path} is held by ${who}; waited ${Math.round(waitMs / 100) / 10} s`, {
    hint: 'Wait until it is done and try again; a lock never outlives its process',
    data: { path, pid: pid ?? null },
  })
}

function readHolder(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(holderFile(path), 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    // Gone or never written: the sentence then names nobody.
    return undefined
  }
}
