import type { IncomingMessage, ServerResponse } from 'node:http'
import { envelopeOf } from '../error-envelope.ts'
import type { Refusal } from './refusal.ts'
import { securityHeaders } from './secure-response.ts'

/** Milliseconds the rest of a refused body is read and dropped: a connection cut at once would take the answer with it. */
const lingerMs = 1_000

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

/** Turns a request away. What it still sends is dropped, and not for long. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  if (refusal.status === 401) response.setHeader('www-authenticate', 'Bearer')
  // Whoever is turned away keeps no connection; where a body is still to come, it is ended below.
  if (request.complete) response.setHeader('connection', 'close')
  sendJson(response, refusal.status, envelopeOf(refusal.error))
  if (request.complete) return
  const cut = setTimeout(() => request.socket.destroy(), lingerMs)
  request.once('close', () => clearTimeout(cut)).resume()
}

/** Returns a whole answer as bytes for the wire: for requests that never became one. */
export function rawRefusal({ status, error }: Refusal, reason: string): string {
  const body = JSON.stringify(envelopeOf(error))
  const headers = { ...securityHeaders, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${reason}`, ...lines, '', body].join('\r\n')
}
