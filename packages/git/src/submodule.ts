import { join } from 'node:path'
import { readGitDir, readPlain } from './git-dir.ts'
import { listFileStats, type FileStat } from './index-file.ts'
import { lookAt } from './look-at.ts'
import { diskPath } from './raw-diff.ts'

/**
 * Tells whether the files of a filled submodule lie there as its own git wrote them, by the times and sizes that its index
 * has of them. No git runs in it: whatever is new there, or staged and not committed, this does not see.
 */
export function isAsCheckedOut(folder: string, oidBytes: 20 | 32): boolean {
  try {
    const index = readPlain(join(readGitDir(folder), 'index'))
    return index !== undefined && listFileStats(index, oidBytes).every((file) => isAsWritten(folder, file))
  } catch {
    return false // what cannot be read may be anything
  }
}

function isAsWritten(folder: string, { path, mtimeNs, size, isLeftOut }: FileStat): boolean {
  const kind = lookAt(diskPath(folder, path))
  if (kind === undefined) return isLeftOut
  // Git notes no size of a file that is as young as its index, so that it looks again.
  return kind.mtimeNs === mtimeNs && (size === 0n || (kind.size & 0xffff_ffffn) === size)
}
