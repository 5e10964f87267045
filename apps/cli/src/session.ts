import type { HumanFace } from '@signalbox/core'
import { useSmallFetchClasses } from './fetch-classes.ts'

/** A command's way to the control plane. */
export interface Session {
  readonly human: HumanFace
  close(): Promise<void>
}

/**
 * Opens the control plane of the memory repo that the caller means, and speaks to it through its own HTTP app in process:
 * the command line asks exactly what a server would be asked.
 * @throws ControlError `memory.not_found`, `git.*`
 */
export async function openSession(memory: string | undefined): Promise<Session> {
  useSmallFetchClasses()
  const api = await import('@signalbox/api')
  const dir = await api.findMemory({ ...(memory === undefined ? {} : { memory }), cwd: process.cwd(), env: process.env })
  const plane = await api.createControlPlane({ memory: dir, env: process.env })
  const app = api.createApp({ human: plane.human, onUnexpected: tellDeveloper })
  return { human: api.createClient({ fetch: app.request }), close: () => plane.close() }
}

/** Prints the stack of a bug for whoever asked for it; everybody else gets the sentence. */
function tellDeveloper(error: unknown): void {
  if (process.env['SIGNALBOX_DEBUG'] !== undefined) console.error(error)
}
