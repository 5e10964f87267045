import { clip } from './clip.ts'
import type { Retry, Verdict } from './verdict.ts'

/** Characters of a failure that are looked at and kept. Nobody reads more of one, and to look for words in text without an end takes time without an end. */
const mostText = 4_000

/** Words of providers for: it takes no more for now. A status alone is not asked, for ports and line numbers look like one. */
const busy = /rate.?limit|too many requests|usage limit|quota|overloaded|resource.?exhausted|limit (?:was |has been )?reached|\b(?:status|code|error|http)\W{0,3}(?:429|529)\b|^(?:429|529)\b/i

const busyStatuses: readonly (number | undefined)[] = [429, 529]

/** Returns how a turn ended that failed: `quota` when the provider takes no more for now, else `error`. `status`: of HTTP, where the agent names it. */
export function verdictOfFailure(whole: string, status?: number): Verdict {
  const text = clip(whole, mostText)
  const because = sentenceOf(text) || 'It failed and did not say why'
  return busyStatuses.includes(status) || busy.test(text) ? { stop: 'quota', because, retry: findRetry(text) } : { stop: 'error', because }
}

/** Returns the sentence in a failure: many pass the body of the provider on as it came. */
export function sentenceOf(whole: string): string {
  const text = clip(whole, mostText)
  const inner = /"message"\s*:\s*("(?:[^"\\]|\\.)+")/.exec(text)?.[1]
  if (inner === undefined) return text.trim()
  try {
    return String(JSON.parse(inner)).trim()
  } catch {
    // Cut off, or escaped twice: then as it came.
    return text.trim()
  }
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Returns when it may be tried again, where a text says: an instant, seconds since 1970 behind a bar, or a duration. */
function findRetry(text: string): Retry | undefined {
  const epoch = /\|(\d{10})\b/.exec(text)?.[1]
  if (epoch !== undefined) return retryAt(Number(epoch) * 1000)
  const instant = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/.exec(text)?.[0]
  if (instant !== undefined) return retryAt(Date.parse(instant))
  const said = /(?:again|retry|resets?|wait)\w*\s+(?:in|after|for)\s+((?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|d|days?|h|hours?|m|min|minutes?|s|sec|seconds?)\b[\s,]*(?:and\s+)?)+)/i.exec(text)?.[1]
  if (said === undefined) return undefined
  const parts = [...said.matchAll(/(\d+(?:\.\d+)?)\s*(ms|milliseconds?|[dhms])/gi)]
  const afterMs = Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unitOf(unit ?? '')] ?? 0), 0))
  return retryAfter(afterMs)
}

/** Returns the wait in milliseconds; `undefined` for one that is none, or is longer than is believed. */
export function retryAfter(ms: number): Retry | undefined {
  return ms >= 0 && ms <= longestWaitMs ? { afterMs: ms } : undefined
}

/** Returns the instant (milliseconds since 1970) to try again at; `undefined` when it is none a clock can show. */
export function retryAt(ms: number): Retry | undefined {
  return Number.isFinite(ms) && ms >= 0 && ms < lastInstantMs ? { at: new Date(ms).toISOString() } : undefined
}

/** Milliseconds: nobody is told to wait for more than a year, and a date has an end. */
const longestWaitMs = 366 * 86_400_000
const lastInstantMs = 8.64e15

function unitOf(text: string): string {
  const unit = text.toLowerCase()
  return unit.startsWith('ms') || unit.startsWith('mil') ? 'ms' : unit.slice(0, 1)
}
