import { lstatSync } from 'node:fs'
import type { ReportedPath } from '@signalbox/core'
import { lookInside } from './adjust.ts'
import { readPlain } from './git-dir.ts'
import { diskPath, showPath } from './raw-diff.ts'

/**
 * Names the conflicts of an unfinished merge, rebase or the like that are still in the files of a checkout: those that its index calls unmerged,
 * as an agent may have written it, and that have marks. Taken into the index as they are, they are what somebody wanted.
 */
export function findConflicts(checkout: string, unmerged: readonly string[]): readonly ReportedPath[] {
  return unmerged.filter((path) => lookInside(checkout, path) === 'file' && hasMarks(diskPath(checkout, path))).map((path) => ({ path: showPath(path), reason: 'conflict_unsettled' }))
}

/**
 * Looks for lines such as `<<<<<<< main`, longer where attributes say so; `=======` alone is in many a text. An encoding may put zeros between the letters.
 * A link or a folder has none; of a file that cannot be read nobody knows, so it counts as one that has.
 */
export function hasMarks(path: string | Buffer): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true && /^(?:<{7,}|\|{7,}|>{7,}) /m.test((readPlain(path)?.toString('latin1') ?? '').replaceAll('\0', ''))
  } catch {
    return true
  }
}
