import { existsSync, readdirSync } from 'node:fs'
import { rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, ControlError, messageOf } from '@signalbox/core'

/** Bytes below which a disk counts as full: git fills it to the last one before it gives up. */
const ROOM = 1024 * 1024

/** Where work writes: our state folder, and in it the vault of one source. */
export interface WritePlace {
  readonly stateDir: string
  readonly vault: string
}

/**
 * Runs work that writes below our state folder. When it fails because the disk is full or may not be written, says
 * so, and takes away what git left half-written: it would keep the disk full.
 * @throws ControlError `disk.full`, `disk.unwritable`, and whatever the work throws
 */
export async function withRoom<T>({ stateDir, vault }: WritePlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (codeOf(error) !== undefined && codeOf(error) !== 'git.command_failed') throw error
    if (hasErrno(error, ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'])) {
      throw new ControlError('disk.unwritable', `${stateDir} cannot be written: ${messageOf(error)}`, { hint: 'Make the folder writable for you and try again', data: { path: stateDir }, cause: error })
    }
    if (!hasErrno(error, ['ENOSPC', 'EDQUOT']) && !saysNoRoom(error) && !(await isFull(stateDir))) throw error
    await sweepHalfWritten(vault)
    throw new ControlError('disk.full', `There is no room left on the disk of ${stateDir}: ${messageOf(error)}`, {
      hint: 'Make room there and try again; what was saved before is whole',
      data: { path: stateDir },
      cause: error,
    })
  }
}

function hasErrno(error: unknown, names: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && names.includes(error.code)
}

/**
 * Git takes away what it could not finish, so that there may be room again, and tells why in words alone, which `LC_ALL=C`
 * keeps as they are. Only what is said of the failure depends on them.
 */
function saysNoRoom(error: unknown): boolean {
  return /No space left on device|quota exceeded/i.test(messageOf(error))
}

async function isFull(path: string): Promise<boolean> {
  if (!existsSync(path)) return false
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize < ROOM
}

/** Whoever writes there at this moment fails on the full disk as well. */
async function sweepHalfWritten(vault: string): Promise<void> {
  const objects = join(vault, 'objects')
  if (!existsSync(objects)) return
  for (const folder of readdirSync(objects, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue
    // Where git gathers many objects that it has written to disk at once.
    if (folder.name.startsWith('tmp_objdir-')) await rm(join(objects, folder.name), { recursive: true, force: true })
    else for (const name of readdirSync(join(objects, folder.name))) if (name.startsWith('tmp_')) await rm(join(objects, folder.name, name), { force: true })
  }
}
