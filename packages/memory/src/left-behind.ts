import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readMemoryPlace } from './state-folder.ts'

/** A state folder that is kept for a place where no memory repo lies any more. */
export interface LeftBehind {
  readonly state: string
  /** Where the memory repo was. */
  readonly path: string
  /** Runs of this memory repo that were made there, and so are kept there. */
  readonly runs: readonly string[]
}

/**
 * Finds what a memory repo left behind when it was moved: the state folder beside its present one that keeps runs of it for a place that is gone. A clone elsewhere has the same runs, and
 * leaves nothing: its origin is still there.
 */
export async function findLeftBehind(state: string, dir: string): Promise<readonly LeftBehind[]> {
  const root = dirname(state)
  const folders = listFolders(root).map((name) => join(root, name)).filter((folder) => folder !== state)
  const found = await Promise.all(
    folders.map(async (folder): Promise<readonly LeftBehind[]> => {
      const place = await readMemoryPlace(folder)
      if (place === undefined || existsSync(place.path)) return []
      const runs = listFolders(join(folder, 'runs')).filter((run) => isMadeIn(join(folder, 'runs', run)) && isSameRun(join(folder, 'runs', run), join(dir, 'runs', run)))
      return runs.length === 0 ? [] : [{ state: folder, path: place.path, runs }]
    }),
  )
  return found.flat()
}

/** What was said of a run from anywhere else leaves no more than its log. */
function isMadeIn(folder: string): boolean {
  return existsSync(join(folder, 'tag'))
}

/** The first event says who began what and when: no two runs share it. */
function isSameRun(one: string, other: string): boolean {
  const [first, second] = [one, other].map((folder) => firstLine(join(folder, 'events.jsonl')))
  return first !== undefined && first === second
}

function firstLine(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n')[0] : undefined
}

function listFolders(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name) : []
}
