import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { recordKinds } from '@signalbox/core'
import { CONFIG_NAME } from './config-file.ts'
import { readFolder, signatureOf } from './record-reader.ts'
import { listRunFolders } from './run-files.ts'

/** Files looked at between two turns of the event loop. More starves a server, fewer costs time. */
const BATCH = 50

/** Stamps of the files of a memory repo by path: another stamp means that the content may be another. */
export type Survey = ReadonlyMap<string, string>

/** Looks at every file that a watch tells of, without reading any. @throws ControlError `memory.not_found` */
export async function surveyRecords(dir: string): Promise<Survey> {
  const seen = new Map<string, string>()
  for (const [at, path] of pathsIn(dir).entries()) {
    if (at % BATCH === BATCH - 1) await setImmediate()
    const stamp = stampOf(dir, path)
    if (stamp !== undefined) seen.set(path, stamp)
  }
  return seen
}

/** Returns the stamp of one file; undefined when it is gone. */
export function stampOf(dir: string, path: string): string | undefined {
  const stats = lstatSync(join(dir, path), { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return undefined
  // The folder of a run counts by being there; what is written into it is told by the run's own log.
  return stats.isDirectory() ? 'folder' : signatureOf(stats)
}

/** Returns the paths that are new, gone or other than before. */
export function findDifferences(before: Survey, now: Survey): readonly string[] {
  const changed = [...now].filter(([path, stamp]) => before.get(path) !== stamp).map(([path]) => path)
  return [...changed, ...[...before.keys()].filter((path) => !now.has(path))]
}

function pathsIn(dir: string): readonly string[] {
  return [CONFIG_NAME, ...recordKinds.flatMap((kind) => readFolder(dir, kind).paths), ...listRunFolders(dir).map((run) => `runs/${run}`)]
}
