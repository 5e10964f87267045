import * as z from 'zod'
import type { Agent } from './agent-port.ts'

/** What a human may say of an agent's home: `auto` is theirs, and beside it a folder of the run for what the agent keeps, where it needs no login of theirs. */
export const homeChoiceSchema = z.enum(['auto', 'own', 'shared'])
export type HomeChoice = z.infer<typeof homeChoiceSchema>

/**
 * The home an agent has. `own`: one of the run alone, in which it finds nothing of the human's. `kept`: the human's, but the folder that the
 * agent keeps its settings and sessions in is of the run. `shared`: the human's.
 */
export const runHomeSchema = z.enum(['own', 'kept', 'shared'])
export type RunHome = z.infer<typeof runHomeSchema>

/** Says which home an agent gets: as its human chose, else by whether one of its keys is in the environment. */
export function resolveHome({ otherwise, agents }: { readonly otherwise: HomeChoice; readonly agents: Readonly<Record<string, HomeChoice>> }, { name, keys = [] }: Pick<Agent, 'name' | 'keys'>, env: Readonly<Record<string, string | undefined>>): RunHome {
  const choice = Object.hasOwn(agents, name) ? agents[name] : undefined
  if (choice === 'own' || choice === 'shared') return choice
  if (choice === undefined && otherwise !== 'auto') return otherwise
  return keys.some((key) => (env[key] ?? '') !== '') ? 'kept' : 'shared'
}
