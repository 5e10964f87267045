import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ControlError } from '@signalbox/core'
import { CONFIG_NAME } from './config-file.ts'
import { writeFileAtomically } from './file-write.ts'
import { makePrivateFolder, readJson, stateRootOf, type Environment } from './state-folder.ts'

/** Where to look for the memory repo. */
export interface FindMemoryRequest {
  /** What `--memory` said; undefined when it was not given. */
  readonly memory?: string | undefined
  /** Folder the human is in. */
  readonly cwd: string
  readonly environment: Environment
}

/**
 * Returns the folder of the memory repo: what was named, else `SIGNALBOX_MEMORY`, else the nearest folder upwards with a
 * signalbox.yaml, else the user's default.
 * @throws ControlError `memory.not_found`
 */
export async function findMemory({ memory, cwd, environment }: FindMemoryRequest): Promise<string> {
  if (memory !== undefined) return assertIsMemory(resolve(cwd, memory), '--memory names')
  const variable = environment['SIGNALBOX_MEMORY']
  if (variable !== undefined && variable !== '') return assertIsMemory(resolve(cwd, variable), 'SIGNALBOX_MEMORY names')
  const above = findUpwards(resolve(cwd))
  if (above !== undefined) return above
  const usual = await readDefaultMemory(environment)
  if (usual !== undefined) return assertIsMemory(usual, 'the default is')
  throw new ControlError('memory.not_found', `There is no memory repo at ${cwd} or above it, and no default`, { hint: 'Make one with `signalbox init DIR`, or name one with --memory or SIGNALBOX_MEMORY' })
}

/** Returns the user's default memory repo, the first one that was made; undefined when there is none. */
export async function readDefaultMemory(environment: Environment): Promise<string | undefined> {
  const settings = await readJson(settingsFile(environment))
  const named = typeof settings === 'object' && settings !== null && 'default' in settings ? settings.default : undefined
  return typeof named === 'string' ? named : undefined
}

/** Makes `dir` the user's default if there is none yet. */
export async function offerDefaultMemory(environment: Environment, dir: string): Promise<void> {
  const settings = await readJson(settingsFile(environment))
  const others = typeof settings === 'object' && settings !== null ? settings : {}
  if ('default' in others) return
  makePrivateFolder(stateRootOf(environment))
  await writeFileAtomically(settingsFile(environment), `${JSON.stringify({ ...others, default: dir }, null, 2)}\n`)
}

function settingsFile(environment: Environment): string {
  return join(stateRootOf(environment), 'config.json')
}

function assertIsMemory(dir: string, who: string): string {
  if (existsSync(join(dir, CONFIG_NAME))) return dir
  throw new ControlError('memory.not_found', `${dir} is no memory repo (no ${CONFIG_NAME}); ${who} it`, { hint: 'Make one with `signalbox init DIR`, or name another', data: { path: dir } })
}

function findUpwards(from: string): string | undefined {
  if (existsSync(join(from, CONFIG_NAME))) return from
  const parent = dirname(from)
  return parent === from ? undefined : findUpwards(parent)
}
