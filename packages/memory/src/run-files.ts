import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ControlError, parseRunId, runIdSchema, type RunId } from '@signalbox/core'
import { diskErrorOf, errnoOf } from './disk-error.ts'
import { syncFolder } from './file-write.ts'
import type { IdCounter } from './id-counter.ts'
import type { RunFile } from './memory.ts'
import { assertMemory } from './record-folder.ts'

const FOLDER = 'runs'
/** Bytes of a run file that are read. Milestones of a run are kilobytes; more means that something else lies there. */
const MAX_RUN_FILE_BYTES = 64 * 1024 * 1024

/** Returns the path of a run's file inside the memory repo. */
export function runFilePath(run: RunId, name: RunFile): string {
  return `${FOLDER}/${run}/${name}`
}

/** Makes the folder of a new run, whose number no run ever had. */
export async function allocateRunFolder(dir: string, counter: IdCounter): Promise<RunId> {
  assertMemory(dir)
  for (;;) {
    const number = await counter.take('R', highestOf(listRunFolders(dir)))
    const run = runIdSchema.parse(`R${String(number).padStart(4, '0')}`)
    if (await makeFolder(join(dir, FOLDER), run)) return run
  }
}

/** Returns the ids of all run folders, oldest first. */
export function listRunFolders(dir: string): readonly RunId[] {
  try {
    const names = readdirSync(join(dir, FOLDER), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return names.flatMap(({ name }) => parseRunId(name) ?? []).toSorted((a, b) => numberOf(a) - numberOf(b))
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw diskErrorOf(join(dir, FOLDER), error)
    assertMemory(dir)
    return []
  }
}

/** Reads a run's file; undefined when there is none. @throws ControlError `run.log_invalid` when it is no plain file or far too large */
export function readRunBytes(dir: string, run: RunId, name: RunFile): Buffer | undefined {
  const path = join(dir, runFilePath(run, name))
  try {
    const stats = lstatSync(path)
    if (!stats.isFile()) throw new ControlError('run.log_invalid', `${path} is not a plain file`, { hint: 'Restore it from the history of the memory repo' })
    if (stats.size > MAX_RUN_FILE_BYTES) throw new ControlError('run.log_invalid', `${path} is larger than ${MAX_RUN_FILE_BYTES / 1024 / 1024} MiB`, { hint: 'Restore it from the history of the memory repo' })
    return readFileSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw diskErrorOf(path, error)
    assertMemory(dir)
    return undefined
  }
}

function highestOf(runs: readonly RunId[]): number {
  const last = runs.at(-1)
  return last === undefined ? 0 : numberOf(last)
}

function numberOf(run: RunId): number {
  return Number(run.slice(1))
}

async function makeFolder(parent: string, name: string): Promise<boolean> {
  try {
    mkdirSync(parent, { recursive: true })
    mkdirSync(join(parent, name))
    await syncFolder(parent)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw diskErrorOf(join(parent, name), error)
  }
}
