import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const created = new Set<string>()

/** Creates an empty folder, removed by `removeTempDirs`; its path holds no symlink, so it can be compared. */
export function createTempDir(name = 'repo'): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `signalbox-${name}-`)))
  if (created.size === 0) process.once('exit', removeTempDirs)
  created.add(folder)
  return folder
}

/** Removes every folder made by `createTempDir` in this process; call it after the tests of a file. */
export function removeTempDirs(): void {
  for (const folder of created) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  created.clear()
}
