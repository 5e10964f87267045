import type { HumanFace } from '@signalbox/core'
import type { Command } from 'commander'
import { show, type Shown } from './output.ts'
import { openSession } from './session.ts'

/** Flags every command takes. */
export interface GlobalFlags {
  readonly json?: true
  readonly memory?: string
}

/**
 * Returns the action of a command: open the control plane, ask, show what came back, close.
 * `work` gets the arguments and options that the command declared, in commander's order.
 */
export function act<A extends readonly unknown[]>(work: (human: HumanFace, ...args: A) => Promise<Shown>): (this: Command, ...args: A) => Promise<void> {
  return async function (this: Command, ...args: A): Promise<void> {
    const { json, memory } = this.optsWithGlobals<GlobalFlags>()
    const session = await openSession(memory)
    try {
      const shown = await work(session.human, ...args)
      show(shown, json === true)
      if (shown.exitCode !== undefined) process.exitCode = shown.exitCode
    } finally {
      await session.close()
    }
  }
}
