import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSmallFace, type SmallFace } from '../test/small-face.ts'
import { agentTools } from './agent-tools.ts'
import { serveMcpOverHttp, type Serving } from './serve-http.ts'

const token = 'right-token'
let face: SmallFace
let serving: Serving

beforeEach(async () => {
  face = createSmallFace()
  serving = await serveMcpOverHttp(agentTools(face), { token, version: '1.2.3', instructions: 'Be kind.' })
})
afterEach(() => serving.close())

async function connect(mode: 'legacy' | 'auto'): Promise<Client> {
  const client = new Client({ name: 'tester', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new StreamableHTTPClientTransport(new URL(serving.url), { requestInit: { headers: { authorization: `Bearer ${token}` } } }))
  return client
}

async function call(client: Client, name: string, input: Record<string, unknown> = {}): Promise<{ readonly text: string; readonly failed: boolean }> {
  const { content, isError } = await client.callTool({ name, arguments: input })
  return { text: content.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n'), failed: isError === true }
}

const names = ['ask_human', 'draft_handoff', 'list_decisions', 'list_tasks', 'propose_task', 'read_decision', 'read_packet', 'read_task', 'report_progress', 'search']

// Clients of the protocol before 2026-07-28 hold a session, later ones do not.
describe.each(['legacy', 'auto'] as const)('a client of the %s protocol', (mode) => {
  let client: Client
  beforeEach(async () => {
    client = await connect(mode)
  })
  afterEach(() => client.close())

  test('is told what there is, and that nothing of it decides or destroys', async () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'signalbox', version: '1.2.3' })
    expect(client.getInstructions()).toBe('Be kind.')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).toSorted()).toEqual(names)
    expect(tools.filter(({ name, description = '' }) => /approve|merge|land|delete|remove|waive|reject|start_/i.test(name) || description.length < 20)).toEqual([])
    expect(tools.map(({ annotations }) => annotations?.destructiveHint)).toEqual(names.map(() => false))
    expect(tools.map(({ inputSchema }) => inputSchema['additionalProperties'])).toEqual(names.map(() => false))
  })

  test.each([
    ['read_packet', {}, 'readPacket', '# The packet'],
    ['read_task', {}, 'readTask T0001', 'Whole cents only.'],
    ['read_task', { id: 'T0001' }, 'readTask T0001', '"baseBranch": "main"'],
    ['search', { query: 'cents' }, 'search cents 10', 'N0001'],
    ['list_tasks', { status: 'ready' }, 'listTasks ready', 'conflict markers'],
    ['list_decisions', {}, 'listDecisions', 'No floats'],
    ['read_decision', { id: 'D0001' }, 'readDecision D0001', 'They lie.'],
    ['propose_task', { title: 'Count dimes', repos: ['api'] }, 'propose Count dimes api', 'T0007, a draft'],
    ['report_progress', { text: 'half way' }, 'report half way', 'Noted.'],
    ['draft_handoff', { what: 'counted', next: 'look' }, 'draft counted look', 'H0001'],
  ])('calls %s with %j', async (name, input, asked, says) => {
    expect(await call(client, name, input)).toEqual({ text: expect.stringContaining(says), failed: false })
    expect(face.calls).toEqual([asked])
  })

  test('waits for the answer to a question, and others are answered meanwhile', async () => {
    const asked = call(client, 'ask_human', { text: 'Which port?', options: ['80', '8080'] })
    await face.waits(true)
    expect(await call(client, 'report_progress', { text: 'waiting' })).toMatchObject({ failed: false })
    face.answer('8080')
    expect(await asked).toEqual({ text: '8080', failed: false })
    expect(face.calls[0]).toBe('ask Which port? 80,8080')
  })

  test('gets a sign of life now and then while it waits', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const beats: number[] = []
      const alive = new Promise<void>((resolve) => {
        const onprogress = ({ progress }: { readonly progress: number }): void => {
          beats.push(progress)
          if (progress === 2) resolve()
        }
        void client.callTool({ name: 'ask_human', arguments: { text: 'Which port?' } }, { onprogress, timeout: 600_000 }).catch(() => undefined)
      })
      await face.waits(true)
      vi.advanceTimersByTime(30_000)
      await alive
      expect(beats).toEqual([1, 2])
      face.answer('80')
      await face.waits(false)
    } finally {
      vi.useRealTimers()
    }
  })

  test('that cancels its question is not waited for any more', async () => {
    const cancel = new AbortController()
    const asked = client.callTool({ name: 'ask_human', arguments: { text: 'Which port?' } }, { signal: cancel.signal })
    await face.waits(true)
    cancel.abort('enough')
    await expect(asked).rejects.toThrow()
    await face.waits(false)
  })

  test('is told what went wrong, by code and next step', async () => {
    expect(await call(client, 'read_task', { id: 'T0404' })).toEqual({ text: 'task.not_found: There is no task T0404\nList them', failed: true })
    expect(await call(client, 'read_task', { id: 'nonsense' })).toMatchObject({ failed: true })
    expect(await call(client, 'read_task', { id: 'T0001', as: 'admin' })).toMatchObject({ failed: true })
    expect(face.calls).toEqual(['readTask T0404'])
  })
})

const initialize = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } } })
const right = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${token}` }

/** Headers as they are given: fetch sets a Host of its own. */
async function ask(headers: Record<string, string>, { method = 'POST', path = '/mcp', body = initialize }: { readonly method?: string; readonly path?: string; readonly body?: string } = {}): Promise<{ readonly status: number | undefined; readonly headers: IncomingMessage['headers']; readonly body: string }> {
  const { port } = new URL(serving.url)
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, resolve).on('error', reject).end(body)
  })
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

describe('the door', () => {
  test('opens for the token, and lets no page in', async () => {
    const { status, headers } = await ask(right)
    expect(status).toBe(200)
    expect(headers['mcp-session-id']).toMatch(/\w/)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test.each([
    ['no token', { authorization: '' }, {}, 401],
    ['another token', { authorization: 'Bearer right-tokem' }, {}, 401],
    ['the token as something else', { authorization: token }, {}, 401],
    ['a name that leads here', { host: 'evil.example' }, {}, 421],
    ['the right address and another port', { host: '127.0.0.1:1' }, {}, 421],
    ['another name of this machine', { host: 'localhost' }, {}, 421],
    ['a page', { origin: 'http://localhost:3000' }, {}, 403],
    ['a page without an origin', { origin: 'null' }, {}, 403],
    ['another path', {}, { path: '/' }, 404],
    ['another way to write the path', {}, { path: '/mcp/../mcp' }, 404],
    ['a session nobody began', { 'mcp-session-id': 'made-up' }, {}, 404],
    ['text', { 'content-type': 'text/plain' }, {}, 415],
    ['another method', {}, { method: 'PUT' }, 405],
    ['what is no JSON', {}, { body: '{' }, 400],
    ['too much', {}, { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(1 << 20) }) }, 413],
  ])('stays closed for %s', async (_what, headers, how, status) => {
    expect(await ask({ ...right, ...headers }, how)).toMatchObject({ status, body: expect.stringContaining('error') })
    expect(face.calls).toEqual([])
  })

  test('reads no body of somebody it turns away', async () => {
    const { status, headers } = await ask({ ...right, authorization: 'Bearer x', 'content-length': String(1 << 30) }, { body: 'a' })
    expect({ status, connection: headers.connection }).toEqual({ status: 401, connection: 'close' })
  })
})

test('a question whose asker is gone is not waited for any more', async () => {
  const session = (await ask(right)).headers['mcp-session-id']
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'ask_human', arguments: { text: 'Anybody?' } } })
  const gone = new AbortController()
  const asked = fetch(serving.url, { method: 'POST', headers: { ...right, 'mcp-session-id': String(session) }, body, signal: gone.signal })
  await face.waits(true)
  gone.abort()
  await Promise.allSettled([asked])
  await face.waits(false)
})

test('closing ends what is asked, and sessions beyond the limit give way to new ones', async () => {
  const first = (await ask(right)).headers['mcp-session-id']
  for (let more = 0; more < 32; more += 1) await ask(right)
  expect(await ask({ ...right, 'mcp-session-id': String(first) }, { body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'ping' }) })).toMatchObject({ status: 404 })
  const client = await connect('auto')
  const asked = call(client, 'ask_human', { text: 'Still there?' })
  asked.catch(() => undefined)
  await face.waits(true)
  await serving.close()
  await face.waits(false)
  await expect(asked).rejects.toThrow()
  await expect(ask(right)).rejects.toThrow('ECONNREFUSED')
  serving = await serveMcpOverHttp([], { token, version: '1' })
})
