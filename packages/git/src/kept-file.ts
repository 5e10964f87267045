import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMissing } from './git-dir.ts'

/** Keeps what can be computed again, whole or not at all; half of it lies in `work`, where what a kill left is swept. */
export async function keepFile(work: string, path: string, parts: readonly Uint8Array[]): Promise<void> {
  for (const folder of [work, dirname(path)]) await mkdir(folder, { recursive: true })
  const temp = join(work, `${process.pid}-${randomUUID()}`)
  try {
    await writeFile(temp, parts)
    await rename(temp, path)
  } catch (error) {
    await rm(temp, { force: true }) // on a full disk, it may be what fills it
    throw error
  }
}

/** Reads what was kept; undefined when nothing was. In one go: it is seldom more than a megabyte. */
export function readKept(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
