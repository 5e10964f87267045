import { ServerResponse, type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, type RequestListener } from 'node:http'

/**
 * What a page may load and do: scripts, styles and calls of its own origin, nothing inline, nothing of others, no frames.
 * `built` is the one Trusted Types policy of our pages, for templates compiled into their scripts.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types built',
].join('; ')

/** The headers of every answer, refusals and files included. There is none of CORS: no other origin is ever granted anything. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

type Own = OutgoingHttpHeaders | OutgoingHttpHeader[]

/** An answer of the server: whoever writes it, and whatever that forgets, it begins with the headers of every answer. */
export class SecureResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  /** Whether it is a stream of events: it never ends by itself, and its reader comes back with the id of what it saw last. */
  isStream = false

  override writeHead(status: number, reason?: string, own?: Own): this
  override writeHead(status: number, own?: Own): this
  override writeHead(status: number, reason?: string | Own, more?: Own): this {
    const [text, own] = typeof reason === 'string' ? [reason, more] : [undefined, reason]
    if (Array.isArray(own)) throw new TypeError('headers are given as an object')
    const headers: OutgoingHttpHeaders = { ...securityHeaders, ...own }
    this.isStream = headers['content-type'] === 'text/event-stream'
    return text === undefined ? super.writeHead(status, headers) : super.writeHead(status, text, headers)
  }
}

/** What answers with them. */
export type SecureListener = RequestListener<typeof IncomingMessage, typeof SecureResponse>
