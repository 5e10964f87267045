import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { formats, parseJournal, type LandingJournal, type LandingRepo, type RunId } from '@signalbox/core'
import { readIfThere } from './git-dir.ts'
import { readKept } from './kept-file.ts'
import type { JournalFile } from './landing-journal.ts'
import { writeSynced } from './write-synced.ts'

/** The journal of one landing as a file, for programs that have no store of their own. */
export interface OwnJournalFile extends JournalFile {
  /** What a killed landing left, for `landing.recover`; undefined when there is nothing to settle. @throws when the file is not a journal, or one of a newer format (`format.newer`) */
  read(): Promise<LandingJournal | undefined>
  /** Forgets a landing that came to an end. */
  remove(): Promise<void>
}

/** Returns the journal kept at `path`; every write is on disk before it returns, whole or not at all. */
export function createJournalFile(path: string): OwnJournalFile {
  return {
    async write(journal) {
      await writeSynced(path, JSON.stringify(journal))
    },
    async read() {
      const bytes = readKept(path)
      return bytes === undefined ? undefined : parseJournal(path, JSON.parse(bytes.toString()))
    },
    remove: () => rm(path, { force: true }),
  }
}

/** Begins the journal of a landing, or of the undo of one that is `done`, in this process. */
export function beginJournal(kind: LandingJournal['kind'], run: RunId, repos: readonly LandingRepo[]): LandingJournal {
  const bootId = readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  const owner = { pid: process.pid, startTime: new Date(performance.timeOrigin).toISOString(), bootId }
  return { format: formats.journal, run, kind, owner, tag: randomUUID(), repos: [...repos] }
}
