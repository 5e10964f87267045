import * as z from 'zod'
import type { AgentEventOf } from './agent-event.ts'

/** What an agent says it used: tokens in and out, and money where it says so. */
export const spentSchema = z.object({ tokens: z.number().nonnegative(), cost: z.object({ amount: z.number().nonnegative(), currency: z.string() }).nullable() })
export type Spent = z.infer<typeof spentSchema>

/** What a run may use before a human is asked; what is absent is not limited. */
export const spendingLimitsSchema = z.object({
  tokens: z.int().positive().optional(),
  /** In whatever currency its agent counts. */
  cost: z.number().positive().optional(),
})
export type SpendingLimits = z.infer<typeof spendingLimitsSchema>

/** Sums by what they are the sum of: agents tell of steps, of turns, of the session so far, or of several of these. */
export type UsageSums = Readonly<Record<AgentEventOf<'usage'>['scope'], Spent>>

const nothing: Spent = { tokens: 0, cost: null }
export const noUsage: UsageSums = { step: nothing, turn: nothing, session: nothing }

/** Returns the sums after one more word about usage. Of a session the latest word is all of it. */
export function addUsage(sums: UsageSums, { scope, input = 0, output = 0, cost }: AgentEventOf<'usage'>): UsageSums {
  const before = sums[scope]
  const told = { tokens: input + output, cost: cost ?? null }
  if (scope === 'session') return { ...sums, session: { tokens: Math.max(before.tokens, told.tokens), cost: larger(before.cost, told.cost) } }
  return { ...sums, [scope]: { tokens: before.tokens + told.tokens, cost: told.cost === null ? before.cost : { amount: (before.cost?.amount ?? 0) + told.cost.amount, currency: told.cost.currency } } }
}

/** Returns what was used, by the sum that says most: each is of the same, and none counts more than there was. Undefined where nothing was said. */
export function spentOf(sums: UsageSums): Spent | undefined {
  const all = Object.values(sums)
  const tokens = Math.max(...all.map((one) => one.tokens))
  const cost = all.reduce<Spent['cost']>((most, one) => larger(most, one.cost), null)
  return tokens === 0 && cost === null ? undefined : { tokens, cost }
}

/** Says which limit is passed, as a clause; undefined while none is. */
export function findOverspent(limits: SpendingLimits, spent: Spent | undefined): string | undefined {
  if (limits.tokens !== undefined && (spent?.tokens ?? 0) > limits.tokens) return `it used ${spent?.tokens} of ${limits.tokens} tokens`
  if (limits.cost !== undefined && (spent?.cost?.amount ?? 0) > limits.cost) return `it used ${spent?.cost?.amount.toFixed(2)} ${spent?.cost?.currency} of ${limits.cost}`
  return undefined
}

/** Returns the limits of a run that may use as much again as it has. */
export function raiseLimits({ tokens, cost }: SpendingLimits, by: SpendingLimits, spent: Spent | undefined): SpendingLimits {
  return {
    ...(tokens === undefined ? {} : { tokens: Math.max(tokens, spent?.tokens ?? 0) + (by.tokens ?? 0) }),
    ...(cost === undefined ? {} : { cost: Math.max(cost, spent?.cost?.amount ?? 0) + (by.cost ?? 0) }),
  }
}

function larger(one: Spent['cost'], other: Spent['cost']): Spent['cost'] {
  if (one === null || other === null) return one ?? other
  return other.amount > one.amount ? other : one
}
