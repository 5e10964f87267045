import { randomUUID } from 'node:crypto'
import { chmodSync, lstatSync, readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'

/** What keeps folders that some tools leave from being removed: no permission to write, or a path that is longer than the system takes. */
const LOOSENED: readonly unknown[] = ['EACCES', 'EPERM', 'ENAMETOOLONG']

/** Bytes of a path below the folder that is removed, beyond which it may be too long: some systems take no more than 1024 in all. */
const DEEP_BYTES = 512

/** Removes a folder of ours and all below it; folders without write permission, as some tools leave them, and paths too long to be named, too. */
export async function removeTree(path: string): Promise<void> {
  let isLoose = false
  while (!(await tryRemove(path, isLoose))) isLoose = loosen(Buffer.from(path)) === 0
}

/** Says whether it is removed; where that failed and may yet succeed, it is not. */
async function tryRemove(path: string, isLast: boolean): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
    return true
  } catch (error) {
    if (isLast || !(error instanceof Error && 'code' in error && LOOSENED.includes(error.code))) throw error
    return false
  }
}

/** Makes a folder and those in it writable, and lifts what lies too deep to its top: once more may be needed for what lies in that. Returns how many were lifted. */
function loosen(root: Buffer, folder = root): number {
  if (!lstatSync(folder).isDirectory()) return 0
  chmodSync(folder, 0o700)
  if (folder.length > root.length + DEEP_BYTES) {
    renameSync(folder, Buffer.concat([root, Buffer.from(`/${randomUUID()}`)]))
    return 1
  }
  const folders = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }).filter((entry) => entry.isDirectory())
  return folders.reduce((lifted, { name }) => lifted + loosen(root, Buffer.concat([folder, Buffer.from('/'), name])), 0)
}
