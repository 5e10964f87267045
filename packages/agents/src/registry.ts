import { ControlError } from '@signalbox/core'
import type { Agent } from './agent.ts'
import { demoAgent } from './demo.ts'
import { shellAgent } from './shell.ts'

/** Returns the agents that need nothing installed, by name. */
export function builtInAgents(): readonly Agent[] {
  return [demoAgent, shellAgent]
}

/**
 * Returns the agent called `name`.
 * @throws ControlError `agent.not_found`, naming the known ones
 */
export function findAgent(name: string, agents: readonly Agent[] = builtInAgents()): Agent {
  const found = agents.find((agent) => agent.name === name)
  if (found !== undefined) return found
  throw new ControlError('agent.not_found', `There is no agent called ${JSON.stringify(name)}`, {
    hint: agents.length === 0 ? 'No agents are known here' : `Known agents: ${agents.map((agent) => `${agent.name} (${agent.summary})`).join('; ')}`,
    data: { known: agents.map((agent) => agent.name) },
  })
}
