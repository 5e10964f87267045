import Database from 'better-sqlite3'
import { ControlError, hasCode, messageOf } from '@signalbox/core'
import { createIndexFile, createIndexInMemory, openIndexFile, type IndexDatabase } from './index-database.ts'
import { refreshIndex } from './index-refresh.ts'
import type { MemoryFiles } from './memory-files.ts'

/** The index as searches and packets use it: opened when first needed, built anew when it is not right, never in the way. */
export interface IndexAccess {
  /**
   * Runs `work` on an index that is up to date with the files; again on a new index when this one turns out to be damaged, so
   * `work` only reads. Calls wait for each other. @throws ControlError `index.unavailable` where SQLite cannot run at all
   */
  use<T>(work: (index: IndexDatabase) => Promise<T>): Promise<T>
  /** Deletes the index and builds it anew. @throws ControlError `index.unavailable` */
  rebuild(): Promise<{ readonly records: number; readonly quarantined: number }>
  close(): Promise<void>
}

/** What an attempt works on. Each is tried when the one before fails; memory serves where the disk cannot. */
type Place = 'existing' | 'fresh' | 'memory'

/** Creates access to the index of `files`, kept at `file`, which lies in the state folder of this machine. */
export function createIndexAccess(files: MemoryFiles, file: string): IndexAccess {
  let open: IndexDatabase | undefined
  let last: Promise<unknown> = Promise.resolve()

  const closeOpen = (): void => {
    const closing = open
    open = undefined
    closing?.close()
  }
  const openAt = (place: Place): IndexDatabase => {
    if (place === 'existing' && open?.isIntact() === true) return open
    closeOpen()
    open = openers[place](file)
    return open
  }
  const useAt = async <T>(place: Place, work: (index: IndexDatabase) => Promise<T>): Promise<T> => {
    try {
      const index = openAt(place)
      const counts = refreshIndex(index.sqlite, files)
      if (counts.read + counts.removed > 0) index.sealWrites()
      return await work(index)
    } catch (error) {
      if (!isIndexFault(error)) throw error
      closeOpen()
      if (place === 'memory') throw unavailable(error)
      return useAt(place === 'existing' && !isBusy(error) ? 'fresh' : 'memory', work)
    }
  }
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => undefined) // Whoever asked gets the error; the next in line is not concerned.
    return turn
  }
  return {
    use: (work) => inTurn(() => useAt('existing', work)),
    rebuild: () => inTurn(() => useAt('fresh', countRecords)),
    close: () => inTurn(async () => closeOpen()),
  }
}

const openers: Readonly<Record<Place, (file: string) => IndexDatabase>> = { existing: openIndexFile, fresh: createIndexFile, memory: createIndexInMemory }

async function countRecords({ rows }: IndexDatabase): Promise<{ readonly records: number; readonly quarantined: number }> {
  const counts = await rows
    .selectFrom('records')
    .select(({ fn }) => [fn.countAll<number>().as('files'), fn.sum<number | null>('quarantined').as('quarantined')])
    .executeTakeFirstOrThrow()
  const quarantined = counts.quarantined ?? 0
  return { records: counts.files - quarantined, quarantined }
}

function isIndexFault(error: unknown): boolean {
  return error instanceof Database.SqliteError || hasCode(error, 'index.unavailable')
}

/** Another process writes: its index is in order and must not be deleted. */
function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

function unavailable(cause: unknown): ControlError {
  return new ControlError('index.unavailable', `The search index cannot be used, not even in memory: ${messageOf(cause)}`, {
    cause,
    hint: 'Everything but search works without it. Run `signalbox doctor`.',
  })
}
