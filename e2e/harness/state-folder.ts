import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from './world.ts'

/** Returns the folder of the world's one memory repo below its state folder. */
export function stateFolderOf({ state }: World): string {
  const [folder, ...others] = readdirSync(state, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  if (folder === undefined || others.length > 0) throw new Error(`${state} should hold the state of one memory repo`)
  return join(state, folder.name)
}
