import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readGitDir, readPlain } from './git-dir.ts'
import { parseIndexWithStats, type FileStat } from './index-file.ts'
import { lookAt } from './look-at.ts'
import { diskPath } from './raw-diff.ts'

/**
 * Tells whether the files of a filled submodule lie there as its own git wrote them, by the times and sizes that its index
 * has of them, with nothing beside them and nothing staged since. No git runs in it, so what its rules ignore counts as something.
 */
export function isAsCheckedOut(folder: string, oidBytes: 20 | 32): boolean {
  try {
    const bytes = readPlain(join(readGitDir(folder), 'index'))
    if (bytes === undefined) return false
    const { files, stats, isOneTree, sharedIndex } = parseIndexWithStats(bytes, oidBytes)
    return isOneTree && sharedIndex === undefined && stats.every((file) => isAsWritten(folder, file)) && hasNothingElse(folder, new Set(files))
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

function hasNothingElse(folder: string, files: ReadonlySet<string>, below = ''): boolean {
  return readdirSync(diskPath(folder, below), { withFileTypes: true, encoding: 'latin1' }).every((entry) => {
    const path = `${below}${entry.name}`
    if (path === '.git') return true
    return entry.isDirectory() ? hasNothingElse(folder, files, `${path}/`) : files.has(path)
  })
}
