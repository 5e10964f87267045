import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { recordKinds, recordLayout } from '@signalbox/core'
import { diskErrorOf } from './disk-error.ts'
import type { MemoryGit } from './memory-git.ts'
import { makePrivateFolder } from './state-folder.ts'

/** Letter of an id: that of its kind, or `R` for runs. */
export type IdLetter = (typeof recordLayout)[keyof typeof recordLayout]['letter'] | 'R'

/** Hands out numbers that were never given to anything, deleted records included. */
export interface IdCounter {
  /** Takes the next number after `highest`, the highest one to be seen on disk, and every one that was ever taken or committed. */
  take(letter: IdLetter, highest: number): Promise<number>
}

/** Creates the counter kept in `state`. It starts from the history of the memory repo, so that losing the state folder loses nothing. */
export function createIdCounter(state: string, dir: string, git: MemoryGit): IdCounter {
  const file = join(state, 'ids.sqlite')
  return {
    async take(letter, highest) {
      makePrivateFolder(state)
      // Zero is in the table once history was read.
      if (readTaken(file, letter) === undefined) {
        for (const [seen, number] of await readHistory(dir, git)) raise(file, seen, number)
        raise(file, letter, 0)
      }
      return raise(file, letter, highest + 1, true)
    },
  }
}

function readTaken(file: string, letter: IdLetter): number | undefined {
  return withDatabase(file, (database) => numberIn(database, letter))
}

/** Sets a letter's number to at least `least`, or with `next` to at least one more than before; returns it. */
function raise(file: string, letter: string, least: number, next = false): number {
  return withDatabase(file, (database) =>
    database
      .transaction(() => {
        const taken = numberIn(database, letter)
        const number = Math.max(least, taken === undefined ? 0 : taken + (next ? 1 : 0))
        database.prepare('INSERT INTO ids (letter, number) VALUES (?, ?) ON CONFLICT (letter) DO UPDATE SET number = excluded.number').run(letter, number)
        return number
      })
      .exclusive(),
  )
}

function numberIn(database: Database.Database, letter: string): number | undefined {
  const row: unknown = database.prepare('SELECT number FROM ids WHERE letter = ?').pluck().get(letter)
  return typeof row === 'number' ? row : undefined
}

function withDatabase<T>(file: string, work: (database: Database.Database) => T): T {
  try {
    return openAnd(file, work)
  } catch (error) {
    if (!isDamaged(error)) throw diskErrorOf(file, error)
    // Nothing is lost: all of it is read from the files and from history again.
    for (const path of [file, `${file}-journal`]) rmSync(path, { force: true })
    return openAnd(file, work)
  }
}

function openAnd<T>(file: string, work: (database: Database.Database) => T): T {
  const database = new Database(file)
  try {
    database.exec('CREATE TABLE IF NOT EXISTS ids (letter TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT')
    return work(database)
  } finally {
    database.close()
  }
}

function isDamaged(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(?:NOTADB|CORRUPT)/.test(error.code)
}

const folders = [...recordKinds.map((kind) => recordLayout[kind].folder), 'runs']
const idInPath = /^[a-z]+\/([TEDNHR])(\d+)/

async function readHistory(dir: string, git: MemoryGit): Promise<ReadonlyMap<string, number>> {
  const highest = new Map<string, number>()
  if (!existsSync(join(dir, '.git'))) return highest
  const { stdout } = await git.run(['log', '--all', '--no-renames', '--diff-filter=A', '--format=', '--name-only', '-z', '--', ...folders])
  for (const path of stdout.split('\0')) {
    const [, letter, digits] = idInPath.exec(path.trimStart()) ?? []
    if (letter !== undefined) highest.set(letter, Math.max(highest.get(letter) ?? 0, Number(digits)))
  }
  return highest
}
