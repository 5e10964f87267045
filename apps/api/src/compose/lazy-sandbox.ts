import { dirname } from 'node:path'
import type { Sandbox } from '@signalbox/orchestrator'

/** Returns the sandbox of this machine; its code is loaded at the first sandboxed run, for most never are. */
export function createLazySandbox(env: Readonly<Record<string, string | undefined>>, stateRoot: string): Sandbox {
  const load = async (): Promise<Sandbox> => {
    const { createSandbox } = await import('@signalbox/sandbox')
    return createSandbox({ env, hide: [stateRoot], programs: [dirname(import.meta.dirname)] })
  }
  return { findHindrance: async () => (await load()).findHindrance(), confine: async (command) => (await load()).confine(command) }
}
