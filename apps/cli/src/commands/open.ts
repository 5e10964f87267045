import type { Command } from 'commander'
import type { GlobalFlags } from '../act.ts'
import { examples } from '../examples.ts'
import { show } from '../output.ts'
import { findPlace } from '../server-place.ts'

/** Defines `open`. */
export function define(command: Command): void {
  command.description('Prints a fresh link to the server that runs. It lets one browser tab in, once, within ten minutes.')
  examples(command, 'signalbox open', 'signalbox serve --detach && signalbox open')
  command.action(async () => {
    const { createLink } = await import('@signalbox/api/server')
    const { link, expiresAt } = await createLink(await findPlace(command))
    show({ value: { url: link, expiresAt }, text: () => link }, command.optsWithGlobals<GlobalFlags>().json === true)
  })
}
