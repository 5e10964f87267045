import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import type { Gates } from './gates.ts'
import type { Lane } from './lane.ts'
import type { ModelRequest } from './request.ts'
import type { ModelError, ModelUsage, Pause, Turn } from './scenario.ts'
import { partOf, type Part } from './tools.ts'
import { errorBody, wholeAnswer, writeStream } from './write.ts'

/** How a request ended: `client_closed` means its agent went before the answer was whole. */
export type Outcome = 'pending' | 'completed' | 'client_closed' | 'dropped' | 'error'

/** What a turn is served with. */
export interface Serving {
  readonly request: ModelRequest
  readonly response: ServerResponse
  readonly gates: Gates
  /** Fires when the caller is gone. */
  readonly gone: AbortSignal
}

/** Answers a request with a turn; returns how it ended and what was sent. */
export async function serveTurn(serving: Serving, lane: Lane, { turn, index }: { readonly turn: Turn; readonly index: number | undefined }): Promise<{ readonly outcome: Outcome; readonly sent: readonly Part[] }> {
  const failure = turn.steps.find((step) => 'error' in step)
  if (failure !== undefined && 'error' in failure) {
    serveError(serving, failure.error)
    return { outcome: 'error', sent: [] }
  }
  const sent = findParts(serving.request, lane, turn, index)
  const usage = { ...usageOf(serving.request), ...turn.usage }
  const answer: Answer = { parts: sent, model: serving.request.model, usage, finish: turn.finish }
  const outcome = serving.request.stream ? await serveStream(serving, answer, turn.slow ?? 0) : await serveWhole(serving, answer)
  return { outcome: serving.gone.aborted && outcome === 'completed' ? 'client_closed' : outcome, sent }
}

/** Answers with one JSON value. */
export function serveJson(response: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(value))
}

function serveError({ request, response }: Serving, error: ModelError): void {
  serveJson(response, error.status, errorBody(request.wire, error), error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) })
}

function findParts(request: ModelRequest, lane: Lane, turn: Turn, index: number | undefined): readonly Part[] {
  const parts: Part[] = []
  for (const step of turn.steps) {
    if ('error' in step) continue
    const part = partOf(step, request, lane.searched)
    if (part?.type === 'call' && part.searches === true) {
      lane.searched = true
      if (index !== undefined) lane.next = index
      return [part]
    }
    if ('mcp' in step) lane.searched = false
    if (part === undefined) lane.problems.push(`turn ${index ?? 'after'}: no tool for ${Object.keys(step)[0]} among ${request.tools.map((tool) => tool.name).join(', ')}`)
    parts.push(part ?? { type: 'text', text: `(no tool offered for ${Object.keys(step)[0]})` })
  }
  return parts
}

function usageOf(request: ModelRequest): ModelUsage {
  return { input: 100 + Math.round(request.raw.length / 400), output: 20, cached: 0 }
}

async function serveStream(serving: Serving, answer: Answer, slow: number): Promise<Outcome> {
  const { response, gone, request } = serving
  if (!isSilent(answer)) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    response.flushHeaders()
  }
  for (const written of isSilent(answer) ? [answer.parts[0].pause] : writeStream(request.wire, answer)) {
    if (gone.aborted) return 'client_closed'
    if (typeof written === 'string') {
      response.write(written)
      if (slow > 0) await sleep(slow)
    } else if ('drop' in written) {
      // What stands before it has to reach the caller first: destroying throws away what is still buffered.
      await new Promise<void>((done) => response.write('', () => done()))
      await sleep(100)
      response.destroy()
      return 'dropped'
    } else if (await pause(serving, written)) return 'client_closed'
  }
  response.end()
  return 'completed'
}

async function serveWhole(serving: Serving, answer: Answer): Promise<Outcome> {
  for (const part of answer.parts) {
    if (part.type !== 'pause') continue
    if ('drop' in part.pause) {
      serving.response.destroy()
      return 'dropped'
    }
    if (await pause(serving, part.pause)) return 'client_closed'
  }
  serveJson(serving.response, 200, wholeAnswer(serving.request.wire, answer))
  return 'completed'
}

/** A hang that nothing stands before: not even the status line is sent. */
function isSilent(answer: Answer): answer is Answer & { readonly parts: readonly [Extract<Part, { readonly type: 'pause' }>] } {
  const [first] = answer.parts
  return first?.type === 'pause' && 'hang' in first.pause
}

/** Waits as a pause says; true when the caller is gone. */
async function pause({ gates, gone }: Serving, wanted: Exclude<Pause, { readonly drop: true }>): Promise<boolean> {
  if ('gate' in wanted) await gates.wait(wanted.gate, gone)
  else if ('waitMs' in wanted) await sleep(wanted.waitMs)
  else if (!gone.aborted) await new Promise((done) => gone.addEventListener('abort', done, { once: true }))
  return gone.aborted
}
