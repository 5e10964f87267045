import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from './durable-file.ts'

/** Returns the bytes that a file or folder takes on disk, no link followed; null when a part of it cannot be read. */
export async function measureDiskUse(path: string): Promise<number | null> {
  try {
    return await sizeOf(path)
  } catch (error) {
    if (systemCodeOf(error) === 'EACCES') return null
    throw error
  }
}

async function sizeOf(path: string): Promise<number> {
  const kind = await lookAt(path)
  if (kind === undefined) return 0
  // Blocks are those of 512 bytes, whatever the disk has.
  const own = kind.blocks * 512
  if (!kind.isDirectory()) return own
  let sum = own
  for (const name of await readdir(path)) sum += await sizeOf(join(path, name))
  return sum
}

/** What went away since it was listed takes nothing. */
async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
