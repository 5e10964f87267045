import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { alternatesLine, quoteFolder } from './git-dir.ts'
import type { Vault } from './vault.ts'

/** Returns the file that lists the folders which an object folder borrows from. */
export function borrowedList(objects: string): string {
  return join(objects, 'info', 'alternates')
}

/**
 * Says whether the agent of a run left the list of borrowed objects as we wrote it, at whatever place its source then was: git would
 * follow it wherever it leads. All that the vault borrows it may borrow, too.
 */
export function borrowsOnly(vault: Pick<Vault, 'dir' | 'sources'>, objects: string): boolean {
  try {
    const ours = [...readLines(borrowedList(join(vault.dir, 'objects'))), ...vault.sources.map((folder) => alternatesLine(folder).trimEnd())]
    // Runs that an older version began have each in quotes.
    const known = new Set(ours.flatMap((line) => [line, quoteFolder(line)]))
    return readLines(borrowedList(objects)).every((line) => known.has(line))
  } catch {
    return false // gone or unreadable: then what it borrows is not what we gave it
  }
}

function readLines(file: string): readonly string[] {
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '')
}
