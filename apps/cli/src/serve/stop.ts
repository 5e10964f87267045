import type { Place } from '../server-place.ts'
import type { ServeFlags } from './flags.ts'
import { printEither } from './print.ts'

/** Ends the server that runs, and with `--stop-runs` the runs it leaves: no page can start another one then. */
export async function stop(place: Place, flags: ServeFlags): Promise<void> {
  const [{ createControlPlane }, { stopRuns, stopServer }] = await Promise.all([import('@signalbox/api'), import('@signalbox/api/server')])
  const { url, pid } = await stopServer(place)
  const stopped = flags.stopRuns === true ? await endRuns() : []
  printEither({ url, pid, stoppedRuns: stopped }, `The server at ${url} has ended${stopped.length === 0 ? '' : `, and ${stopped.join(', ')}`}`, flags)

  async function endRuns(): Promise<readonly string[]> {
    const plane = await createControlPlane(place)
    try {
      return await stopRuns(plane.human)
    } finally {
      await plane.close()
    }
  }
}
