import { lstatSync, type BigIntStats } from 'node:fs'
import { isMissing } from './git-dir.ts'

/** Returns what lies at a path, a link as the link. Undefined where nothing does, nor can because a file lies on the way: of that, `throwIfNoEntry` would throw. */
export function lookAt(path: string | Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
