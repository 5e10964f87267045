import { ControlError, resolveHome, type Agent, type AgentView } from '@signalbox/core'
import { atMost } from './at-most.ts'
import type { Services } from './services.ts'

/** What names agents, and where their programs are looked for. */
export type AgentServices = Pick<Services, 'agents' | 'templateAgent' | 'env'> & { readonly memory: Pick<Services['memory'], 'readConfig'> }

/** Programs that are asked for their version at a time. */
const detectedAtOnce = 2

/** Returns the agents a run may name: those of the settings first, in place of built-in ones of the same name. */
export async function readAgents({ memory, agents, templateAgent }: Omit<AgentServices, 'env'>): Promise<readonly Agent[]> {
  const own = Object.entries((await memory.readConfig()).agents).map(([name, template]) => templateAgent(name, template))
  return [...own, ...agents.filter(({ name }) => own.every((mine) => mine.name !== name))]
}

/** Returns the agents a run may name, with what of them is on this machine. */
export async function viewAgents(services: AgentServices): Promise<readonly AgentView[]> {
  const { homes } = await services.memory.readConfig()
  return atMost(detectedAtOnce, await readAgents(services), async (agent) => ({
    name: agent.name,
    summary: agent.summary,
    home: resolveHome(homes, agent, services.env),
    abilities: agent.abilities ?? null,
    presence: (await agent.detect?.(services.env)) ?? null,
  }))
}

/** Returns the agent of this name, which can be started here. @throws ControlError `agent.not_found`, `agent.not_installed` with how to install it */
export async function findInstalled(services: AgentServices, name: string): Promise<Agent> {
  const agent = findAgent(await readAgents(services), name)
  const presence = await agent.detect?.(services.env)
  if (presence?.program === null) throw new ControlError('agent.not_installed', `The agent ${name} is not installed here`, { hint: presence.hint })
  return agent
}

/** Returns the agent of this name. @throws ControlError `agent.not_found` naming those there are */
export function findAgent(agents: readonly Agent[], name: string): Agent {
  const agent = agents.find((candidate) => candidate.name === name)
  if (agent === undefined) {
    throw new ControlError('agent.not_found', `There is no agent ${JSON.stringify(name)}`, { hint: `Known agents: ${agents.map((known) => `${known.name} (${known.summary})`).join('; ')}` })
  }
  return agent
}
