import { readdir } from 'node:fs/promises'
import { parseRunId, type RunId } from '@signalbox/core'
import { systemCodeOf } from './durable-file.ts'

/** Lists a folder; one that is not there holds nothing. Other failures throw. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Lists the entries of a folder that are named like runs. */
export async function idsIn(folder: string): Promise<readonly RunId[]> {
  return runIdsOf(await namesIn(folder))
}

/** Returns the names that are those of runs. */
export function runIdsOf(names: readonly string[]): readonly RunId[] {
  return names.map(parseRunId).filter((id) => id !== undefined)
}
