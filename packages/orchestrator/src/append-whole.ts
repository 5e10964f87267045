import { fstatSync, ftruncateSync, writeSync } from 'node:fs'
import { systemCodeOf } from './durable-file.ts'

/**
 * Appends to a file that only we write, and returns the bytes written: all of them, or none where the disk has no room for
 * all. Half a line would make one of what comes after it.
 */
export function appendWhole(file: number, text: string | Buffer): number {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  let done = 0
  try {
    while (done < bytes.length) done += writeSync(file, bytes, done)
    return done
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes(systemCodeOf(error) ?? '')) throw error
    if (done > 0) ftruncateSync(file, fstatSync(file).size - done)
    return 0
  }
}
