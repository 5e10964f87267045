import { addUsage, findOverspent, noUsage, raiseLimits, spentOf, type AgentEventOf, type SpendingLimits, type Spent } from '@signalbox/core'

/** What a run may use, and what its agent says it used so far. */
export interface Budget {
  take(event: AgentEventOf<'usage'>): void
  spent(): Spent | undefined
  /** Which limit is passed, as a clause; undefined while none is. */
  overspent(): string | undefined
  /** Fires once a limit is passed; another one after it was raised. */
  over(): AbortSignal
  /** Lets as much again be used. */
  raise(): void
}

/** Opens the budget of one run. */
export function openBudget(granted: SpendingLimits): Budget {
  let sums = noUsage
  let limits = granted
  let over = new AbortController()
  const overspent = (): string | undefined => findOverspent(limits, spentOf(sums))
  return {
    take: (event) => {
      sums = addUsage(sums, event)
      const current = over
      // A turn that ends with this word is over by itself.
      if (overspent() !== undefined) setImmediate(() => current.abort())
    },
    spent: () => spentOf(sums),
    overspent,
    over: () => over.signal,
    raise: () => {
      limits = raiseLimits(limits, granted, spentOf(sums))
      over = new AbortController()
    },
  }
}

/** Tells whether an answer to the question whether an agent may go on is a yes. Whatever else it says, the run ends in order. */
export function isYes(answer: string): boolean {
  return /^\W*(go on|yes|yeah|y|ok|okay|sure|continue|go ahead)\b/i.test(answer)
}
