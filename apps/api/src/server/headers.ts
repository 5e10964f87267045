import type { ServerResponse } from 'node:http'

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

const entries = Object.entries(securityHeaders)

/** Puts them on an answer before anything is written; an app behind it cannot forget them. */
export function putHeaders(response: ServerResponse): void {
  for (const [name, value] of entries) response.setHeader(name, value)
}
