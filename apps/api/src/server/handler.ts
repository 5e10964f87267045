import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { ControlError, messageOf } from '@signalbox/core'
import { refuse, sendJson } from './answer.ts'
import { readBody } from './body.ts'
import { createRecognise, type Recognise } from './callers.ts'
import { denied, type Refusal } from './refusal.ts'
import { describeSession, maxLaunchBytes, openSession, sessionPath, type Served } from './session.ts'
import type { ServerState } from './server-state.ts'
import { isApiPath, pathOf } from './target.ts'
import type { Authority, FindAuthority } from './tokens.ts'

type Respond = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export interface HandlerParts {
  readonly state: ServerState
  readonly served: Served
  readonly findAuthority: FindAuthority
  /** Answers paths outside the API. */
  readonly files: Respond
  /** The app a token leads to. An agent's is another one than a human's: what is not in it cannot be reached. */
  readonly appOf: (authority: Authority) => Respond
  /** Gets lines for a log. */
  readonly note: (line: string) => void
}

/**
 * Returns what answers every request: the guard, then files, or the question who asks, then the body, then an app. No
 * answer before that question says what product this is.
 */
export function createHandler(parts: HandlerParts): RequestListener {
  const all = { ...parts, recognise: createRecognise() }
  return (request, response) => {
    answer(all, request, response).catch((error: unknown) => {
      if (!request.socket.destroyed) parts.note(`${request.method ?? ''} ${pathOf(request.url ?? '')} failed: ${messageOf(error)}`)
      refuse(request, response, unanswered)
    })
  }
}

const unanswered: Refusal = { status: 500, error: new ControlError('internal.unexpected', 'This could not be answered', { hint: 'Look at the log of the server, and try again' }) }
const stranger: Refusal = denied(401, 'This needs a token', 'Send Authorization: Bearer and a token, or open a fresh link')

async function answer(parts: HandlerParts & { readonly recognise: Recognise }, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const caller = parts.recognise(request)
  if ('status' in caller) return refuse(request, response, caller)
  const { method = '', url: target = '' } = request
  const path = pathOf(target)
  if (!isApiPath(path)) return parts.files(request, response)
  if (path === sessionPath && method === 'POST') return signIn(parts, request, response)
  const authority = await parts.findAuthority(caller.token)
  if (authority === undefined) return refuse(request, response, stranger)
  if (path === sessionPath && (method === 'GET' || method === 'HEAD')) return sendJson(response, 200, describeSession(authority, parts.served))
  if (method !== 'GET' && method !== 'HEAD') {
    const body = await readBody(request)
    if ('status' in body) return refuse(request, response, body)
    // What the apps' listener takes in place of reading the request once more.
    Object.assign(request, { rawBody: body.bytes })
  }
  await parts.appOf(authority)(request, response)
}

async function signIn({ state }: HandlerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, maxLaunchBytes)
  const outcome = 'status' in body ? body : await openSession(state, body.value, new Date())
  if ('status' in outcome) refuse(request, response, outcome)
  else sendJson(response, 201, outcome)
}
