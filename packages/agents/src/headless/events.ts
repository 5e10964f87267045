import type { AgentEvent, AgentEventOf } from '@signalbox/core'
import { sentenceOf } from './failure.ts'
import { asAmount, asObjects, asText } from './json.ts'
import type { Verdict } from './parser.ts'
import { clip } from './tool-call.ts'

/** The ends that every agent tells in its own words. */
export const ends: Readonly<Record<'done' | 'length' | 'filtered', Verdict>> = {
  done: { stop: 'done', because: 'It said that its turn is over' },
  length: { stop: 'limit', because: 'The answer reached its limit of tokens' },
  filtered: { stop: 'refused', because: 'The model refused to go on' },
}

/** Returns the event of a session that is known now. */
export function sessionEvent(id: string, resumed: boolean, model?: string, mode?: string): AgentEvent {
  return { type: 'session', id, how: resumed ? 'resumed' : 'new', model: model ?? null, mode: mode ?? null }
}

/** What an agent counts, as it wrote it: what is no amount is left out. `cost` is in US dollars. */
export interface Counted {
  readonly input?: unknown
  readonly output?: unknown
  readonly cached?: unknown
  readonly cost?: unknown
}

/** Returns the event of what was used. */
export function usageEvent(scope: AgentEventOf<'usage'>['scope'], counted: Counted): AgentEvent {
  const [input, output, cached, cost] = [asAmount(counted.input), asAmount(counted.output), asAmount(counted.cached), asAmount(counted.cost)]
  return {
    type: 'usage',
    scope,
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(cached === undefined ? {} : { cached }),
    ...(cost === undefined ? {} : { cost: { amount: cost, currency: 'USD' } }),
  }
}

/** Returns what something amounts to where an agent counts apart what came from the cache. */
export function withCached(input: unknown, cached: unknown): number | undefined {
  const amount = asAmount(input)
  return amount === undefined ? undefined : amount + (asAmount(cached) ?? 0)
}

type PlanEntry = AgentEventOf<'plan'>['entries'][number]

/** Returns the plan in what a todo tool is given; none when that is no list of entries. */
export function planEvents(todos: unknown): readonly AgentEvent[] {
  const entries = asObjects(todos).map(({ content, status }): PlanEntry => ({ text: asText(content) ?? '', status: status === 'completed' || status === 'in_progress' ? status : 'pending' }))
  return entries.length === 0 ? [] : [{ type: 'plan', entries }]
}

/** Returns something a human should see that ends nothing. */
export function notice(level: 'info' | 'warning', text: string | undefined): AgentEvent {
  return { type: 'notice', level, text: clip(sentenceOf(text ?? 'An error without a message')) }
}
