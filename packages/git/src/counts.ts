import type { Change } from './change-list.ts'
import type { Vault } from './vault.ts'

/** How large a change is; binary files count as files only. */
export interface Counts {
  readonly files: number
  readonly insertions: number
  readonly deletions: number
}

/** How renames are found, everywhere the same, so that all counts agree. */
export const renameOptions = ['-M', '-l1000'] as const

/** Counts files and lines of a change. */
export async function countChange({ git }: Vault, { base, commit }: Change): Promise<Counts> {
  const { stdout } = await git(['diff-tree', '-r', '-z', '--numstat', ...renameOptions, '--no-ext-diff', '--no-textconv', base, commit])
  return countNumstat(stdout.toString('latin1'))
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
