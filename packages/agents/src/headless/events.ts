import type { AgentEvent, AgentEventOf } from '@signalbox/core'
import { clip } from '../output/clip.ts'
import { sentenceOf } from '../output/failure.ts'
import { asAmount } from '../output/json.ts'
import { planIn } from '../output/plan.ts'

/** Returns the event of a session that is known now. */
export function sessionEvent(id: string, resumed: boolean, model?: string, mode?: string): AgentEvent {
  return { type: 'session', id, how: resumed ? 'resumed' : 'new', model: nameOf(model), mode: nameOf(mode) }
}

function nameOf(text: string | undefined): string | null {
  return text === undefined ? null : clip(text, 200)
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

/** Returns the plan in what a todo tool is given; none when that is no list of entries. */
export function planEvents(todos: unknown): readonly AgentEvent[] {
  const plan = planIn(todos)
  return plan.entries.length === 0 ? [] : [plan]
}

/** Returns something a human should see that ends nothing. */
export function notice(level: 'info' | 'warning', text: string | undefined): AgentEvent {
  return { type: 'notice', level, text: sentenceOf(text ?? 'An error without a message') }
}
