import Database from 'better-sqlite3'
import { codeOf, ControlError, hasCode, messageOf } from '@signalbox/core'
import { createIndexFile, createIndexInMemory, openIndexFile, type IndexDatabase } from './index-database.ts'
import { applyChanges, findChanges } from './index-refresh.ts'
import type { MemoryFiles } from './memory-files.ts'
import { createLocks } from './state-lock.ts'

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

const openers: Readonly<Record<Place, (file: string) => IndexDatabase>> = { existing: openIndexFile, fresh: createIndexFile, memory: createIndexInMemory }

/** Milliseconds to wait for another process that writes. It may be building the index, which we would otherwise do again ourselves. */
const WAIT_MS = 60_000

/** Creates access to the index of `files`, kept at `file`, which lies in the state folder of this machine. */
export function createIndexAccess(files: MemoryFiles, file: string): IndexAccess {
  let open: IndexDatabase | undefined
  let last: Promise<unknown> = Promise.resolve()
  const locks = createLocks()

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
  /** Files are created, written and sealed under a lock, so that no process takes another's work for damage or deletes it half-way. */
  const inLock = async <T>(place: Place, work: () => T): Promise<T> =>
    place === 'memory' || open?.isPrivate === true ? work() : locks.hold(`${file}-lock`, async () => work(), { waitMs: WAIT_MS })

  const bringUpToDate = async (place: Place): Promise<IndexDatabase> => {
    const seen = place === 'existing' && open?.isIntact() === true ? { index: open, changes: findChanges(open.sqlite, files) } : undefined
    if (seen?.changes.length === 0) return seen.index
    return inLock(place, () => {
      const index = openAt(place)
      const changes = index === seen?.index ? seen.changes : findChanges(index.sqlite, files)
      if (changes.length > 0) applyChanges(index.sqlite, files, changes)
      if (changes.length > 0) index.sealWrites()
      return index
    })
  }
  const useAt = async <T>(place: Place, work: (index: IndexDatabase) => Promise<T>): Promise<T> => {
    try {
      return await work(await bringUpToDate(place))
    } catch (error) {
      const next = nextPlace(place, error)
      if (next === undefined) throw place === 'memory' && isIndexFault(error) ? unavailable(error) : error
      closeOpen()
      return useAt(next, work)
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
    close: () => inTurn(async () => (open === undefined ? undefined : inLock('existing', closeOpen).catch(closeOpen))),
  }
}

async function countRecords({ rows }: IndexDatabase): Promise<{ readonly records: number; readonly quarantined: number }> {
  const counts = await rows
    .selectFrom('records')
    .select(({ fn }) => [fn.countAll<number>().as('files'), fn.sum<number | null>('quarantined').as('quarantined')])
    .executeTakeFirstOrThrow()
  const quarantined = counts.quarantined ?? 0
  return { records: counts.files - quarantined, quarantined }
}

/** Returns where to try next; undefined when nothing is gained by it. */
function nextPlace(place: Place, error: unknown): Place | undefined {
  if (place === 'memory' || !isIndexFault(error)) return undefined
  // An index that is only locked, or cannot be locked, is not ours to delete.
  const isDamaged = error instanceof Database.SqliteError ? !error.code.startsWith('SQLITE_BUSY') : hasCode(error, 'index.unavailable')
  return place === 'existing' && isDamaged ? 'fresh' : 'memory'
}

function isIndexFault(error: unknown): boolean {
  const code = codeOf(error)
  return error instanceof Database.SqliteError || (code !== undefined && ['index.unavailable', 'state.locked', 'disk.full', 'disk.unwritable'].includes(code))
}

function unavailable(cause: unknown): ControlError {
  return new ControlError('index.unavailable', `The search index cannot be used, not even in memory: ${messageOf(cause)}`, {
    cause,
    hint: 'Everything but search works without it. Run `signalbox doctor`',
  })
}
