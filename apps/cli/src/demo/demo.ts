import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { GlobalFlags } from '../act.ts'
import { examples } from '../examples.ts'
import { jsonText } from '../output.ts'
import { makeFolder } from './demo-folder.ts'
import { createNarrator, silent } from './narrator.ts'
import { playDemo } from './play-demo.ts'

/** Defines `demo [DIR]`. */
export function define(command: Command): void {
  command
    .description('Plays the whole loop with two real repositories and a scripted agent, in a folder of its own: task, context, run, diff, checks, a refused and a clean landing, handoff.')
    .argument('[dir]', 'a folder that is missing or empty (else a fresh one among the temporary files)')
  examples(command, 'signalbox demo', 'signalbox demo ~/signalbox-demo', 'signalbox demo --json')
  command.action(async (dir: string | undefined) => {
    const json = command.optsWithGlobals<GlobalFlags>().json === true
    const folder = await makeFolder(dir, process.env)
    const tell = json ? silent : createNarrator(process.stdout)
    const value = await playDemo({ folder, tell, program: ourselves(), env: process.env })
    if (json) process.stdout.write(jsonText(value))
  })
}

/** Returns what starts this command line: the Node that runs us and the script it was given. */
function ourselves(): readonly [string, string] {
  return [process.execPath, resolve(process.argv[1] ?? '')]
}
