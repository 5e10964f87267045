import { describe, expect, test } from 'vitest'
import { judge, type RequestFacts } from './guard.ts'

const port = 4711
const host = `127.0.0.1:${port}`

/** A request of the command line: it says whom it means, and no more. */
function asked(method: string, target: string, headers: readonly (readonly [string, string])[] = [['Host', host]]): RequestFacts {
  return { method, target, rawHeaders: headers.flat(), port }
}

/** A request with one Host and these headers. */
function withHeaders(method: string, target: string, ...headers: readonly (readonly [string, string])[]): RequestFacts {
  return asked(method, target, [['host', host], ...headers])
}

const json = ['content-type', 'application/json'] as const
const length = ['content-length', '2'] as const
const own = ['origin', `http://${host}`] as const
const site = (value: string) => ['sec-fetch-site', value] as const
const modeOnly = ['sec-fetch-mode', 'cors'] as const

const passes: readonly (readonly [string, RequestFacts])[] = [
  ['a page', asked('GET', '/')],
  ['a page by another name of this machine', asked('GET', '/', [['host', `localhost:${port}`]])],
  ['a page by its IPv6 address', asked('GET', '/', [['host', `[::1]:${port}`]])],
  ['the port of HTTP, which browsers leave out', { ...asked('GET', '/', [['host', 'localhost']]), port: 80 }],
  ['a deep link from another site', withHeaders('GET', '/runs/R0001?file=a..b', site('cross-site'), ['sec-fetch-mode', 'navigate'], ['sec-fetch-dest', 'document'])],
  ['reading as a page of ours', withHeaders('GET', '/api/tasks', site('same-origin'))],
  ['reading by typing the address', withHeaders('GET', '/api/tasks', site('none'))],
  ['writing as a page of ours', withHeaders('POST', '/api/tasks', own, site('same-origin'), json, length)],
  ['writing as a program', withHeaders('POST', '/api/tasks', json, length)],
  ["writing by Node's own fetch", withHeaders('POST', '/api/tasks', modeOnly, json, length)],
  ['writing in UTF-8', withHeaders('PATCH', '/api/tasks/T0001', ['content-type', 'application/json; charset=UTF-8'], length)],
  ['writing without a body', withHeaders('POST', '/api/runs/R0001/seal', ['content-length', '0'])],
  ['a body in chunks', withHeaders('POST', '/api/tasks', json, ['transfer-encoding', 'chunked'])],
]
test.each(passes)('lets %s through', (_what, facts) => {
  expect(judge(facts)).toBeUndefined()
})

const refusals: readonly (readonly [number, string, RequestFacts])[] = [
  [421, 'no Host', asked('GET', '/', [])],
  [421, 'two Hosts', asked('GET', '/', [['host', host], ['Host', host]])],
  [421, 'a name that resolves to us', asked('GET', '/', [['host', `rebound.example:${port}`]])],
  [421, 'no port', asked('GET', '/', [['host', '127.0.0.1']])],
  [421, 'another port', asked('GET', '/', [['host', '127.0.0.1:4712']])],
  [421, 'another spelling of loopback', asked('GET', '/', [['host', `127.1:${port}`]])],
  [421, 'every interface', asked('GET', '/', [['host', `0.0.0.0:${port}`]])],
  [421, 'a trailing dot', asked('GET', '/', [['host', `localhost.:${port}`]])],
  [421, 'a user before the host', asked('GET', '/', [['host', `a@127.0.0.1:${port}`]])],
  [421, 'two hosts in one', asked('GET', '/', [['host', `${host}, ${host}`]])],
  [421, 'a rebound static file', asked('GET', '/assets/a.js', [['host', 'evil.example']])],
  [421, 'an absolute target', asked('GET', `http://${host}/`)],
  [421, 'the target of a proxy', asked('CONNECT', host)],
  [421, 'an asterisk', asked('OPTIONS', '*')],
  [400, 'two slashes', asked('GET', '//evil.example/')],
  [400, 'dot segments', asked('GET', '/assets/../../etc/passwd')],
  [400, 'a dot segment that stays', asked('GET', '/./assets/a.js')],
  [400, 'encoded dots', asked('GET', '/%2e%2E/etc/passwd')],
  [400, 'encoded slashes', asked('GET', '/..%2f..%2fetc/passwd')],
  [400, 'dots encoded twice', asked('GET', '/%252e%252e/x')],
  [400, 'a backslash', asked('GET', '/..\\x')],
  [400, 'an encoded backslash', asked('GET', '/a%5c..%5cx')],
  [400, 'a NUL', asked('GET', '/a%00.js')],
  [400, 'overlong UTF-8', asked('GET', '/%c0%ae%c0%ae/x')],
  [400, 'a half escape', asked('GET', '/%2')],
  [400, 'a fragment', asked('GET', '/#x')],
  [403, 'another origin', withHeaders('GET', '/', ['origin', 'http://127.0.0.1:5173'])],
  [403, 'an origin by another name', withHeaders('GET', '/', ['origin', `http://localhost:${port}`])],
  [403, 'an origin over TLS', withHeaders('GET', '/', ['origin', `https://${host}`])],
  [403, 'an opaque origin', withHeaders('GET', '/', ['origin', 'null'])],
  [403, 'two origins', withHeaders('GET', '/', own, own)],
  [403, 'a preflight of another origin', withHeaders('OPTIONS', '/api/tasks', ['origin', 'http://evil.example'], ['access-control-request-method', 'POST'])],
  [405, 'a preflight', withHeaders('OPTIONS', '/api/tasks', ['access-control-request-method', 'POST'])],
  [405, 'TRACE', asked('TRACE', '/')],
  [405, 'PUT', withHeaders('PUT', '/api/tasks/T0001', json, length)],
  [405, 'a lower-case method', asked('get', '/')],
  [405, 'writing outside the API', withHeaders('POST', '/', json, length)],
  [403, 'a script of ours in a page of another site', withHeaders('GET', '/assets/a.js', site('cross-site'), ['sec-fetch-mode', 'no-cors'], ['sec-fetch-dest', 'script'])],
  [403, 'a page of ours in a frame of another port', withHeaders('GET', '/', site('same-site'), ['sec-fetch-mode', 'navigate'], ['sec-fetch-dest', 'iframe'])],
  [403, 'a page fetched by another site', withHeaders('GET', '/', site('cross-site'), modeOnly, ['sec-fetch-dest', 'empty'])],
  [403, 'a call that another site leads to', withHeaders('GET', '/api/tasks', site('cross-site'), ['sec-fetch-mode', 'navigate'], ['sec-fetch-dest', 'document'])],
  [403, 'reading by another site', withHeaders('GET', '/api/tasks', site('cross-site'))],
  [403, 'reading by another port', withHeaders('GET', '/api/tasks', site('same-site'))],
  [403, 'reading by two sites', withHeaders('GET', '/api/tasks', site('same-origin'), site('same-origin'))],
  [403, 'writing by another site', withHeaders('POST', '/api/tasks', site('cross-site'), json, length)],
  [403, 'writing by a typed address', withHeaders('POST', '/api/tasks', site('none'), json, length)],
  [403, 'writing with an origin and no site', withHeaders('POST', '/api/tasks', own, json, length)],
  [403, 'writing by a form of a browser', withHeaders('POST', '/api/tasks', ['sec-fetch-mode', 'navigate'], json, length)],
  [403, 'writing with a destination only', withHeaders('POST', '/api/tasks', ['sec-fetch-dest', 'empty'], json, length)],
  [400, 'a body to read', withHeaders('GET', '/api/tasks', length)],
  [400, 'chunks to read', withHeaders('GET', '/api/tasks', ['transfer-encoding', 'chunked'])],
  [415, 'a form', withHeaders('POST', '/api/tasks', ['content-type', 'application/x-www-form-urlencoded'], length)],
  [415, 'text', withHeaders('POST', '/api/tasks', ['content-type', 'text/plain'], length)],
  [415, 'a form without a body', withHeaders('POST', '/api/runs/R0001/seal', ['content-type', 'text/plain'])],
  [415, 'a body of no type', withHeaders('DELETE', '/api/repos/api', length)],
  [415, 'two types', withHeaders('POST', '/api/tasks', json, ['content-type', 'text/plain'], length)],
  [415, 'what begins like JSON', withHeaders('POST', '/api/tasks', ['content-type', 'application/json-seq'], length)],
  [415, 'another charset', withHeaders('POST', '/api/tasks', ['content-type', 'application/json; charset=utf-7'], length)],
  [415, 'a compressed body', withHeaders('POST', '/api/tasks', json, length, ['content-encoding', 'gzip'])],
  [413, 'more than a megabyte', withHeaders('POST', '/api/tasks', json, ['content-length', String((1 << 20) + 1)])],
]
describe('turns away', () => {
  test.each(refusals)('with %d: %s', (status, _what, facts) => {
    expect(judge(facts)).toMatchObject({ status, error: { message: expect.stringMatching(/^[A-Z]/), hint: expect.stringMatching(/^[A-Z]/) } })
  })

  test('without a word that says what answers', () => {
    for (const [, , facts] of refusals) expect(JSON.stringify(judge(facts))).not.toMatch(/signalbox/i)
  })

  test('a request for another host before it looks at anything else', () => {
    expect(judge(asked('PUT', '//x', [['host', 'evil.example'], ['origin', 'null']]))?.status).toBe(421)
  })
})
