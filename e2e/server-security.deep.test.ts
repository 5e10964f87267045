import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { gateForm, tokenForm } from './harness/contract.ts'
import { open, sendLines, sendRaw, type RawAnswer } from './harness/raw-http.ts'
import { serveWorld, type ServedWorld } from './harness/served-world.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

let world: World
let server: ServedWorld
let api: string
/** The human's token, and that of the agent of R0001. */
let human: string
let agent: string

beforeAll(async () => {
  world = await createWorld()
  api = world.source('api', { 'file.txt': 'before\n' })
  await addRepo(world, 'api', api)
  for (const title of ['First', 'Second']) await newTask(world, title, '--repo', 'api')
  await runScript(world, 'T0001', 'echo one > file.txt')
  await runScript(world, 'T0002', 'echo two > file.txt')
  server = await serveWorld(world)
  human = (await world.ask(tokenForm, ['token'])).token
  agent = (await world.ask(tokenForm, ['token', '--role', 'agent', '--run', 'R0001'])).token
})
afterAll(async () => {
  await server.stop()
  await world.close()
})

/** Sends a well-formed request of a program with more or other headers. */
function ask(method: string, target: string, { token, headers = [], body }: { readonly token?: string; readonly headers?: readonly string[]; readonly body?: string } = {}): Promise<RawAnswer> {
  const given = headers.map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(given.includes('host') ? [] : [`Host: 127.0.0.1:${server.port}`]),
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === undefined || given.includes('content-type') ? [] : ['Content-Type: application/json']),
    ...(body === undefined || given.includes('transfer-encoding') || given.includes('content-length') ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...headers,
  ]
  return sendLines(server.port, lines, body)
}

/** What must be on every answer, by name. */
const promised: Readonly<Record<string, RegExp>> = {
  'cache-control': /^no-store$/,
  'content-security-policy': /default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'referrer-policy': /^no-referrer$/,
  'x-content-type-options': /^nosniff$/,
}

/** Requires what holds for every answer, and for one without a token that it does not say what answers. */
function expectSafe(answer: RawAnswer, authorized = false): void {
  for (const [name, form] of Object.entries(promised)) expect(answer.headers[name], `${name} of ${answer.text.slice(0, 80)}`).toMatch(form)
  expect(Object.keys(answer.headers).filter((name) => /^access-control-|^server$|^x-powered-by$|^set-cookie$/.test(name))).toEqual([])
  if (!authorized) expect(answer.text).not.toMatch(/signalbox/i)
}

async function tasks(): Promise<string> {
  const { status, body } = await ask('GET', '/api/tasks', { token: human })
  expect(status).toBe(200)
  return body
}

/** Every request here is refused with this status, changes nothing, and says nothing to strangers. */
function refuses(rows: readonly (readonly [status: number | readonly number[], what: string, send: () => Promise<RawAnswer>])[]): void {
  it.each(rows.map(([status, what, send]) => ({ status, what, send })))('$what', async ({ status, send }) => {
    const before = await tasks()
    const answer = await send()
    expect([status].flat()).toContain(answer.status)
    expectSafe(answer, true)
    expect(answer.body).not.toMatch(/T0001|file\.txt/)
    expect(await tasks()).toBe(before)
  })
}

const writing = '{"title":"Made by somebody else"}'

describe('whom a request is meant for', () => {
  const hosts = ['evil.example', 'localhost', '127.0.0.1', '127.0.0.1:1', '0.0.0.0:PORT', '127.1:PORT', '2130706433:PORT', '0x7f000001:PORT', '127.0.0.1.evil.example:PORT', 'localhost.:PORT', '[::ffff:127.0.0.1]:PORT', 'evil.example:PORT', 'user@127.0.0.1:PORT', '127.0.0.1:PORT, evil.example', '']
  refuses(
    hosts.flatMap((host) =>
      ['/', '/assets/x.js', '/api/tasks', '/api/events'].map((path) => [421, `${path} of ${JSON.stringify(host)} is misdirected`, () => ask('GET', path, { token: human, headers: [`Host: ${host.replace('PORT', String(server.port))}`] })] as const),
    ),
  )
  refuses([
    [421, 'no Host is misdirected', () => sendLines(server.port, ['GET /api/tasks HTTP/1.1', `Authorization: Bearer ${human}`])],
    [421, 'HTTP/1.0 without a Host is misdirected', () => sendLines(server.port, ['GET / HTTP/1.0'])],
    [421, 'two Hosts are misdirected', () => ask('GET', '/api/tasks', { token: human, headers: [`Host: 127.0.0.1:${server.port}`, 'Host: evil.example'] })],
    [421, 'two equal Hosts are misdirected', () => ask('GET', '/', { headers: [`Host: 127.0.0.1:${server.port}`, `Host: 127.0.0.1:${server.port}`] })],
    [421, 'an absolute target is misdirected', () => ask('GET', `http://127.0.0.1:${server.port}/api/tasks`, { token: human })],
    [421, 'an absolute target of somebody else is misdirected', () => ask('GET', 'http://evil.example/', { token: human })],
    [[400, 421], 'an asterisk is misdirected', () => ask('OPTIONS', '*', { token: human })],
    [421, 'an upgrade for another host is misdirected', () => ask('GET', '/api/events', { token: human, headers: ['Host: evil.example', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='] })],
  ])

  it('a tunnel gets no byte', async () => {
    expect((await sendLines(server.port, [`CONNECT 127.0.0.1:${server.port} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`])).text).toBe('')
  })

  it('the three names of this machine are answered', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) expect((await ask('GET', '/', { headers: [`Host: ${host}:${server.port}`] })).status).toBe(200)
  })
})

describe('where a request comes from', () => {
  const own = (): string => `Origin: http://127.0.0.1:${server.port}`
  const foreign = ['http://evil.example', 'null', 'http://127.0.0.1:5173', 'https://127.0.0.1', 'http://localhost:1', 'file://', 'chrome-extension://abc', '']
  refuses(foreign.flatMap((origin) => [
    [403, `reading with origin ${JSON.stringify(origin)} is refused`, () => ask('GET', '/api/tasks', { token: human, headers: [`Origin: ${origin}`] })],
    [403, `writing with origin ${JSON.stringify(origin)} is refused`, () => ask('POST', '/api/tasks', { token: human, headers: [`Origin: ${origin}`, 'Sec-Fetch-Site: same-origin'], body: writing })],
    [403, `a preflight with origin ${JSON.stringify(origin)} gets no grant`, () => ask('OPTIONS', '/api/tasks', { headers: [`Origin: ${origin}`, 'Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: authorization'] })],
    [403, `a stream with origin ${JSON.stringify(origin)} gives no event`, () => ask('GET', '/api/events', { token: human, headers: [`Origin: ${origin}`, 'Accept: text/event-stream'] })],
  ] as const))
  refuses([
    ...['cross-site', 'same-site', 'none'].map((site) => [403, `writing by ${site} is refused`, () => ask('POST', '/api/tasks', { token: human, headers: [`Sec-Fetch-Site: ${site}`], body: writing })] as const),
    [403, 'writing with our origin and no site is refused', () => ask('POST', '/api/tasks', { token: human, headers: [own()], body: writing })],
    [403, 'reading by another site is refused', () => ask('GET', '/api/tasks', { token: human, headers: ['Sec-Fetch-Site: cross-site'] })],
    [403, 'a socket by another site is refused', () => ask('GET', '/api/events', { token: human, headers: ['Sec-Fetch-Site: same-site', 'Connection: Upgrade', 'Upgrade: websocket'] })],
    [[405], 'a preflight of our own is refused', () => ask('OPTIONS', '/api/tasks', { token: human })],
    [403, 'the trade of a code by another site is refused', () => ask('POST', '/api/session', { headers: ['Origin: http://evil.example', 'Sec-Fetch-Site: cross-site'], body: '{"code":"x"}' })],
  ])

  it('a page of ours may write', async () => {
    expect((await ask('PATCH', '/api/tasks/T0002', { token: human, headers: [own(), 'Sec-Fetch-Site: same-origin'], body: '{"priority":2}' })).status).toBe(200)
  })
})

/** What an OpenAPI document says of calls. */
const described = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

interface Call {
  readonly method: string
  readonly path: string
}

/** Every call that is described, with these ids in its path. */
async function describedCalls(run: string): Promise<readonly Call[]> {
  const { paths } = described.parse(JSON.parse((await ask('GET', '/api/openapi.json', { token: human })).body))
  const ids: readonly (readonly [RegExp, string])[] = [[/\/runs\/\{id\}/, `/runs/${run}`], [/\/tasks\/\{id\}/, '/tasks/T0001'], [/\/handoffs\/\{id\}/, '/handoffs/H0001'], [/\{name\}/, 'api'], [/\{n\}/, '1'], [/\{id\}/, 'N0001']]
  return Object.entries(paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => ({ method: method.toUpperCase(), path: ids.reduce((text, [form, id]) => text.replace(form, id), path) })))
}

function call({ method, path }: Call, token: string | undefined): Promise<RawAnswer> {
  return ask(method, path, { ...(token === undefined ? {} : { token }), ...(method === 'GET' ? {} : { body: '{}' }) })
}

describe('who asks', () => {
  it('nobody gets anything of any call without a token, or with one that is none', async () => {
    const calls = await describedCalls('R0001')
    expect(calls.length).toBeGreaterThan(30)
    const strangers = [undefined, '', 'x', human.slice(1), `${human.slice(0, -1)}${human.endsWith('A') ? 'B' : 'A'}`, 'A'.repeat(43), `${human}, ${human}`]
    for (const one of calls) {
      for (const token of strangers) {
        const answer = await call(one, token)
        expect({ ...one, token, status: answer.status }).toEqual({ ...one, token, status: 401 })
        expectSafe(answer)
      }
    }
  })

  it('no cookie, query, other scheme or second header carries authority', async () => {
    const tries = [
      ask('GET', '/api/tasks', { headers: [`Cookie: token=${human}; authorization=${human}`] }),
      ask('GET', `/api/tasks?token=${human}&access_token=${human}&authorization=Bearer%20${human}`),
      ask('GET', '/api/tasks', { headers: [`Authorization: Basic ${Buffer.from(`x:${human}`).toString('base64')}`] }),
      ask('GET', '/api/tasks', { headers: [`Authorization: ${human}`] }),
      ask('GET', '/api/tasks', { token: human, headers: [`Authorization: Bearer ${agent}`] }),
      ask('GET', '/api/tasks', { headers: [`X-Authorization: Bearer ${human}`, `Proxy-Authorization: Bearer ${human}`] }),
    ]
    for (const answer of await Promise.all(tries)) expect(answer.status).toBe(401)
  })

  it('pages and their errors do not say what answers, and every answer has the same headers', async () => {
    const page = await ask('GET', '/')
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page.body)?.[1] ?? expect.unreachable('the page has no script')
    const style = /href="(\/assets\/[^"]+\.css)"/.exec(page.body)?.[1] ?? expect.unreachable('the page has no style')
    for (const path of ['/', '/runs/R0001', script, style, '/assets/none.js', '/favicon.ico', '/api', '/api/', '/api/none', '/api/session', '/api/health', '/api/openapi.json']) expectSafe(await ask('GET', path))
    for (const answer of [await ask('POST', '/api/session', { body: '{"code":"x"}' }), await ask('POST', '/api/session', { body: '{' }), await ask('PUT', '/'), await sendRaw(server.port, 'nonsense\r\n\r\n')]) expectSafe(answer)
    expect(page.body).not.toMatch(/<script(?![^>]* src="\/)[^>]*>|\son\w+=|\sstyle=/)
  })

  it('a link lets exactly one in, once', async () => {
    const code = (await server.link()).split('#code=')[1] ?? ''
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask('POST', '/api/session', { body: JSON.stringify({ code }) })))
    const tokens = answers.filter(({ status }) => status === 201).map(({ body }) => tokenForm.omit({ format: true }).parse(JSON.parse(body)).token)
    expect(tokens).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(9)
    const session = await ask('GET', '/api/session', { token: tokens[0] ?? '' })
    expect(JSON.parse(session.body)).toMatchObject({ role: 'ui', run: null, product: 'Signalbox', program: 'signalbox', version: expect.any(String), memory: { name: 'memory', path: world.memory } })
  })

  it('tokens and codes are in no file, log or output but the one that was asked for them', async () => {
    const secrets = [human, agent, (await server.link()).split('#code=')[1] ?? expect.unreachable('there is no code')]
    for (const folder of [world.state, world.memory, api]) {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      for (const file of files) for (const secret of secrets) expect(readFileSync(file, 'latin1').includes(secret), file).toBe(false)
    }
    for (const path of ['/', '/api/tasks', '/api/nothing', '/api/session', '/api/doctor']) {
      const { text } = await ask('GET', path, { token: human })
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
    const running = readFileSync(`/proc/${String(serverPid())}/cmdline`, 'latin1') + readFileSync(`/proc/${String(serverPid())}/environ`, 'latin1')
    for (const secret of secrets) expect(running).not.toContain(secret)
  })
})

function serverPid(): number {
  const [name = ''] = readdirSync(world.state).filter((entry) => entry.startsWith('memory-'))
  return z.object({ pid: z.int() }).parse(JSON.parse(readFileSync(join(world.state, name, 'server.json'), 'utf8'))).pid
}

describe('the token of an agent', () => {
  it('reaches its own run, tasks and decisions to read, and of every described call nothing else, of its own run or another', async () => {
    const before = { tasks: await tasks(), main: git(api, 'rev-parse', 'main'), log: git(world.memory, 'rev-parse', 'HEAD') }
    const reached: string[] = []
    for (const run of ['R0001', 'R0002']) {
      for (const one of await describedCalls(run)) {
        const answer = await call(one, agent)
        if (answer.status !== 403) reached.push(`${one.method} ${one.path} ${String(answer.status)}`)
        else expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'access.denied' } })
      }
    }
    // Search without a word, and a decision by the id of a note, are bad requests of calls that it may make.
    expect([...new Set(reached)].toSorted()).toEqual(['GET /api/decisions 200', 'GET /api/decisions/N0001 400', 'GET /api/runs/R0001 200', 'GET /api/runs/R0001/events 200', 'GET /api/runs/R0001/findings 200', 'GET /api/runs/R0001/packet 200', 'GET /api/search 400', 'GET /api/tasks 200', 'GET /api/tasks/T0001 200'])
    expect({ tasks: await tasks(), main: git(api, 'rev-parse', 'main'), log: git(world.memory, 'rev-parse', 'HEAD') }).toEqual(before)
  })

  it('proposes a task, which becomes a draft of its run, and cannot do so for another', async () => {
    const body = JSON.stringify({ title: 'Count dimes', repos: ['api'] })
    const answer = await ask('POST', '/api/runs/R0001/proposals', { token: agent, body })
    expect(answer.status).toBe(201)
    expect(JSON.parse(answer.body)).toMatchObject({ title: 'Count dimes', status: 'draft', labels: ['proposed'], links: ['R0001'] })
    expect((await ask('POST', '/api/runs/R0002/proposals', { token: agent, body })).status).toBe(403)
    expect((await ask('POST', '/api/runs/R0001/proposals', { token: human, body })).status).toBe(404)
  })

  it('drafts a handoff of its run in its own name, with our facts and its claims', async () => {
    const answer = await ask('POST', '/api/runs/R0001/handoffs', { token: agent, body: '{"what":"Wrote one","next":"Review it","claims":["all tests pass"]}' })
    expect(answer.status).toBe(201)
    expect(JSON.parse(answer.body)).toMatchObject({ task: 'T0001', run: 'R0001', by: 'shell, in R0001', evidence: { changed: [{ repo: 'api', files: ['file.txt'] }], validation: [{ kind: 'claim', text: 'all tests pass' }] } })
    expect((await ask('POST', '/api/runs/R0001/handoffs', { token: human, body: '{"what":"x","next":"y"}' })).status).toBe(404)
  })

  it.each(['/api/runs/R0001%2f..%2fR0002', '/api/runs/R0001/../R0002', '/api/runs/R0002?id=R0001', '/api/runs/R0001%00', '/api//runs/R0002', '/api/runs/R0002/', '/API/runs/R0002', '/%61pi/runs/R0002', '/api/runs/R0002;R0001'])('reads no other run by %s', async (path) => {
    const answer = await ask('GET', path, { token: agent, headers: ['X-HTTP-Method-Override: POST', 'X-Original-URL: /api/runs/R0002', 'X-Forwarded-Host: 127.0.0.1'] })
    expect(answer.body).not.toContain('R0002.s1')
  })
})

describe('an approval', () => {
  it('names the digest and every target head, or is refused', async () => {
    const gate = await world.ask(gateForm, ['gate', 'R0001'], 4)
    const heads = { api: git(api, 'rev-parse', 'main') }
    const bad = [{}, { digest: gate.digest }, { targetHeads: heads }, { digest: gate.digest, targetHeads: {} }, { digest: 'f'.repeat(64), targetHeads: heads }, { digest: gate.digest, targetHeads: { api: 'c'.repeat(40) } }, { digest: gate.digest, targetHeads: { web: heads.api } }]
    for (const named of bad) {
      for (const [path, request] of [['approve', named], ['merge', { ...named, approve: true }]] as const) {
        const { status, body } = await ask('POST', `/api/runs/R0001/${path}`, { token: human, body: JSON.stringify(request) })
        expect({ path, request, status }).toEqual({ path, request, status: body.includes('gate.blocked') ? 409 : 400 })
      }
    }
    expect(git(api, 'rev-parse', 'main')).toBe(heads.api)
    const approved = await ask('POST', '/api/runs/R0001/approve', { token: human, body: JSON.stringify({ digest: gate.digest, targetHeads: heads }) })
    expect(approved.status).toBe(200)
  })
})

describe('what a request brings', () => {
  const deep = (depth: number): string => `{"title":${'['.repeat(depth)}${']'.repeat(depth)}}`
  const large = JSON.stringify({ title: 'x', body: 'y'.repeat(1 << 20) })
  const chunked = (text: string): string => `${(text.match(/.{1,65536}/gs) ?? []).map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`
  const bring = (body: string, ...headers: readonly string[]): Promise<RawAnswer> => ask('POST', '/api/tasks', { token: human, headers, body })

  refuses([
    ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json, text/plain', 'text/json', ''].map((type) => [415, `a body of type ${JSON.stringify(type)} is refused`, () => bring(writing, `Content-Type: ${type}`)] as const),
    [415, 'a compressed body is refused', () => bring(writing, 'Content-Encoding: gzip')],
    [413, 'more than a megabyte is refused', () => bring(large)],
    [413, 'more than a megabyte in chunks is refused', () => ask('POST', '/api/tasks', { token: human, headers: ['Transfer-Encoding: chunked'], body: chunked(large) })],
    [400, 'JSON 33 deep is refused', () => bring(deep(33))],
    [400, 'JSON 100,000 deep is refused', () => bring(deep(100_000))],
    [400, '__proto__ is refused', () => bring('{"title":"x","__proto__":{"status":"done"}}')],
    [400, 'constructor is refused', () => bring('{"title":"x","scope":{"constructor":{"prototype":["a"]}}}')],
    [400, 'broken JSON is refused', () => bring('{"title":"x"')],
    [400, 'an unknown field is refused', () => bring('{"title":"x","isAdmin":true}')],
    [400, 'no body is refused where one is needed', () => ask('POST', '/api/tasks', { token: human })],
    [400, 'both a length and chunks are refused', () => ask('POST', '/api/tasks', { token: human, headers: ['Content-Length: 5', 'Transfer-Encoding: chunked'], body: chunked(writing) })],
    [400, 'two lengths are refused', () => ask('POST', '/api/tasks', { token: human, headers: ['Content-Length: 5', 'Content-Length: 33'], body: writing })],
    [400, 'a negative length is refused', () => ask('POST', '/api/tasks', { token: human, headers: ['Content-Length: -1'], body: writing })],
    [400, 'a body to read is refused', () => ask('GET', '/api/tasks', { token: human, body: writing })],
    [431, 'headers over 16 KiB are refused', () => ask('GET', '/api/tasks', { token: human, headers: [`X-Large: ${'x'.repeat(17_000)}`] })],
    [417, 'an expectation nobody meets is refused', () => ask('POST', '/api/tasks', { token: human, headers: ['Expect: miracles'], body: writing })],
    ...['PUT', 'TRACE', 'PROPFIND', 'PURGE'].map((method) => [405, `${method} is refused`, () => ask(method, '/api/tasks', { token: human })] as const),
    ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((name) => [200, `${name} turns no GET into a write`, () => ask('GET', '/api/health?_method=DELETE', { token: human, headers: [`${name}: DELETE`] })] as const),
    [[404, 405], 'no GET changes anything', () => ask('GET', '/api/runs/R0001/merge', { token: human })],
    [400, 'what is no HTTP is refused', () => sendRaw(server.port, 'GET / HTTP/9.9\r\n\r\n')],
    [400, 'a header line with a line feed only is refused', () => sendRaw(server.port, `GET /api/tasks HTTP/1.1\nHost: 127.0.0.1:${server.port}\n\n`)],
    [400, 'a folded header is refused', () => ask('GET', '/', { headers: ['X-A: b', ' c: d'] })],
  ])
})

describe('paths', () => {
  const climbs = ['/../../etc/passwd', '/assets/../../package.json', '/assets/..%2f..%2fpackage.json', '/assets/%2e%2e/%2e%2e/package.json', '/assets/%252e%252e%252fpackage.json', '/assets/..\\..\\package.json', '/assets/%5c..%5cx', '/assets/....//x', '/assets/%c0%ae%c0%ae/x', '/assets/x%00.js', '//etc/passwd', '/./etc/passwd', '/assets//etc/passwd', '/assets/', '/assets', '/assets/index.html', '/assets/file:///etc/passwd', '/api/../assets/../x']
  it.each(climbs)('%s leads nowhere', async (path) => {
    const answer = await ask('GET', path, { token: human })
    expect([400, 404]).toContain(answer.status)
    expectSafe(answer)
    expect(answer.body).not.toMatch(/root:|"dependencies"|<html/)
  })
})

describe('streams', () => {
  it('a thousand are open at once; the next is refused, and calls are answered as before', async () => {
    const request = `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${human}\r\nAccept: text/event-stream\r\n\r\n`
    const sockets = await Promise.all(Array.from({ length: 1_000 }, async () => {
      const socket = await open(server.port)
      const begun = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString('latin1'))).once('close', () => resolve('')))
      socket.write(request)
      expect(await begun).toMatch(/^HTTP\/1\.1 200 /)
      return socket
    }))
    const refused = await ask('GET', '/api/events', { token: human, headers: ['Accept: text/event-stream'] })
    expect({ status: refused.status, body: refused.body }).toEqual({ status: 503, body: expect.stringContaining('server.too_many_streams') })
    for (let count = 0; count < 50; count += 1) expect((await ask('GET', '/api/session', { token: human })).status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })

  it('what is read before it is known who asks is a kilobyte', async () => {
    const answer = await ask('POST', '/api/session', { body: JSON.stringify({ code: 'x'.repeat(2_000) }) })
    expect(answer.status).toBe(413)
    expectSafe(answer)
  })
})

describe('those who are slow on purpose', () => {
  it('300 half-open connections and slow bodies leave others alone, and are ended', { timeout: 40_000 }, async () => {
    const before = await slowestOf(200)
    const headers = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n`
    const body = `POST /api/tasks HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${human}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`
    const sockets = await Promise.all(Array.from({ length: 320 }, async (_value, index) => {
      const socket = await open(server.port)
      socket.write(index < 100 ? '' : index < 300 ? headers : body)
      return socket
    }))
    const drip = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write('X')), 200)
    // Against what it was just before: how fast this machine is today says nothing about the server.
    expect(await slowestOf(200)).toBeLessThan(100 + 10 * before)
    const until = performance.now() + 25_000
    while (sockets.some((socket) => !socket.destroyed && !socket.closed) && performance.now() < until) await delay(50)
    clearInterval(drip)
    expect(sockets.filter((socket) => !socket.destroyed)).toHaveLength(0)
  })
})

/** Milliseconds that the slowest of so many calls took, one after the other, but for the very slowest. */
async function slowestOf(calls: number): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < calls; count += 1) {
    const from = performance.now()
    const answer = await fetch(`${server.url}/api/session`, { headers: { authorization: `Bearer ${human}` } })
    expect(answer.status).toBe(200)
    await answer.arrayBuffer()
    times.push(performance.now() - from)
  }
  return times.toSorted((a, b) => a - b).at(-3) ?? Number.POSITIVE_INFINITY
}
