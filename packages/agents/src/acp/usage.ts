import type { AgentEventOf } from '@signalbox/core'
import { asAmount, asText, lookUp, type Json } from '../output/json.ts'
import type { AcpQuirks } from './profile.ts'

type Usage = AgentEventOf<'usage'>

/** Returns what an update says of the window and the cost: `usage_update`, cumulative over the session. */
export function readUsageUpdate(update: Json): Usage | undefined {
  const [used, size] = [asAmount(update['used']), asAmount(update['size'])]
  const [amount, currency] = [asAmount(lookUp(update, 'cost', 'amount')), asText(lookUp(update, 'cost', 'currency'))]
  const context = used === undefined || size === undefined ? undefined : { used, size }
  const cost = amount === undefined || currency === undefined ? undefined : { amount, currency }
  if (context === undefined && cost === undefined) return undefined
  return { type: 'usage', scope: 'session', ...(context === undefined ? {} : { context }), ...(cost === undefined ? {} : { cost }) }
}

/** Returns the tokens in a message, under whichever of the names agents have for them; all of the input, with what came from the cache. */
export function readTokens(counts: unknown, scope: Usage['scope'], cachedApart: boolean): Usage | undefined {
  const counted = asAmount(lookUp(counts, 'inputTokens') ?? lookUp(counts, 'input_tokens'))
  const output = asAmount(lookUp(counts, 'outputTokens') ?? lookUp(counts, 'output_tokens'))
  const cached = asAmount(lookUp(counts, 'cachedReadTokens'))
  if (counted === undefined && output === undefined) return undefined
  const input = counted === undefined || !cachedApart ? counted : counted + (cached ?? 0)
  return { type: 'usage', scope, ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }), ...(cached === undefined ? {} : { cached }) }
}

/** Returns the tokens of a turn as the answer to its prompt says them: by the draft of the protocol, or as a note beside it. */
export function readTurnUsage(answer: unknown, { usageScope, cachedApart }: Pick<AcpQuirks, 'usageScope' | 'cachedApart'>): Usage | undefined {
  return readTokens(lookUp(answer, 'usage'), usageScope, cachedApart) ?? readTokens(lookUp(answer, '_meta', 'quota', 'token_count'), usageScope, cachedApart)
}
