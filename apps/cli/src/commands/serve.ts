import { ControlError } from '@signalbox/core'
import type { Command } from 'commander'
import type { GlobalFlags } from '../act.ts'
import { examples } from '../examples.ts'
import type { ServeFlags } from '../serve/flags.ts'

/** Defines `serve`. */
export function define(command: Command): void {
  command
    .description('Serves the pages and the API on this machine, to whoever has a link or a token. Ctrl-C ends the server; runs go on.')
    .option('--port <n>', 'the port it has to be (else that of last time, else any free one)')
    .option('--host <host>', 'only names of this machine are accepted, such as 127.0.0.1')
    .option('--detach', 'return once it listens; it goes on in the background')
    .option('--open', 'open the link in a browser, where there is a desktop')
    .option('--or-demo', 'where there is no memory repo yet, play the demo up to its review and serve that')
    .option('--stop', 'end the server that runs')
    .option('--stop-runs', 'end the runs too when the server ends: stopped, sealed, handed off')
  examples(command, 'signalbox serve', 'signalbox serve --detach --open', 'signalbox serve --stop')
  command.action(async () => {
    const flags = command.optsWithGlobals<GlobalFlags & ServeFlags>()
    if (flags.stop === true && (flags.detach === true || flags.open === true || flags.orDemo === true || flags.port !== undefined)) {
      throw new ControlError('input.invalid', '--stop ends a server and goes with --stop-runs only', { hint: 'signalbox serve --stop' })
    }
    const place = flags.orDemo === true ? await (await import('../serve/place-or-demo.ts')).findPlaceOrDemo(command) : await (await import('../server-place.ts')).findPlace(command)
    if (flags.stop === true) return (await import('../serve/stop.ts')).stop(place, flags)
    if (flags.detach === true) return (await import('../serve/background.ts')).serveInBackground(place, flags)
    return (await import('../serve/foreground.ts')).serveInForeground(place, flags)
  })
}
