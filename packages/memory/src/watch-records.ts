import { setTimeout as delay } from 'node:timers/promises'
import { watchFolders as watchFoldersOf, type FolderWatches, type ToldPath } from './folder-watches.ts'
import { look, survey, type Survey } from './record-survey.ts'

/** Milliseconds in which changes are gathered: an editor's save is several events. */
const GATHER_MS = 100
/** Milliseconds between looks at all files, for disks whose watches say nothing (network, some containers). */
const SURVEY_MS = 10_000
/** The same while a folder cannot be watched. */
const UNWATCHED_SURVEY_MS = 2_000
/** More paths than this are not listed: whoever hears of so many looks at everything anyway. */
const MAX_PATHS = 200

/** How a memory repo is watched; all but tests leave it as it is. */
export interface WatchOptions {
  /** Milliseconds between looks at all files. */
  readonly surveyMs?: number
  /** The same while a folder cannot be watched. */
  readonly unwatchedSurveyMs?: number
  readonly watchFolders?: (dir: string, told: ToldPath) => FolderWatches
}

/** Watches one memory repo. */
export interface RecordWatch {
  /** Calls `told` with the changed files, paths from the top, sorted; empty when it is not known which. Until the signal aborts. */
  watch(told: (paths: readonly string[]) => void, signal: AbortSignal): void
}

/** Returns the watch of the memory repo at `dir`: its settings, records and folders of runs, whoever changes them. */
export function createRecordWatch(dir: string, options: WatchOptions = {}): RecordWatch {
  const { surveyMs = SURVEY_MS, unwatchedSurveyMs = UNWATCHED_SURVEY_MS, watchFolders = watchFoldersOf } = options
  return {
    watch: (told, signal) => {
      const gathered = gather(told, signal)
      const known: Survey = new Map()
      const watches = watchFolders(dir, (path) => {
        // Noted as it is told, so that the next survey does not tell the same change again.
        if (path !== undefined) look(dir, path, known)
        gathered(path)
      })
      signal.addEventListener('abort', () => watches.close(), { once: true })
      void surveyOften()

      async function surveyOften(): Promise<void> {
        let wasReadable = (await surveyReadable(dir, known)) !== undefined
        while (!signal.aborted) {
          await delay(watches.isComplete() ? surveyMs : unwatchedSurveyMs, undefined, { ref: false })
          if (signal.aborted) return
          watches.retry()
          const differing = await surveyReadable(dir, known)
          const isReadable = differing !== undefined
          // From being readable to not, or back: that is a change, of nobody knows what.
          if (isReadable !== wasReadable) gathered(undefined)
          for (const path of differing ?? []) gathered(path)
          wasReadable = isReadable
        }
      }
    },
  }
}

/** Returns what gathers paths and tells them together. */
function gather(told: (paths: readonly string[]) => void, signal: AbortSignal): (path: string | undefined) => void {
  const paths = new Set<string>()
  let all = false
  let timer: NodeJS.Timeout | undefined
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })

  function flush(): void {
    timer = undefined
    const sorted = all || paths.size > MAX_PATHS ? [] : [...paths].toSorted()
    paths.clear()
    all = false
    told(sorted)
  }

  return (path) => {
    if (signal.aborted) return
    if (path === undefined) all = true
    else paths.add(path)
    timer ??= setTimeout(flush, GATHER_MS).unref()
  }
}

/** A memory repo that cannot be read now is undefined, which is not one without differences. */
async function surveyReadable(dir: string, known: Survey): Promise<readonly string[] | undefined> {
  try {
    return await survey(dir, known)
  } catch {
    // Every other call says why; here it only counts that nothing is known.
    return undefined
  }
}
