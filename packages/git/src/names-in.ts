import { readdirSync } from 'node:fs'
import { isMissing } from './git-dir.ts'

/** Lists a folder; what is not there holds nothing. Other failures throw. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
