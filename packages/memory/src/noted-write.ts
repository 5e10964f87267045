import { lstatSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ControlError } from '@signalbox/core'
import type { CommitQueue } from './commit-queue.ts'
import { diskErrorOf } from './disk-error.ts'
import { changedUnderneath, createFileExclusively, syncFolder, writeFileAtomically } from './file-write.ts'
import { hashOf } from './record-file.ts'

/** Writes files of the memory repo, each noted for the commit before its first byte. Paths are inside it, with forward slashes. */
export interface NotedWriter {
  /** Makes a file; false when there is one. */
  create(path: string, bytes: Uint8Array): Promise<boolean>
  /** Replaces a file that still holds `old`. @throws ControlError `record.changed_underneath` */
  replace(path: string, old: Uint8Array, bytes: Uint8Array): Promise<void>
}

/** Creates a writer for the memory repo at `dir`; temporary files lie at its top, where the next start finds them all. @throws ControlError `disk.full`, `disk.unwritable` from each write */
export function createNotedWriter(dir: string, queue: CommitQueue): NotedWriter {
  return {
    async create(path, bytes) {
      await makeFolder(dir, dirname(path))
      const undo = await queue.note(path, undefined, bytes)
      const created = await orUndo(undo, () => createFileExclusively(join(dir, path), bytes, dir))
      if (!created) await undo()
      return created
    },
    async replace(path, old, bytes) {
      const undo = await queue.note(path, old, bytes)
      await orUndo(undo, () => writeFileAtomically(join(dir, path), bytes, { condition: { hash: hashOf(old), otherwise: () => changedUnderneath(path) }, through: dir }))
    },
  }
}

async function orUndo<T>(undo: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await undo()
    throw error
  }
}

/** Makes a folder of the memory repo; a link in its place would carry our writes out of the repository. */
async function makeFolder(dir: string, folder: string): Promise<void> {
  const path = join(dir, folder)
  try {
    if (mkdirSync(path, { recursive: true }) !== undefined) await syncFolder(dirname(path))
    if (lstatSync(path).isDirectory()) return
  } catch (error) {
    throw diskErrorOf(path, error)
  }
  throw new ControlError('disk.unwritable', `${path} is a symbolic link; records lie in a plain folder`, { hint: 'Put a plain folder in its place', data: { path } })
}
