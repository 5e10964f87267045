import { readdirSync } from 'node:fs'
import { isMissing } from './git-dir.ts'

/** Lists a folder, as latin1 with one character per byte; what is not there holds nothing. Other failures throw. */
export function namesIn(folder: string | Buffer, encoding: 'utf8' | 'latin1' = 'utf8'): readonly string[] {
  try {
    return readdirSync(folder, encoding)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
