import { randomUUID } from 'node:crypto'
import { open, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ControlError, hasCode, messageOf } from '@signalbox/core'
import { identifyProcess } from './process-tree.ts'
import type { StateLayout } from './state-layout.ts'

/** Names of temporary files begin with the pid of their writer, so that only those of the dead are swept. */
const temporaryName = /^(\d+)-/

/** Those this process is writing: one that a dead process left may carry the same pid, in a container it often does. */
const inFlight = new Set<string>()

/**
 * Writes a file of the state folder so that a reader, or the next start after a power cut, sees the old bytes or the
 * new, never a mix. What a kill leaves lies in one folder, where `sweepTemporaryFiles` finds it.
 */
export async function writeDurably({ temporaryFolder }: Pick<StateLayout, 'temporaryFolder'>, path: string, text: string, mode = 0o600): Promise<void> {
  const folder = dirname(path)
  const name = `${process.pid}-${randomUUID()}`
  const temporary = join(temporaryFolder, name)
  inFlight.add(name)
  try {
    for (const needed of [folder, temporaryFolder]) await mkdir(needed, { recursive: true, mode: 0o700 })
    const file = await open(temporary, 'wx', mode)
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
  } finally {
    inFlight.delete(name)
  }
}

/** Removes temporary files whose writer was killed. */
export async function sweepTemporaryFiles({ temporaryFolder }: Pick<StateLayout, 'temporaryFolder'>): Promise<void> {
  const names = await readdir(temporaryFolder).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw diskError(temporaryFolder, error)
  })
  for (const name of names) {
    const pid = Number(temporaryName.exec(name)?.[1])
    if (Number.isInteger(pid) && !inFlight.has(name) && (pid === process.pid || identifyProcess(pid) === undefined)) await rm(join(temporaryFolder, name), { force: true })
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

/**
 * Reads a JSON file of ours by its schema; `undefined` only when there is none.
 * @throws ControlError `config.invalid` with the file and `hint` when it does not hold what we write there, `disk.*`, and `format.newer` where the schema does
 */
export async function readJsonIfThere<T>(path: string, schema: { parse(value: unknown): T }, hint: string): Promise<T | undefined> {
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    if (hasCode(cause, 'format.newer')) throw cause
    throw new ControlError('config.invalid', `${path} does not hold what Signalbox writes there; it was damaged or edited`, { cause, hint })
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
