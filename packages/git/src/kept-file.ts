import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing } from './git-dir.ts'

/** Keeps what can be computed again, whole or not at all. */
export async function keepFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temp = `${path}.${randomUUID()}`
  await writeFile(temp, parts)
  await rename(temp, path)
}

/** Reads what was kept; undefined when nothing was. */
export async function readKept(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
