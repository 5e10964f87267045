import type { ModelRequest } from './request.ts'
import type { Scenario, Turn } from './scenario.ts'

/** How far a scenario has been played, and what went wrong in it. */
export interface Lane {
  readonly scenario: Scenario
  /** What did not fit: a request without what its turn expects, a step for which no tool was offered. */
  readonly problems: string[]
  /** Index of the turn that comes next. */
  next: number
  /** How often that turn was served already. */
  served: number
  /** A search for a held-back tool was made; the turn is served again. */
  searched: boolean
}

/** Starts a scenario. */
export function createLane(scenario: Scenario): Lane {
  return { scenario, problems: [], next: 0, served: 0, searched: false }
}

const nothingMore: Turn = { steps: [{ say: 'Nothing more is scripted.' }] }

/** Requests that agents make beside their turn with the whole list of tools: suggestions, memory. */
const sidePatterns = [/Reply with ONLY the suggestion/, /## How to save memories/, /^\s*\[SUGGESTION MODE/]

/** Says whether a request is one of the agent's own work, which takes a turn. */
export function isMain(lane: Lane, request: ModelRequest): boolean {
  const last = request.users.at(-1) ?? ''
  const aside = [...sidePatterns, ...(lane.scenario.sideIf ?? [])].some((pattern) => pattern.test(last))
  return request.tools.length > 0 && !aside && (request.wantsJson === undefined || lane.scenario.structured === true)
}

/** Takes the next turn of a lane; `index` is undefined once they are over. */
export function takeTurn(lane: Lane, request: ModelRequest): { readonly turn: Turn; readonly index: number | undefined } {
  const turn = lane.scenario.turns?.[lane.next]
  if (turn === undefined) return { turn: lane.scenario.after ?? nothingMore, index: undefined }
  const index = lane.next
  lane.served += 1
  if (lane.served >= (turn.times ?? 1)) {
    lane.next += 1
    lane.served = 0
  }
  if (turn.expect !== undefined && !turn.expect.test(request.raw)) lane.problems.push(`turn ${index}: the request does not match ${String(turn.expect)}`)
  return { turn, index }
}
