import type { AgentEvent, PermissionAnswer, PermissionRequest } from '@signalbox/core'
import type { Json } from '../output/json.ts'
import type { Verdict } from '../output/verdict.ts'

/** A question that waits for an answer: what is asked, and the line that answers it. */
export interface Ask {
  readonly request: PermissionRequest
  /** Not all of what it would do is in the request. */
  readonly isCut: boolean
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

/** Calls whose words are remembered until they are over. Many more than any agent has at a time. */
export const mostCalls = 500

/** What is read of a line that is known and says nothing worth keeping. */
export const nothing: Meaning = {}
