import manifest from '../../package.json' with { type: 'json' }
import { note } from '../output.ts'
import type { Place } from '../server-place.ts'
import { visible } from '../untrusted.ts'
import { portOf, type ServeFlags } from './flags.ts'
import { openBrowser } from './open-browser.ts'
import { printAddress, printLink } from './print.ts'

/** Serves until somebody ends it, by Ctrl-C or a signal; runs go on unless it was asked to end them. */
export async function serveInForeground(place: Place, flags: ServeFlags): Promise<void> {
  const ended = waitForEnd()
  const [{ createLink, serveMemory, stopRuns }, { webFiles }] = await Promise.all([import('@signalbox/api/server'), import('@signalbox/web')])
  const server = await serveMemory({ ...place, port: portOf(flags.port), host: flags.host, files: webFiles, version: manifest.version, note: log, onUnexpected: (error) => log(stackOf(error)) })
  try {
    if (flags.json === true) printAddress(server)
    if (flags.json !== true || flags.open === true) {
      const link = await createLink(place)
      if (flags.json !== true) printLink(place, link.link, `Ctrl-C ends the server${flags.stopRuns === true ? ' and its runs' : '; runs go on'}`)
      if (flags.open === true) await openBrowser(place, link)
    }
    await ended
    if (flags.stopRuns === true) await stopRuns(server.human)
  } finally {
    await server.close()
  }
}

/** Resolves at the first signal that asks to end; a second one ends at once, as everywhere. */
function waitForEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}

function log(line: string): void {
  note(`${new Date().toISOString()} ${visible(line)}`)
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
