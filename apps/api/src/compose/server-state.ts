import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createLocks, readMemoryPlace, stateFolderOf, stateRootOf, type Environment } from '@signalbox/memory'
import { identifyProcess, readJsonIfThere, writeDurably } from '@signalbox/orchestrator'
import type { ServerState } from '../server/server-state.ts'

/** Returns what a server keeps in the state folder of a memory repo. @throws ControlError `memory.not_found`; each write `format.newer` where a newer version keeps that folder */
export function openServerState(memory: string, env: Environment): ServerState {
  const folder = stateFolderOf(stateRootOf(env), memory)
  const temporary = { temporaryFolder: join(folder, 'tmp') }
  return {
    folder,
    locks: createLocks(),
    write: async (path, text) => {
      // Tokens and places of a newer version may have another form, and this one would not be believed.
      await readMemoryPlace(folder)
      await writeDurably(temporary, path, text)
    },
    readJson: readJsonIfThere,
    identify: identifyProcess,
  }
}

/** Returns how a memory repo is named to a human, and where it is. */
export function placeOf(memory: string): { readonly name: string; readonly path: string } {
  const path = realpathSync(memory)
  return { name: basename(path), path }
}
