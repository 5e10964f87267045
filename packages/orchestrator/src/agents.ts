import { ControlError, type Agent } from '@signalbox/core'

/** Returns the agent of this name. @throws ControlError `agent.not_found` naming those there are */
export function findAgent(agents: readonly Agent[], name: string): Agent {
  const agent = agents.find((candidate) => candidate.name === name)
  if (agent === undefined) {
    throw new ControlError('agent.not_found', `There is no agent ${JSON.stringify(name)}`, { hint: `Known agents: ${agents.map((known) => `${known.name} (${known.summary})`).join('; ')}` })
  }
  return agent
}
