import { retryAfter, retryAt, verdictOfFailure } from '../output/failure.ts'
import { isObject } from '../output/json.ts'
import type { Retry, Verdict } from '../output/verdict.ts'
import type { RpcError } from './rpc.ts'

const statusKeys: ReadonlySet<string> = new Set(['code', 'status', 'statusCode', 'status_code', 'httpStatus', 'httpStatusCode'])
const delayKey = /^retry[-_]?after$/i
const instantKey = /^(resets?|retry)[-_]?at$/i

/** Returns how a turn ended that was answered with an error: what came along with it counts, too, for the message alone is often "Internal error". */
export function verdictOfRpcError(error: RpcError): Verdict {
  const facts = factsIn(error.data)
  const texts = facts.flatMap(([, value]) => (typeof value === 'string' && value.includes(' ') && !error.message.includes(value) ? [value] : []))
  const statuses = [...facts.filter(([key]) => statusKeys.has(key)).map(([, value]) => Number(value)), error.code]
  const verdict = verdictOfFailure([error.message, ...texts].join(': '), statuses.find((status) => status >= 400 && status < 600))
  return verdict.stop === 'quota' ? { ...verdict, retry: retryIn(facts) ?? verdict.retry } : verdict
}

/** Looks into what came along, which can be anything: a few levels and keys of it. */
function factsIn(data: unknown, depth = 0): readonly (readonly [string, unknown])[] {
  if (typeof data === 'string') return [['', data]]
  if (!isObject(data) || depth > 4) return []
  return Object.entries(data)
    .slice(0, 40)
    .flatMap(([key, value]) => (isObject(value) ? factsIn(value, depth + 1) : [[key, value] as const]))
    .slice(0, 80)
}

function retryIn(facts: readonly (readonly [string, unknown])[]): Retry | undefined {
  for (const [key, value] of facts) {
    if (typeof value !== 'number' && typeof value !== 'string') continue
    const number = value === '' ? Number.NaN : Number(value)
    // Seconds of a delay; an instant in seconds or milliseconds: of the ones that matter, no number means both.
    const retry = delayKey.test(key) ? retryAfter(number * 1_000) : instantKey.test(key) ? retryAt(Number.isNaN(number) ? Date.parse(String(value)) : number < 1e11 ? number * 1_000 : number) : undefined
    if (retry !== undefined) return retry
  }
  return undefined
}
