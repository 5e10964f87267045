import { setImmediate as nextLoop } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { agentEventSchema, type PermissionRequest } from '@signalbox/core'
import type { Message } from '@signalbox/testkit'
import { expect, test } from 'vitest'
import { question, talk, update } from '../../test/acp-talk.ts'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('a call named and with the status %s is one like any other', async (word) => {
  const { end, events } = await talk({
    onPrompt: async (peer, id) => {
      await peer.say(update({ sessionUpdate: 'tool_call', toolCallId: word, title: 'x', kind: word, status: word }))
      await peer.say({ id, result: { stopReason: 'end_turn' } })
    },
  })
  expect(end.stop).toBe('done')
  expect(events.filter((event) => !agentEventSchema.safeParse(event).success)).toEqual([])
  expect(events.filter(({ type }) => type === 'tool')).toMatchObject([{ id: word, status: 'proposed', kind: 'other' }, { id: word, status: 'abandoned' }])
})

test.each([
  ['values', `[${'[],'.repeat(1_000_000)}1]`],
  ['levels', `${'['.repeat(3_000_000)}${']'.repeat(3_000_000)}`],
])('a message of more %s than can be read costs no memory, and ends the conversation as an error of the protocol', async (what, value) => {
  const before = process.memoryUsage().heapUsed
  const { end } = await talk({ onPrompt: (peer) => void peer.say(`{"jsonrpc":"2.0","method":"session/update","params":${value}}\n`) })
  expect(end).toMatchObject({ stop: 'error', because: expect.stringMatching(new RegExp(`^It wrote a message of more than \\d+ ${what}$`)) })
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 << 20)
})

test('what is kept of a long text is not the whole of it', async () => {
  const long = 'x'.repeat(2 << 20)
  let kept = 0
  await talk({
    onPrompt: async (peer, id) => {
      const before = heap()
      for (let count = 0; count < 40; count += 1) await peer.say(update({ sessionUpdate: 'tool_call', toolCallId: `call-${count}`, title: long, kind: 'execute', rawInput: { command: long }, _meta: { terminal_output: { data: long } } }))
      kept = heap() - before
      await peer.say({ id, result: { stopReason: 'end_turn' } })
    },
  })
  expect(kept).toBeLessThan(16 << 20)
})

test('a question about more paths, or a longer command, than is kept is refused: a rule would see only a part of it', async () => {
  const asked: PermissionRequest[] = []
  const locations = [...Array.from({ length: 1_000 }, (_, at) => ({ path: `src/${at}` })), { path: '/etc/passwd' }]
  const { heard, events } = await talk({
    onPrompt: async (peer, id) => {
      await peer.say({ ...asking({ toolCallId: 'call-1', title: 'Edit', kind: 'edit', locations }), id: 'paths' })
      await peer.say({ ...asking({ toolCallId: 'call-2', title: 'make', kind: 'execute', rawInput: { command: `make ${' '.repeat(20_000)}; rm -rf ~` } }), id: 'command' })
      await peer.say({ ...asking({ title: 'Edit', kind: 'edit', locations }), id: 'nameless' })
      await peer.say({ ...asking({ toolCallId: 'call-3', title: 'Edit', kind: 'edit', locations: locations.slice(0, 1_000) }), id: 'all' })
      await nextLoop()
      await peer.say({ id, result: { stopReason: 'end_turn' } })
    },
    onPermission: async (request) => {
      asked.push(request)
      return { kind: 'allow', lasting: 'once' }
    },
  })
  expect(heard.flatMap(({ id, result }) => (['paths', 'command', 'nameless', 'all'].includes(String(id)) ? [[id, result]] : []))).toEqual([
    ['paths', { outcome: { outcome: 'selected', optionId: 'no' } }],
    ['command', { outcome: { outcome: 'selected', optionId: 'no' } }],
    ['nameless', { outcome: { outcome: 'selected', optionId: 'no' } }],
    ['all', { outcome: { outcome: 'selected', optionId: 'yes' } }],
  ])
  expect(asked.map(({ tool, paths }) => [tool, paths.length])).toEqual([['call-3', 1_000]])
  expect(events.filter(({ type }) => type === 'notice')).toHaveLength(3)
})

test('of questions with one id each is answered, and none is heard of after the end', async () => {
  const { heard, events } = await talk({
    onPrompt: async (peer, id) => {
      await peer.say(question('call-1', 'ls'))
      await peer.say(question('call-2', 'pwd'))
      await nextLoop()
      await peer.say({ id, result: { stopReason: 'end_turn' } })
    },
    onPermission: () => new Promise(() => {}),
  })
  expect(heard.filter(({ id }) => id === 'q')).toMatchObject([1, 2].map(() => ({ result: { outcome: { outcome: 'cancelled' } } })))
  expect(events.flatMap((event) => (event.type === 'permission' ? [`${event.tool} ${event.state}`] : []))).toEqual(['call-1 asked', 'call-2 asked', 'call-1 cancelled', 'call-2 cancelled'])
})

test('one that asks and asks is refused what is more than a human could answer', async () => {
  let asked = 0
  const { heard } = await talk({
    onPrompt: async (peer, id) => {
      for (let count = 0; count < 70; count += 1) await peer.say({ ...question(`call-${count}`, 'ls'), id: count + 1_000 })
      await nextLoop()
      await peer.say({ id, result: { stopReason: 'end_turn' } })
    },
    onPermission: () => {
      asked += 1
      return new Promise(() => {})
    },
  })
  expect(asked).toBe(64)
  expect(heard.filter(({ result }) => (JSON.stringify(result) ?? '').includes('"no"'))).toHaveLength(6)
})

test('a turn of tool calls without an end ends, and little is kept of each', { timeout: 60_000 }, async () => {
  const call = (id: number) => JSON.stringify({ method: 'session/update', params: { sessionId: 's1', update: { sessionUpdate: 'tool_call', toolCallId: `call-${id}`, title: 'x'.repeat(400), kind: 'execute', rawInput: { command: 'y'.repeat(2_000) } } } })
  const calls = (from: number) => Array.from({ length: 1_000 }, (_, at) => `${call(from + at)}\n${call((from + at) >> 1)}`).join('\n')
  const before = heap()
  let kept = 0
  const { end } = await talk({
    onPrompt: async (peer) => {
      for (let from = 0; from < 25_000; from += 1_000) {
        await peer.say(`${calls(from)}\n`)
        if (from === 19_000) kept = heap() - before
      }
    },
    isSilent: true,
  })
  expect(end).toMatchObject({ stop: 'error', because: 'It began more than 20000 tool calls in one turn' })
  expect(kept).toBeLessThan(16 << 20)
})

test('an id without an end is none', async () => {
  const { end, heard } = await talk({ onPrompt: () => {}, opened: { result: { sessionId: 's'.repeat(10_000) } } })
  expect(end).toMatchObject({ stop: 'error', because: expect.stringContaining('without an id') })
  expect(heard.some(({ method }) => method === 'session/prompt')).toBe(false)
})

function asking(toolCall: Readonly<Record<string, unknown>>): Message {
  return { method: 'session/request_permission', params: { ...question('', '').params, toolCall } }
}

function heap(): number {
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}
