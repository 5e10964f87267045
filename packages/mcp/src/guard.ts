import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Where the tools are. */
export const toolPath = '/mcp'

/** Why a request is turned away before anything of it is read. */
export interface Turned {
  readonly status: 401 | 403 | 404 | 421
  readonly because: string
}

/** Returns why a request is turned away; undefined lets it through. In this order: whom it is meant for, where it comes from, who asks, for what. */
export function judge({ headers, rawHeaders, url }: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url'>, host: string, token: string): Turned | undefined {
  const hosts = rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host')
  if (hosts.length !== 1 || hosts[0] !== host) return { status: 421, because: 'This request is meant for another host' }
  // A page of a browser asks: no page has business here.
  if (headers.origin !== undefined) return { status: 403, because: 'This request comes from a web page' }
  if (!isToken(headers.authorization, token)) return { status: 401, because: 'This request brings no token of this run' }
  if (url !== toolPath) return { status: 404, because: `Tools are at ${toolPath}` }
  return undefined
}

/** Compares in a time that tells nothing about the token. */
function isToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`))
}
