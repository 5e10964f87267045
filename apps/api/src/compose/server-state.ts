import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createLocks, stateFolderOf, stateRootOf, type Environment } from '@signalbox/memory'
import { identifyProcess, readJsonIfThere, writeDurably } from '@signalbox/orchestrator'
import type { ServerState } from '../server/server-state.ts'

/** Returns what a server keeps in the state folder of a memory repo. @throws ControlError `memory.not_found` */
export function openServerState(memory: string, env: Environment): ServerState {
  const folder = stateFolderOf(stateRootOf(env), memory)
  const temporary = { temporaryFolder: join(folder, 'tmp') }
  return {
    folder,
    locks: createLocks(),
    write: (path, text) => writeDurably(temporary, path, text),
    readJson: readJsonIfThere,
    identify: identifyProcess,
  }
}

/** Returns how a memory repo is named to a human, and where it is. */
export function placeOf(memory: string): { readonly name: string; readonly path: string } {
  const path = realpathSync(memory)
  return { name: basename(path), path }
}
