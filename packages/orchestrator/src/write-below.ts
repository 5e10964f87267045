import { lstat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { ControlError } from '@signalbox/core'
import { systemCodeOf, writeDurably } from './durable-file.ts'
import type { StateLayout } from './state-layout.ts'

/**
 * Writes a file below a folder that an agent writes to, while nothing of it is alive: through a link that it left there we would write where it may not.
 * @throws ControlError `disk.unwritable` where something else than a folder is on the way, `disk.*`
 */
export async function writeBelow(layout: Pick<StateLayout, 'temporaryFolder'>, folder: string, { path, text }: { readonly path: string; readonly text: string }): Promise<void> {
  const names = relative(folder, dirname(path)).split(sep).filter((name) => name !== '')
  for (const [at] of names.entries()) await checkFolder(join(folder, ...names.slice(0, at + 1)))
  await writeDurably(layout, path, text)
}

async function checkFolder(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isDirectory()) return
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return
    throw error
  }
  throw new ControlError('disk.unwritable', `${path} is no folder: an agent put something else there`, { hint: 'Look at what it is, move it away, and run the command again' })
}
