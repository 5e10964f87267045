import type { Command } from 'commander'
import type { GlobalFlags } from './act.ts'

/** The memory repo whose server is meant, and the human's environment. */
export interface Place {
  readonly memory: string
  readonly env: NodeJS.ProcessEnv
  /** What starts this command line on that memory repo. */
  readonly launcher: string
}

/** Returns the memory repo that the caller of a command means. @throws ControlError `memory.not_found` */
export async function findPlace(command: Command): Promise<Place> {
  const { memory } = command.optsWithGlobals<GlobalFlags>()
  const { findMemory } = await import('@signalbox/api')
  return { memory: await findMemory({ ...(memory === undefined ? {} : { memory }), cwd: process.cwd(), env: process.env }), env: process.env, launcher: 'signalbox' }
}
