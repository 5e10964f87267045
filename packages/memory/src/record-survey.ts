import { hash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { recordKinds } from '@signalbox/core'
import { CONFIG_NAME } from './config-file.ts'
import { walkFolder } from './record-folder.ts'
import { signatureOf } from './record-reader.ts'
import { listRunFolders } from './run-files.ts'

/** Files looked at between two turns of the event loop. More starves a server, fewer costs time. */
const BATCH = 50

/**
 * What the files of a memory repo looked like by path: another number means that the content may be another. A server keeps
 * this for as long as it runs and there may be a hundred thousand files, so it is a number of 48 bits, not a text.
 */
export type Survey = Map<string, number>

/**
 * Looks at every file that a watch tells of, without reading any, notes in `known` what it looks like now, and returns the paths
 * that are new, gone or other than before.
 * @throws ControlError `memory.not_found`
 */
export async function survey(dir: string, known: Survey): Promise<readonly string[]> {
  const changed: string[] = []
  let [looks, there] = [0, 0]
  for (const path of walk(dir)) {
    looks += 1
    if (looks % BATCH === 0) await setImmediate()
    if (look(dir, path, known)) changed.push(path)
    if (known.has(path)) there += 1
  }
  if (known.size === there) return changed
  // Gone, or no records any more: a folder in the place of theirs may be a link now, through which they can be seen.
  const listed = new Set(walk(dir))
  const gone = [...known.keys()].filter((path) => !listed.has(path))
  for (const path of gone) known.delete(path)
  return [...changed, ...gone]
}

/** Notes in `known` what one file looks like now, and says whether that is something else than before. */
export function look(dir: string, path: string, known: Survey): boolean {
  const before = known.get(path)
  const now = stampOf(dir, path)
  if (now === undefined) known.delete(path)
  else known.set(path, now)
  return before !== now
}

function stampOf(dir: string, path: string): number | undefined {
  const stats = lstatSync(join(dir, path), { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return undefined
  // The folder of a run counts by being there; what is written into it is told by the run's own log.
  return stats.isDirectory() ? 0 : hash('sha1', signatureOf(stats), 'buffer').readUIntBE(0, 6)
}

function* walk(dir: string): Generator<string, void> {
  yield CONFIG_NAME
  for (const kind of recordKinds) yield* walkFolder(dir, kind)
  for (const run of listRunFolders(dir)) yield `runs/${run}`
}
