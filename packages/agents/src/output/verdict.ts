import type { AgentEventOf, Conversation, ConversationEnd, StopReason } from '@signalbox/core'

/** How a turn ended, as the agent's own words tell. */
export interface Verdict {
  readonly stop: StopReason
  readonly because: string
  /** When it may work again: an instant, or milliseconds from when this was said. */
  readonly retry?: Retry | undefined
}

export type Retry = { readonly at: string } | { readonly afterMs: number }

/** The ends that every agent tells in its own words. */
export const ends: Readonly<Record<'done' | 'length' | 'filtered', Verdict>> = {
  done: { stop: 'done', because: 'It said that its turn is over' },
  length: { stop: 'limit', because: 'The answer reached its limit of tokens' },
  filtered: { stop: 'refused', because: 'The model refused to go on' },
}

/** How a turn ended, who said so, and where the fault lies if there is one. */
export interface TurnEnd extends Verdict, Pick<AgentEventOf<'turn'>, 'source'> {
  readonly where?: AgentEventOf<'error'>['where'] | undefined
  readonly code?: string
}

/** Says how the turn ended: to who listens, and to who called. */
export function conclude(talk: Pick<Conversation, 'emit'>, { stop, because, source, where, code, retry }: TurnEnd, session: string | undefined): ConversationEnd {
  const retryAt = retry === undefined ? {} : { retryAt: 'at' in retry ? retry.at : new Date(Date.now() + retry.afterMs).toISOString() }
  if (where !== undefined) talk.emit({ type: 'error', where, text: because, ...(code === undefined ? {} : { code }), ...retryAt })
  talk.emit({ type: 'turn', stop, because, source })
  return { stop, because, session, ...retryAt }
}
