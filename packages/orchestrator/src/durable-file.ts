import { open, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ControlError, messageOf } from '@signalbox/core'

/** Writes a file so that a reader, or the next start after a power cut, sees the old bytes or the new, never a mix. */
export async function writeDurably(path: string, text: string, mode = 0o600): Promise<void> {
  const folder = dirname(path)
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = await open(temporary, 'w', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true })
    throw diskError(path, error)
  }
}

/** Makes renames and removals in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Reads a file as text; `undefined` only when there is none. @throws ControlError `disk.*` for every other failure */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw diskError(path, error)
  }
}

/** Turns a file system error into one with a stable code and the path. */
export function diskError(path: string, error: unknown): ControlError {
  const code = systemCodeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ControlError('disk.full', `No room left to write ${path}`, { cause: error, hint: 'Make room there and run the command again; nothing was half-written' })
  }
  return new ControlError('disk.unwritable', `${path} could not be read or written: ${messageOf(error)}`, { cause: error, hint: 'Check that the folder exists and is yours' })
}

/** Returns the code of a Node.js system error, such as `ENOENT`. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
