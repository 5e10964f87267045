import { appendFile, open, stat, truncate } from 'node:fs/promises'
import { parseRunId, type RunId } from '@signalbox/core'
import { sizeOf } from './file-size.ts'

/** Bytes at which the file is begun anew. It is read from where the last look ended, so its length costs disk only. */
const limitBytes = 1 << 20

/**
 * Tells other processes that a run's log has grown, after it has. A hint, not the truth: it is neither synced nor
 * complete, and whoever reads it looks at the log itself.
 */
export async function hintChanged(path: string, run: RunId, seq: number): Promise<void> {
  try {
    await appendFile(path, `${run} ${seq}\n`, { mode: 0o600 })
    if ((await stat(path)).size > limitBytes) await truncate(path, 0)
  } catch {
    // The event itself is on disk and the call succeeded; followers find it a little later without a hint.
  }
}

/** Reads the hints that other processes left since the last look. */
export interface ChangedRuns {
  /** Runs named since the last look, each once; `all` when hints may have been lost. */
  read(): Promise<readonly RunId[] | 'all'>
}

/** Returns the hints in the file at `path` that come after byte `from`. */
export function followChangedRuns(path: string, from: number): ChangedRuns {
  let at = from
  return {
    read: async () => {
      const size = await sizeOf(path)
      if (size === at) return []
      if (size < at) {
        at = size
        return 'all'
      }
      const text = await readBetween(path, at, size)
      // A line that is still being written is read whole at the next look.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      at += whole.length
      return namedIn(whole)
    },
  }
}

/** Only ASCII is written there, so that bytes and characters are the same count; anything else names no run. */
function namedIn(text: string): readonly RunId[] | 'all' {
  const ids = new Set<RunId>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const id = parseRunId(line.split(' ')[0])
    if (id === undefined) return 'all'
    ids.add(id)
  }
  return [...ids]
}

async function readBetween(path: string, from: number, to: number): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
