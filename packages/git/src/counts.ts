import type { Oid } from '@signalbox/core'
import { filesOf, listOptions } from './change-list.ts'
import { parseRawDiff, type RawChange } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/** How large a change is; binary files count as files only. */
export interface Counts {
  readonly files: number
  readonly insertions: number
  readonly deletions: number
}

/** How renames are found, everywhere the same, so that all counts agree. */
export const renameOptions = ['-M', '-l1000'] as const

/** A change as it is looked at when it is saved. */
export interface Measured {
  readonly changes: readonly RawChange[]
  /** The list of changes in git's own form. */
  readonly list: Buffer
  readonly counts: Counts
}

/** Lists and counts what lies between a base and a tree; one git process, unless there may be renames. */
export async function measureChange({ git }: Vault, base: Oid, tree: Oid): Promise<Measured> {
  const { stdout } = await git(['diff-tree', ...listOptions, '--numstat', base, tree])
  const { changes, end } = parseRawDiff(stdout)
  const files = filesOf(changes)
  const mayRename = files.some(({ from }) => from === undefined) && files.some(({ to }) => to === undefined)
  const numstat = mayRename ? (await git(['diff-tree', '-r', '-z', '--numstat', ...renameOptions, '--no-ext-diff', '--no-textconv', base, tree])).stdout : stdout.subarray(end)
  return { changes, list: stdout.subarray(0, end), counts: countNumstat(numstat.toString('latin1')) }
}

/** Adds up `INSERTED TAB DELETED TAB PATH NUL`; a rename has an empty path there and two more fields. */
function countNumstat(text: string): Counts {
  let counts: Counts = { files: 0, insertions: 0, deletions: 0 }
  const fields = text.split('\0')
  for (let index = 0; index < fields.length; index += 1) {
    const [, inserted, deleted, path] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(fields[index] ?? '') ?? []
    if (path === undefined) continue
    if (path === '') index += 2
    counts = { files: counts.files + 1, insertions: counts.insertions + (Number(inserted) || 0), deletions: counts.deletions + (Number(deleted) || 0) }
  }
  return counts
}
