import { setImmediate as nextLoop } from 'node:timers/promises'
import type { PermissionRequest } from '@signalbox/core'
import { createTempDir, removeTempDirs, writeFiles, type Message } from '@signalbox/testkit'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { question, talk, update } from '../../test/acp-talk.ts'

const folder = createTempDir('acp')

afterEach(() => void vi.useRealTimers())
afterAll(removeTempDirs)

test.each([
  ['a message that is no JSON', '{"jsonrpc":"2.0","method":"session/upd\n'],
  ['a message in the middle of another', '{"jsonrpc":"2.0","method":{"jsonrpc":"2.0","id":4,"result":{}}\n'],
])('%s ends the conversation as an error of the protocol', async (_, said) => {
  const { end, events } = await talk({ onPrompt: (peer) => void peer.say(said) })
  expect(end.stop).toBe('error')
  expect(events.filter(({ type }) => type === 'error')).toEqual([expect.objectContaining({ where: 'protocol', text: expect.stringContaining('is no JSON') })])
  expect(events.at(-1)).toMatchObject({ type: 'turn', stop: 'error', source: 'inferred' })
})

test('a line of 100 MB ends it, is read to its end, and is not kept', async () => {
  const piece = Buffer.alloc(1 << 20, 'a')
  const before = process.memoryUsage().arrayBuffers
  let [most, taken] = [0, 0]
  const { end } = await talk({
    onPrompt: async (peer) => {
      await peer.say('{"jsonrpc":"2.0","method":"')
      for (let count = 0; count < 100; count += 1) {
        await peer.say(piece)
        taken += 1
        most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      }
      await peer.say('\n')
      peer.end()
    },
  })
  expect(end).toMatchObject({ stop: 'error', because: expect.stringMatching(/^It wrote a line of \d{9} bytes$/) })
  expect({ taken, isBounded: most < 64 << 20 }).toEqual({ taken: 100, isBounded: true })
})

test('what is printed beside the protocol is kept, and harms nothing', async () => {
  const { end, events } = await talk({
    onPrompt: async (peer, id) => {
      await peer.say('Loaded cached credentials.\n[1,2]\n"x"\n\n')
      await peer.say(Buffer.concat([Buffer.from('{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}}}}\n')]))
      await peer.say({ id, result: { stopReason: 'end_turn' } })
    },
  })
  expect(end.stop).toBe('done')
  expect(events.filter(({ type }) => type === 'unknown')).toEqual(['Loaded cached credentials.', '[1,2]', '"x"'].map((raw) => ({ type: 'unknown', name: 'output', raw })))
  expect(events).toContainEqual({ type: 'message', text: '\uFFFD\uFFFD', partial: true })
})

test('answers to nothing, and a second answer, are kept and believed by nobody', async () => {
  const { end, events } = await talk({
    onPrompt: async (peer, id) => {
      for (const other of [999, 'x', 1]) await peer.say({ id: other, result: { stopReason: 'refusal' } })
      await peer.say({ id: null, error: { code: -32700, message: 'Parse error' } } as unknown as Message)
      await peer.say({ id, result: { stopReason: 'max_tokens' } })
      await peer.say({ id, result: { stopReason: 'refusal' } })
    },
  })
  expect(end.stop).toBe('limit')
  expect(events.filter(({ type }) => type === 'unknown')).toHaveLength(4)
})

test('requests it does not know are answered so; files and terminals are not offered', async () => {
  const { heard } = await talk({
    onPrompt: async (peer, id) => {
      for (const [at, method] of ['craft/drainMidTurnQueue', 'terminal/create', 'fs/read_text_file', 'fs/write_text_file'].entries()) await peer.say({ id: `r${at}`, method, params: { sessionId: 's1', path: `${folder}/x`, content: 'x' } })
      await nextLoop()
      await peer.say({ id, result: { stopReason: 'end_turn' } })
    },
  })
  expect(heard.filter(({ error }) => error !== undefined).map(({ id, error }) => [id, error?.code])).toEqual([0, 1, 2, 3].map((at) => [`r${at}`, -32601]))
  expect(heard[0]?.params).toMatchObject({ clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false } })
})

test('asked to stop while a question is open, it answers that as cancelled first, and closes what is open', async () => {
  const stop = new AbortController()
  const { end, events, heard } = await talk({
    signal: stop.signal,
    onPrompt: (peer) => void peer.say(question('call-1', 'rm -rf build')),
    onCancel: (peer, id) => void peer.say({ id, result: { stopReason: 'cancelled' } }),
    onPermission: () => {
      stop.abort()
      return new Promise(() => {})
    },
  })
  expect(end).toEqual({ stop: 'cancelled', because: 'It stopped when it was asked to', session: 's1' })
  expect(heard.slice(-2)).toMatchObject([{ id: 'q', result: { outcome: { outcome: 'cancelled' } } }, { method: 'session/cancel' }])
  expect(events.slice(-3)).toMatchObject([{ type: 'permission', state: 'cancelled' }, { type: 'tool', id: 'call-1', status: 'abandoned' }, { type: 'turn', stop: 'cancelled', source: 'event' }])
})

test('a turn that ends over an open question answers it as cancelled, and says so before it says that it is over', async () => {
  const { end, events, heard } = await talk({
    onPrompt: (peer) => void peer.say(question('call-1', 'ls')),
    onPermission: () => new Promise(() => {}),
    onAsked: (peer, id) => void peer.say({ id, result: { stopReason: 'end_turn' } }),
  })
  expect(end.stop).toBe('done')
  expect(heard.at(-1)).toMatchObject({ id: 'q', result: { outcome: { outcome: 'cancelled' } } })
  expect(events.slice(-3)).toMatchObject([{ type: 'permission', state: 'cancelled' }, { type: 'tool', status: 'abandoned' }, { type: 'turn' }])
})

test('one that does not say that it stopped is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const stop = new AbortController()
  const { end } = await talk({ signal: stop.signal, onPrompt: () => stop.abort(), onCancel: () => void vi.advanceTimersByTimeAsync(5_000) })
  expect(end).toMatchObject({ stop: 'cancelled', because: expect.stringContaining('did not say') })
})

test('a program that ends before its turn does is lost, and what it left open abandoned', async () => {
  const { end, events } = await talk({
    onPrompt: async (peer) => {
      await peer.say(update({ sessionUpdate: 'tool_call', toolCallId: 'call-1', title: 'Write', kind: 'something new', status: 'in_progress' }))
      peer.end()
    },
  })
  expect(end.stop).toBe('lost')
  expect(events.slice(-4)).toMatchObject([{ kind: 'other', status: 'running' }, { status: 'abandoned' }, { type: 'error', where: 'agent' }, { type: 'turn', source: 'exit' }])
})

test('a session that is not there becomes a new one, is said to be, and is told its task again', async () => {
  writeFiles(folder, { 'packet.md': '# The packet\n' })
  const { events, heard } = await talk({ folder, session: 'gone', onPrompt: (peer, id) => void peer.say({ id, result: { stopReason: 'end_turn' } }) })
  expect(heard.map(({ method }) => method)).toEqual(['initialize', 'session/resume', 'session/new', 'session/set_mode', 'session/prompt'])
  expect(heard.at(-1)?.params).toMatchObject({ prompt: [{ text: '# The packet\n' }, { text: 'Do it' }] })
  expect(events.slice(0, 2)).toMatchObject([{ type: 'notice', level: 'warning', text: expect.stringContaining('gone') }, { type: 'session', how: 'new' }])
})

test('one that cannot be set to its mode is not prompted: a model might grant what it asks', async () => {
  const { end, heard } = await talk({ onPrompt: () => {}, mode: { error: { code: -32602, message: 'no such mode' } } })
  expect(end).toMatchObject({ stop: 'error', because: 'It cannot be set to its mode default: no such mode' })
  expect(heard.some(({ method }) => method === 'session/prompt')).toBe(false)
})

test('one that wants a login says how, and one over its quota when it may go on', async () => {
  const login = await talk({ onPrompt: () => {}, opened: { error: { code: -32000, message: 'Authentication required' } } })
  expect(login.end).toMatchObject({ stop: 'error', because: 'It wants a login. Log in with: it login' })
  const quota = await talk({ onPrompt: (peer, id) => void peer.say({ id, error: { code: -32603, message: 'Internal error', data: { status: 429, details: 'slow down please', retryAt: 1_795_376_467 } } } as Message) })
  expect(quota.end).toMatchObject({ stop: 'quota', because: 'Internal error: slow down please', retryAt: '2026-11-22T19:41:07.000Z' })
})

test('our own tools are allowed without asking, by the name of their server alone', async () => {
  const asked: PermissionRequest[] = []
  const ours = { sessionUpdate: 'tool_call', toolCallId: 'call-1', title: 'mcp.signalbox.report', kind: 'execute', status: 'in_progress', _meta: { is_mcp_tool_call: true } }
  const feigned = { sessionUpdate: 'tool_call', toolCallId: 'call-2', title: 'mcp.signalbox.report', kind: 'execute', status: 'in_progress', rawInput: { server: 'signalbox', command: 'rm -rf ~' } }
  const { heard } = await talk({
    quirks: { toolServer: ({ announced }) => (announced.isMcp ? /^mcp\.(.+?)\./.exec(announced.title ?? '')?.[1] : undefined) },
    onPrompt: async (peer, id) => {
      await peer.say(update(ours))
      await peer.say({ ...question('call-1', 'anything'), id: 'first' })
      await peer.say(update(feigned))
      await peer.say({ ...question('call-2', 'mcp.signalbox.report'), id: 'second' })
      await peer.say({ ...question('call-3', 'x'), id: 'third', params: { ...question('call-3', 'x').params, sessionId: 'another' } })
      await nextLoop()
      await nextLoop()
      await peer.say({ id, result: { stopReason: 'end_turn' } })
    },
    onPermission: async (request) => {
      asked.push(request)
      return { kind: 'refuse', because: 'no' }
    },
  })
  expect(asked).toMatchObject([{ tool: 'call-2', mcpServer: null }])
  expect(heard.find(({ id }) => id === 'first')).toMatchObject({ result: { outcome: { optionId: 'yes' } } })
  expect(heard.find(({ id }) => id === 'second')).toMatchObject({ result: { outcome: { optionId: 'no' } } })
  expect(heard.find(({ id }) => id === 'third')).toMatchObject({ error: { code: -32602 } })
})

test('a question about a call without an id says what it is about', async () => {
  const asked: PermissionRequest[] = []
  await talk({
    onPrompt: (peer) => void peer.say({ ...question('', ''), params: { ...question('', '').params, toolCall: { title: 'ls -la', kind: 'execute', rawInput: { command: 'ls -la' } } } }),
    onPermission: async (request) => {
      asked.push(request)
      return { kind: 'refuse', because: 'no' }
    },
    onAnswer: (peer, id) => void peer.say({ id, result: { stopReason: 'end_turn' } }),
  })
  expect(asked).toEqual([{ id: 'q1', tool: null, kind: 'execute', title: 'ls -la', command: 'ls -la', paths: [], mcpServer: null }])
})

test('a question it takes back is answered as cancelled, and the turn goes on', async () => {
  let withdrawn: AbortSignal | undefined
  const { end, heard, events } = await talk({
    onPrompt: (peer) => void peer.say(question('call-1', 'ls')),
    onPermission: (_, signal) => {
      withdrawn = signal
      return new Promise(() => {})
    },
    onAsked: (peer) => void peer.say({ method: '$/cancel_request', params: { requestId: 'q' } }),
    onAnswer: (peer, id) => void peer.say({ id, result: { stopReason: 'end_turn' } }),
  })
  expect(end.stop).toBe('done')
  // Whoever decides is told: a human must not be waited for.
  expect(withdrawn?.aborted).toBe(true)
  expect(heard.at(-1)).toMatchObject({ id: 'q', result: { outcome: { outcome: 'cancelled' } } })
  expect(events).toContainEqual(expect.objectContaining({ type: 'permission', state: 'cancelled' }))
})
