import { ControlError } from '@signalbox/core'
import { Option, type Command } from 'commander'
import type { GlobalFlags } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { show } from '../output.ts'
import { findPlace } from '../server-place.ts'

interface Flags extends GlobalFlags {
  readonly role: 'cli' | 'agent'
  readonly run?: string
}

/** Defines `token`. */
export function define(command: Command): void {
  command
    .description('Prints a bearer token for the server. That of an agent reaches one run only, and nothing that decides.')
    .addOption(new Option('--role <role>', 'cli: everything you may do; agent: what the agent of a run may').choices(['cli', 'agent']).default('cli'))
    .option('--run <run>', 'the run, for an agent')
  examples(command, 'signalbox token', 'signalbox token --role agent --run R0001')
  command.action(async () => {
    const { json, role, run: text } = command.optsWithGlobals<Flags>()
    if ((role === 'agent') !== (text !== undefined)) {
      throw new ControlError('input.invalid', role === 'agent' ? 'The token of an agent is for one run' : 'Only the token of an agent is for a run', { hint: 'signalbox token --role agent --run R0001' })
    }
    const run = text === undefined ? undefined : runIdOf(text)
    const { createToken } = await import('@signalbox/api/server')
    const token = await createToken(await findPlace(command), run)
    show({ value: { token, role, run: run ?? null }, text: () => token }, json === true)
  })
}
