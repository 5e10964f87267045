import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { parseRunId, recordKinds, recordLayout } from '@signalbox/core'
import { CONFIG_NAME } from './config-file.ts'
import { errnoOf } from './disk-error.ts'

/** Told of a path from the top that may have changed; undefined when it is not known which. */
export type ToldPath = (path: string | undefined) => void

/** The operating system's watches on the folders of a memory repo, never recursive: those cost memory by the file. */
export interface FolderWatches {
  /** Whether every folder that is there is watched; a system's number of watches can be used up. */
  isComplete(): boolean
  /** Tries again to watch what is not watched. */
  retry(): void
  close(): void
}

/** Top folder, and in it those of records and runs. */
const folders: readonly string[] = ['', ...recordKinds.map((kind) => recordLayout[kind].folder), 'runs']

/** Watches the folders of the memory repo at `dir`; those that are made later, too. */
export function watchFolders(dir: string, told: ToldPath): FolderWatches {
  const watchers = new Map<string, FSWatcher>()
  const failed = new Set<string>()

  function open(folder: string): void {
    try {
      const watcher = watch(join(dir, folder), { persistent: false }, (_event, name) => onEvent(folder, name))
      watcher.on('error', () => lose(folder))
      watchers.set(folder, watcher)
      failed.delete(folder)
    } catch (error) {
      // A folder that is not there yet is told by the one above, once it is made.
      if (errnoOf(error) !== 'ENOENT' || folder === '') failed.add(folder)
    }
  }

  function lose(folder: string): void {
    watchers.get(folder)?.close()
    watchers.delete(folder)
    failed.add(folder)
    told(undefined)
  }

  function onEvent(folder: string, name: string | null): void {
    if (name === null) return told(undefined)
    if (folder !== '') return isRecordName(folder, name) ? told(`${folder}/${name}`) : undefined
    if (name === CONFIG_NAME) return told(name)
    if (!folders.includes(name)) return
    // Made, removed or replaced: a watch stays with the folder that it was put on.
    watchers.get(name)?.close()
    watchers.delete(name)
    failed.delete(name)
    open(name)
    told(undefined)
  }

  for (const folder of folders) open(folder)
  return {
    isComplete: () => failed.size === 0,
    retry: () => {
      const again = [...failed]
      failed.clear()
      for (const folder of again) open(folder)
    },
    close: () => {
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}

/** Leaves out temporary files of ours, of editors and of git. */
function isRecordName(folder: string, name: string): boolean {
  return folder === 'runs' ? parseRunId(name) !== undefined : /^[^.].*\.md$/i.test(name)
}
