import { randomBytes } from 'node:crypto'
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ControlError, type ErrorCode } from '@signalbox/core'
import { diskErrorOf, errnoOf } from './disk-error.ts'
import { isAlive } from './process-alive.ts'
import { hashOf } from './record-file.ts'

/** Temporary files of ours: hidden, and with the pid of the writer, so that only those of the dead are swept. */
const temporaryName = /^\.signalbox-(\d+)-[0-9a-f]{12}\.tmp$/

/** Those being written by this process: a leftover of a dead process may carry the same pid, in a container it often does. */
const inFlight = new Set<string>()

/** How a file is written. */
export interface WriteOptions {
  /** sha256 of the bytes the file must still have, and the error thrown when it has others. */
  readonly condition?: { readonly hash: string; readonly otherwise: () => ControlError }
  /** Folder of the temporary file, on the same disk; the file's own folder by default. */
  readonly through?: string
}

/**
 * Replaces or makes a file in one step: a reader, and the disk after a power cut, has the old bytes or the new ones.
 * With a condition the bytes on disk are compared in the last moment before.
 * @throws ControlError `disk.full`, `disk.unwritable`, and what the condition says
 */
export async function writeFileAtomically(path: string, text: string | Uint8Array, { condition, through }: WriteOptions = {}): Promise<void> {
  await throughTemporary({ path, text, through }, (temporary) => {
    if (condition !== undefined && hashNow(path) !== condition.hash) throw condition.otherwise()
    renameSync(temporary, path)
  })
}

/** Makes a file that must not be there yet, complete from its first moment; false when there is one. @throws ControlError `disk.full`, `disk.unwritable` */
export async function createFileExclusively(path: string, text: string | Uint8Array, through?: string): Promise<boolean> {
  let created = true
  await throughTemporary({ path, text, through }, (temporary) => {
    try {
      linkSync(temporary, path)
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
      created = false
    }
  })
  return created
}

/** Removes temporary files of ours whose writer is gone. */
export function sweepTemporaryFiles(folder: string): void {
  for (const name of readNames(folder)) {
    const pid = temporaryName.exec(name)?.[1]
    if (pid !== undefined && !inFlight.has(name) && (Number(pid) === process.pid || !isAlive(Number(pid)))) rmSync(join(folder, name), { force: true })
  }
}

/** Makes renames, links and removals in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Returns the error for a file that was changed since it was read. */
export function changedUnderneath(path: string, code: ErrorCode = 'record.changed_underneath'): ControlError {
  return new ControlError(code, `${path} was changed by someone else since it was read`, { hint: 'Read it again and repeat the edit; nothing was written', data: { path } })
}

interface Content {
  readonly path: string
  readonly text: string | Uint8Array
  readonly through: string | undefined
}

async function throughTemporary({ path, text, through }: Content, publish: (temporary: string) => void): Promise<void> {
  const folder = dirname(path)
  const name = `.signalbox-${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  const temporary = join(through ?? folder, name)
  inFlight.add(name)
  try {
    await writeAndSync(temporary, text, modeOf(path))
    publish(temporary)
    await syncFolder(folder)
  } catch (error) {
    throw diskErrorOf(path, error)
  } finally {
    rmSync(temporary, { force: true })
    inFlight.delete(name)
  }
}

async function writeAndSync(path: string, text: string | Uint8Array, mode: number | undefined): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(text)
    if (mode !== undefined) await handle.chmod(mode)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function modeOf(path: string): number | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  return mode === undefined ? undefined : mode & 0o777
}

function hashNow(path: string): string | undefined {
  try {
    return hashOf(readFileSync(path))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw diskErrorOf(folder, error)
  }
}
