import { isApiPath, judgeTarget, pathOf } from './target.ts'
import { denied, invalid, type Refusal } from './refusal.ts'

/** What is known of a request before anything of it is acted on. */
export interface RequestFacts {
  readonly method: string
  /** The request target as it stands in the request line. */
  readonly target: string
  /** Names and values in turn, as they arrived; repeated ones too. */
  readonly rawHeaders: readonly string[]
  /** Port the connection came in by. */
  readonly port: number
}

/** Bytes a request body may have. */
export const maxBodyBytes = 1 << 20

const reading = new Set(['GET', 'HEAD'])
const writing = new Set(['POST', 'PATCH', 'DELETE'])
const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i
/** Headers by lower-case name, with every value. */
type Headers = ReadonlyMap<string, readonly string[]>
type Rule = (facts: RequestFacts, headers: Headers) => Refusal | undefined

/**
 * Returns why a request is turned away before it is routed; undefined lets it through to the question who sends it.
 * In this order: whom it is meant for, what it asks for, where it comes from, what it brings.
 */
export function judge(facts: RequestFacts): Refusal | undefined {
  const headers = headersOf(facts.rawHeaders)
  for (const rule of rules) {
    const refusal = rule(facts, headers)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Returns every value of one header. */
export function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}

const rules: readonly Rule[] = [
  ({ port }, headers) => {
    const [host, ...more] = headers.get('host') ?? []
    if (host !== undefined && more.length === 0 && isOurs(host, port)) return undefined
    return denied(421, 'This request is meant for another host', 'Ask 127.0.0.1, localhost or [::1], with the port, in one Host header')
  },
  ({ target }) => judgeTarget(target),
  (_facts, headers) => {
    const origins = headers.get('origin') ?? []
    if (origins.length === 0 || (origins.length === 1 && origins[0] === `http://${headers.get('host')?.[0]}`)) return undefined
    return denied(403, 'This request comes from another origin', 'Only pages of this server may ask it')
  },
  ({ method, target }) => {
    if (reading.has(method) || (isApiPath(pathOf(target)) && writing.has(method))) return undefined
    return invalid(405, `${/^[A-Z]{1,16}$/.test(method) ? method : 'This method'} is not answered here`, 'Use GET to read, and POST, PATCH or DELETE below /api to change something')
  },
  judgeSite,
  judgeBody,
]

/** A browser says which site made it ask: calls are made by our pages only, and pages of others may only lead to ours. */
function judgeSite({ method, target }: RequestFacts, headers: Headers): Refusal | undefined {
  if (!isFromBrowser(headers)) return undefined
  const sites = headers.get('sec-fetch-site') ?? []
  if (sites.length === 1 && sites[0] === 'same-origin') return undefined
  // Reading by typing an address, or in a browser that does not say: without a token neither gets anything.
  if (reading.has(method) && (sites.length === 0 || (sites.length === 1 && sites[0] === 'none'))) return undefined
  if (!isApiPath(pathOf(target)) && headers.get('sec-fetch-dest')?.join() === 'document') return undefined
  return denied(403, 'This request was made by another site', 'Only pages of this server may ask it')
}

/** Only browsers send an Origin or say who made them ask. Node's own fetch says `sec-fetch-mode: cors` and nothing else. */
function isFromBrowser(headers: Headers): boolean {
  for (const [name, values] of headers) {
    if (name === 'origin' || (name.startsWith('sec-fetch-') && !(name === 'sec-fetch-mode' && values.join() === 'cors'))) return true
  }
  return false
}

function judgeBody({ method }: RequestFacts, headers: Headers): Refusal | undefined {
  const [length = '0'] = headers.get('content-length') ?? []
  const brings = headers.has('transfer-encoding') || length !== '0'
  if (brings && reading.has(method)) return invalid(400, `${method} takes no body`, 'Put what is asked for into the path and the query')
  const types = headers.get('content-type') ?? []
  const isJson = types.length === 1 && jsonType.test(types[0] ?? '')
  if (writing.has(method) && (brings || types.length > 0) && !isJson) return invalid(415, 'A body has to be application/json', 'Send JSON in UTF-8, and say so in one Content-Type')
  if (headers.has('content-encoding')) return invalid(415, 'A body has to be sent as it is', 'Send it without Content-Encoding')
  if (Number(length) > maxBodyBytes) return tooLarge
  return undefined
}

/** The refusal of a body over the limit, by whatever way it is noticed. */
export const tooLarge = invalid(413, `A body may have ${maxBodyBytes} bytes`, 'Send less')

const hostNames = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Tells whether a Host header means this server; a browser leaves out the port that HTTP has by itself. */
function isOurs(host: string, port: number): boolean {
  const suffix = `:${port}`
  return (host.endsWith(suffix) && hostNames.has(host.slice(0, -suffix.length))) || (port === 80 && hostNames.has(host))
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Map<string, string[]>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name, value] = [raw[at]?.toLowerCase() ?? '', raw[at + 1] ?? '']
    const known = headers.get(name)
    if (known === undefined) headers.set(name, [value])
    else known.push(value)
  }
  return headers
}
