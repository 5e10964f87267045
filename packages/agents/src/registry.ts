import type { Agent } from '@signalbox/core'
import { demoAgent } from './demo.ts'
import { shellAgent } from './shell.ts'

/** Returns the agents that need nothing installed, by name. */
export function builtInAgents(): readonly Agent[] {
  return [demoAgent, shellAgent]
}
