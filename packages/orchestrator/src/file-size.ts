import { stat } from 'node:fs/promises'
import { systemCodeOf } from './durable-file.ts'

/** Returns the bytes of a file; 0 when it is not there, which for files that only grow means that nothing was written yet. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return 0
    throw error
  }
}
