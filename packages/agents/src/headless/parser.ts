import type { AgentEvent, PermissionAnswer, PermissionRequest, StopReason } from '@signalbox/core'
import type { Json } from './json.ts'

/** How a turn ended, as the agent's own words tell. */
export interface Verdict {
  readonly stop: StopReason
  readonly because: string
  /** When it may work again: an instant, or milliseconds from when this was said. */
  readonly retry?: Retry | undefined
}

export type Retry = { readonly at: string } | { readonly afterMs: number }

/** A question that waits for an answer: what is asked, and the line that answers it. */
export interface Ask {
  readonly request: PermissionRequest
  readonly reply: (answer: PermissionAnswer) => string
}

/** What one line means. */
export interface Meaning {
  readonly events?: readonly AgentEvent[]
  readonly ask?: Ask
  /** A question of this id is not open any more: the agent took it back. */
  readonly withdrawn?: string | undefined
  /** A line that is due at once, whatever else it means. */
  readonly reply?: string
}

/** Reads the lines of one agent, of one turn; it only reads, and needs neither clock nor files. */
export interface LineParser {
  /** Returns what a line means; `undefined` when this version does not know it. */
  read(line: Json): Meaning | undefined
  /** How the turn ended by what was read so far; `undefined` while it goes on. A later line may make it go on again. */
  verdict(): Verdict | undefined
  /** The agent's own session, once it is known. */
  session(): string | undefined
}

/** What is read of a line that is known and says nothing worth keeping. */
export const nothing: Meaning = {}
