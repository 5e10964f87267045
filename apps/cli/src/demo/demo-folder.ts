import { chmod, mkdir, mkdtemp, readdir, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ControlError, messageOf, quote } from '@signalbox/core'

/** Where everything of one demo lies; nothing of it is anywhere else. */
export interface DemoFolder {
  readonly dir: string
  readonly memory: string
  readonly state: string
  /** A small program that runs Signalbox on this memory and this state, from wherever it is called. */
  readonly launcher: string
}

/**
 * Makes the folder of a demo: `wanted`, which must be missing or empty, else a fresh one among the temporary files.
 * @throws ControlError `input.invalid`, `disk.unwritable`
 */
export async function makeFolder(wanted: string | undefined, env: NodeJS.ProcessEnv): Promise<DemoFolder> {
  const dir = await realpath(wanted === undefined ? await makeFresh() : await makeWanted(resolve(wanted)))
  return { dir, memory: join(dir, 'memory'), state: env['SIGNALBOX_STATE'] || join(dir, 'state'), launcher: join(dir, 'signalbox') }
}

async function makeFresh(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'signalbox-demo-')).catch((error: unknown) => {
    throw new ControlError('disk.unwritable', `No folder could be made in ${tmpdir()}: ${messageOf(error)}`, { hint: 'Name a folder: signalbox demo DIR', cause: error })
  })
}

async function makeWanted(dir: string): Promise<string> {
  const names = await mkdir(dir, { recursive: true }).then(() => readdir(dir)).catch((error: unknown) => {
    throw new ControlError('disk.unwritable', `${dir} cannot be used for the demo: ${messageOf(error)}`, { hint: 'Name a folder that can be made, or none for a temporary one', cause: error })
  })
  if (names.length === 0) return dir
  throw new ControlError('input.invalid', `${dir} is not empty; the demo changes nothing that is already there`, { hint: 'Name a folder that is missing or empty, or none for a temporary one' })
}

/** Writes the launcher: `program` is what runs this command line, with the settings it needs to find this demo again. */
export async function writeLauncher({ dir, memory, state, launcher }: DemoFolder, program: readonly [string, ...string[]], path: string): Promise<void> {
  const text = `#!/bin/sh
# Runs Signalbox on the demo in ${JSON.stringify(dir)}.
export SIGNALBOX_MEMORY=${quote(memory)} SIGNALBOX_STATE=${quote(state)} PATH=${quote(path)}:"$PATH"
exec ${program.map(quote).join(' ')} "$@"
`
  await writeFile(launcher, text)
  await chmod(launcher, 0o755)
}
