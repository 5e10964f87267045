import { resolve } from 'node:path'
import { ControlError, quote } from '@signalbox/core'
import type { Command } from 'commander'
import { examples } from '../examples.ts'
import { show } from '../output.ts'
import { visible } from '../untrusted.ts'
import type { GlobalFlags } from '../act.ts'

/** Defines `init DIR`. */
export function define(command: Command): void {
  command.argument('<dir>', 'folder of the memory repo; made when it is missing')
  examples(command, 'signalbox init ~/memory', 'export SIGNALBOX_MEMORY=~/memory')
  command.action(async (dir: string) => {
    // Else it would be the folder one happens to be in.
    if (dir === '') throw new ControlError('input.invalid', 'No folder is named for the memory repo', { hint: 'Name one: signalbox init ~/memory' })
    const { initMemory } = await import('@signalbox/api')
    const value = await initMemory(resolve(dir))
    const next = `→ signalbox --memory ${visible(quote(dir))} repo add PATH --name NAME`
    show({ value, text: () => `Memory repo: ${visible(value.memory)}`, note: next }, command.optsWithGlobals<GlobalFlags>().json === true)
  })
}
