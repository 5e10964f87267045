import type { Place } from '../server-place.ts'
import { startDaemon } from './daemon.ts'
import { portOf, type ServeFlags } from './flags.ts'
import { openBrowser } from './open-browser.ts'
import { printAddress, printLink } from './print.ts'

/** Starts a server that goes on when this command has returned. */
export async function serveInBackground(place: Place, flags: ServeFlags): Promise<void> {
  const port = portOf(flags.port)
  const running = await startDaemon(place, [...(port === undefined ? [] : ['--port', String(port)]), ...(flags.host === undefined ? [] : ['--host', flags.host]), ...(flags.stopRuns === true ? ['--stop-runs'] : [])])
  const { createLink } = await import('@signalbox/api/server')
  const link = await createLink(place)
  if (flags.json === true) printAddress(running)
  else printLink(place, link.link, `End it: ${place.launcher} serve --stop`)
  if (flags.open === true) await openBrowser(place, link)
}
