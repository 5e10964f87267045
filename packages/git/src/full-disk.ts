import { existsSync, readdirSync } from 'node:fs'
import { rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, ControlError, messageOf } from '@signalbox/core'
import type { Vault } from './vault.ts'

/** Bytes below which a disk counts as full: git fills it to the last one before it gives up. */
const ROOM = 1024 * 1024

/**
 * Runs work that writes to a vault. When it fails on a full disk, says so, and takes away what git left half-written
 * there: it would keep the disk full.
 * @throws ControlError `disk.full`, and whatever the work throws
 */
export async function withRoom<T>(vault: Vault, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const failed = codeOf(error) === 'git.command_failed' || codeOf(error) === undefined
    if (!failed || !(await isFull(vault.dir))) throw error
    await sweepHalfWritten(vault)
    throw new ControlError('disk.full', `There is no room left on the disk of ${vault.dir}: ${messageOf(error)}`, { hint: 'Make room there and try again; what was saved before is whole', data: { path: vault.dir }, cause: error })
  }
}

async function isFull(path: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize < ROOM
}

/** Whoever writes there at this moment fails on the full disk as well. */
async function sweepHalfWritten({ dir }: Vault): Promise<void> {
  const objects = join(dir, 'objects')
  for (const folder of readdirSync(objects).map((name) => join(objects, name))) {
    if (!existsSync(folder)) continue
    for (const name of readdirSync(folder)) if (name.startsWith('tmp_')) await rm(join(folder, name), { force: true })
  }
}
