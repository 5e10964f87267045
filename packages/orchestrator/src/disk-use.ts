import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from './durable-file.ts'

/** Returns the bytes that a file or folder takes on disk, no link followed; null when a part of it cannot be read. */
export async function measureDiskUse(path: string): Promise<number | null> {
  try {
    return await sizeOf(path)
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    return null
  }
}

async function sizeOf(path: string): Promise<number> {
  const kind = await ifThere(() => lstat(path))
  if (kind === undefined) return 0
  // Blocks are those of 512 bytes, whatever the disk has.
  let sum = kind.blocks * 512
  if (kind.isDirectory()) for (const name of (await ifThere(() => readdir(path))) ?? []) sum += await sizeOf(join(path, name))
  return sum
}

/** What went away since it was listed takes nothing. */
async function ifThere<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined
    throw error
  }
}
