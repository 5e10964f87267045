import { clip } from '../output/clip.ts'
import { verdictOfFailure } from '../output/failure.ts'
import { asText, lookUp } from '../output/json.ts'
import { ends, type TurnEnd } from '../output/verdict.ts'
import { verdictOfRpcError } from './failure.ts'
import type { AcpQuirks } from './profile.ts'
import { PeerGone, RpcError, RpcTimeout } from './rpc.ts'
import { NoSession } from './session.ts'

/** Returns how a turn ended that was answered. `refused` is the title of what was refused last, with nothing begun since. */
export function endOfAnswer(answer: unknown, lastText: string, refused: string | undefined, quirks: AcpQuirks): TurnEnd {
  const reason = asText(lookUp(answer, 'stopReason')) ?? 'nothing'
  const stopped = refused === undefined ? undefined : ({ stop: 'refused', because: `It stopped when it was refused: ${refused}`, source: 'event' } as const)
  switch (reason) {
    case 'end_turn':
      if (quirks.errorAsText?.test(lastText.trim()) === true) return { ...verdictOfFailure(lastText), source: 'event', where: 'model' }
      return (quirks.rejectEndsTurn ? stopped : undefined) ?? { ...ends.done, source: 'event' }
    case 'cancelled':
      return stopped ?? { stop: 'cancelled', because: 'It says that it was cancelled', source: 'event' }
    case 'max_tokens':
      return { ...ends.length, source: 'event' }
    case 'max_turn_requests':
      return { stop: 'limit', because: 'The turn reached its limit of requests', source: 'event' }
    case 'refusal':
      return { ...ends.filtered, source: 'event' }
    default:
      return { stop: 'error', because: `It ended its turn for a reason this version does not know: ${clip(reason, 100)}`, source: 'event', where: 'protocol' }
  }
}

/** Returns how a turn ended that was not answered with an end of its own; `undefined` for a fault that is not the agent's. */
export function endOfFailure(error: unknown): TurnEnd | undefined {
  if (error instanceof RpcError) return { ...verdictOfRpcError(error), source: 'event', where: 'model', code: String(error.code) }
  if (error instanceof NoSession) {
    const verdict = error.cause instanceof RpcError ? verdictOfRpcError(error.cause) : undefined
    return { stop: 'error', ...(verdict?.stop === 'quota' ? verdict : {}), because: error.message, source: 'event', where: error.where, ...(error.cause instanceof RpcError ? { code: String(error.cause.code) } : {}) }
  }
  if (error instanceof RpcTimeout) return { stop: 'error', because: error.message, source: 'inferred', where: 'protocol' }
  if (!(error instanceof PeerGone)) return undefined
  if (error.how === 'broken') return { stop: 'error', because: error.message, source: 'inferred', where: 'protocol' }
  return { stop: 'lost', because: 'Its program ended before its turn did', source: 'exit', where: 'agent' }
}
