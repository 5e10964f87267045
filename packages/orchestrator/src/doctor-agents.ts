import { nameUpTo5, type Agent, type AgentView, type Run } from '@signalbox/core'
import { readAgents, viewAgents, type AgentServices } from './agents.ts'
import type { DoctorLine } from './doctor-line.ts'
import type { Services } from './services.ts'

/** Who names an agent, and what it needs. One that nobody names, and that is not installed, is nobody's trouble. */
interface Naming {
  /** `signalbox.yaml` does, as a command. */
  readonly own: boolean
  /** Runs of open tasks, which may go on. */
  readonly runs: readonly string[]
  /** Somebody counts on it, and it has a home where nobody is logged in: the variables of which none is set, though one is needed. */
  readonly lacking: readonly string[]
}

/** Returns the runs that an agent may go on with: those of open tasks. */
export async function findOpenRuns({ memory }: Pick<Services, 'memory'>, runs: readonly Run[]): Promise<readonly Run[]> {
  const { records } = await memory.list('task')
  const open = new Set(records.filter(({ status }) => status !== 'done' && status !== 'dropped').map(({ id }) => id))
  return runs.filter(({ task, takesBack }) => open.has(task) && takesBack === undefined)
}

/** Says of the agents that are installed, or named by the settings or by one of these runs, whether they are here, and how to log in. */
export async function diagnoseAgents(services: AgentServices, runs: readonly Pick<Run, 'id' | 'agent'>[]): Promise<readonly DoctorLine[]> {
  const [agents, known, config] = await Promise.all([viewAgents(services), readAgents(services), services.memory.readConfig()])
  const used = new Map<string, string[]>()
  for (const { id, agent } of runs) used.set(agent, [...(used.get(agent) ?? []), id])
  const namingOf = (name: string): Naming => {
    const isCounted = used.has(name) || Object.hasOwn(config.homes.agents, name)
    return { own: Object.hasOwn(config.agents, name), runs: used.get(name) ?? [], lacking: isCounted ? findLacking(services, known.find((agent) => agent.name === name)) : [] }
  }
  const strangers = [...used.keys()].filter((name) => agents.every((agent) => agent.name !== name))
  return [summarize(agents), ...agents.flatMap((agent) => describe(agent, namingOf(agent.name)) ?? []), ...strangers.map((name) => describeStranger(name, namingOf(name)))]
}

function summarize(agents: readonly AgentView[]): DoctorLine {
  const installed = agents.filter(({ presence }) => presence !== null && presence.program !== null)
  const needing = agents.filter(({ presence }) => presence !== null)
  return { code: 'agent', subject: 'agents', state: 'ok', message: `${installed.length} of the ${needing.length} agents that need a program are installed here`, remedy: 'See what each can do: signalbox agents' }
}

function describe({ name, home, presence }: AgentView, { own, runs, lacking }: Naming): DoctorLine | undefined {
  if (presence === null) return undefined
  const line = { code: 'agent', subject: name } as const
  const { program, version, hint } = presence
  if (program === null && own) return { ...line, state: 'problem', message: 'signalbox.yaml names it, and its program is not here', remedy: hint }
  if (program === null) return runs.length === 0 ? undefined : { ...line, state: 'warning', message: `it is not installed here, so ${nameUpTo5(runs)} cannot go on with it`, remedy: hint }
  // A command of theirs is never asked its version.
  if (own) return { ...line, state: 'ok', message: program, remedy: null }
  if (version === null) return { ...line, state: 'warning', message: `${program} is there and does not say its version, so it may not start`, remedy: hint }
  if (home === 'own' && lacking.length > 0) return { ...line, state: 'warning', message: `${version}, ${program}. It has a home of its own, where nobody is logged in, and no key is set that it takes instead`, remedy: `Set one of ${lacking.join(', ')}, or let it have your home: homes in signalbox.yaml` }
  return { ...line, state: 'ok', message: `${version}, ${program}. ${hint}`, remedy: null }
}

/** Returns the variables that stand for a login, where none of them is set. */
function findLacking({ env }: AgentServices, agent: Agent | undefined): readonly string[] {
  const keys = agent?.keys ?? []
  return keys.some((key) => (env[key] ?? '') !== '') ? [] : keys
}

function describeStranger(name: string, { runs }: Pick<Naming, 'runs'>): DoctorLine {
  return { code: 'agent', subject: name, state: 'warning', message: `no agent has this name any more, so ${nameUpTo5(runs)} cannot go on with it`, remedy: `Name it again below agents in signalbox.yaml, or start a new run with one that \`signalbox agents\` lists` }
}
