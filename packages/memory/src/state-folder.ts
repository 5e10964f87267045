import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, isAbsolute, join } from 'node:path'
import { ControlError, formats, refuseNewer } from '@signalbox/core'
import { diskErrorOf, errnoOf } from './disk-error.ts'
import { writeFileAtomically } from './file-write.ts'
import { slugOf } from './slug.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What `memory.json` in the state folder of a memory repo remembers. */
export interface MemoryPlace {
  /** Absolute real path of the memory repo. */
  readonly path: string
  /** The only branch that memory commits go to, fixed at init. */
  readonly branch: string
}

/** Returns the folder of all machine-local state: `SIGNALBOX_STATE`, else `signalbox` in the user's XDG state folder. */
export function stateRootOf(environment: Environment): string {
  const own = environment['SIGNALBOX_STATE']
  if (own !== undefined && own !== '') return absolute('SIGNALBOX_STATE', own)
  const xdg = environment['XDG_STATE_HOME']
  // The XDG specification says that a relative path there is to be ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'signalbox')
  const home = environment['HOME']
  return join(home === undefined || home === '' ? homedir() : home, '.local', 'state', 'signalbox')
}

/** Returns the state folder of one memory repo: its name for humans, a hash of its real path for certainty. Makes nothing. @throws ControlError `memory.not_found` */
export function stateFolderOf(root: string, dir: string): string {
  const path = realPathOf(dir)
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12)
  return join(root, `${slugOf(basename(path), 40) || 'memory'}-${hash}`)
}

/** Makes a folder of ours that only its owner may enter. @throws ControlError `disk.full`, `disk.unwritable` */
export function makePrivateFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw diskErrorOf(path, error)
  }
  return path
}

/** Reads what is remembered of a memory repo; undefined when nothing is. @throws ControlError `format.newer` when a newer version keeps this state folder */
export async function readMemoryPlace(state: string): Promise<MemoryPlace | undefined> {
  const path = join(state, 'memory.json')
  const value = await readJson(path)
  if (value === undefined) return undefined
  refuseNewer(path, value, formats.state)
  if (typeof value === 'object' && value !== null && 'path' in value && 'branch' in value && typeof value.path === 'string' && typeof value.branch === 'string') {
    return { path: value.path, branch: value.branch }
  }
  throw new ControlError('config.invalid', `${path} does not hold a path and a branch`, { hint: 'Delete that file and run `signalbox init` on the memory repo again' })
}

/** Remembers where a memory repo is and which branch is its own. */
export async function writeMemoryPlace(state: string, place: MemoryPlace): Promise<void> {
  await writeFileAtomically(join(makePrivateFolder(state), 'memory.json'), `${JSON.stringify({ format: formats.state, ...place }, null, 2)}\n`)
}

/** Reads a JSON file of ours; undefined when there is none. @throws ControlError `config.invalid` when it is not JSON */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new ControlError('config.invalid', `${path} could not be read as JSON`, { hint: 'Repair or delete that file', cause })
  }
}

function realPathOf(dir: string): string {
  try {
    return realpathSync(dir)
  } catch (cause) {
    throw new ControlError('memory.not_found', `There is no folder ${dir}`, { hint: 'Name a memory repo with --memory, or make one with `signalbox init DIR`', cause })
  }
}

function absolute(name: string, path: string): string {
  if (isAbsolute(path)) return path
  throw new ControlError('input.invalid', `${name} is not an absolute path: ${path}`, { hint: `Set ${name} to an absolute path or unset it` })
}
