import { agentEventSchema } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { talk } from '../../test/acp-talk.ts'

const folder = createTempDir('acp')

afterAll(removeTempDirs)

/** Anything that can stand where an agent's message stands: whole, halves of it, of another kind, or not at all. */
const anyFrame = (): fc.Arbitrary<Uint8Array> => {
  const kinds = fc.constantFrom('agent_message_chunk', 'agent_thought_chunk', 'tool_call', 'tool_call_update', 'plan', 'usage_update', 'notice', 'current_mode_update', 'config_option_update', 'compaction_update', 'new_one')
  const texts = fc.constantFrom('s1', 'call-1', 'call-2', 'end_turn', 'completed', 'failed', 'pending', 'diff', 'content', 'edit', '')
  const value = fc.oneof({ depthSize: 'small' }, texts, fc.jsonValue({ maxDepth: 2 }), fc.constant(null))
  const keys = fc.constantFrom('toolCallId', 'status', 'kind', 'title', 'content', 'locations', 'rawInput', 'rawOutput', 'entries', 'used', 'size', 'cost', '_meta', 'messageId', 'severity', 'currentModeId', 'configOptions', '__proto__')
  const parts = fc.array(fc.dictionary(fc.constantFrom('type', 'path', 'oldText', 'newText', 'content', 'text', 'status', 'category'), value), { maxLength: 3 })
  const said = fc.tuple(fc.oneof(kinds, value), fc.dictionary(keys, fc.oneof(value, parts, fc.integer()), { minKeys: 3, maxKeys: 9 }), fc.boolean()).map(([kind, rest, isCall]) => ({ ...rest, sessionUpdate: kind, ...(isCall ? { toolCallId: 'call-1' } : {}) }))
  const deep = fc.integer({ min: 1, max: 490 }).map((depth) => `{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":{"sessionUpdate":"tool_call","toolCallId":"deep","rawInput":${'['.repeat(depth)}${']'.repeat(depth)}}}}`)
  const message = fc.oneof(
    { weight: 6, arbitrary: said.map((inside) => JSON.stringify({ method: 'session/update', params: { sessionId: 's1', update: inside } })) },
    { weight: 2, arbitrary: fc.record({ id: fc.oneof(fc.integer(), texts, fc.constant(null)), method: fc.constantFrom('session/request_permission', 'fs/read_text_file', 'fs/write_text_file', 'nothing', '$/cancel_request'), params: fc.oneof(value, said, fc.record({ sessionId: fc.constant('s1'), toolCall: said, options: fc.array(fc.dictionary(fc.constantFrom('kind', 'optionId'), value), { maxLength: 2 }) })) }).map((asked) => JSON.stringify(asked)) },
    { weight: 2, arbitrary: fc.record({ id: fc.oneof(fc.integer({ min: 5, max: 50 }), texts, fc.constant(null)), result: value }).map((answer) => JSON.stringify(answer)) },
    { weight: 2, arbitrary: fc.oneof(fc.json(), fc.string().map((text) => text.replaceAll('{', '('))) },
    { weight: 1, arbitrary: deep },
  )
  return fc.oneof({ weight: 30, arbitrary: message.map((text) => Buffer.from(`${text}\n`)) }, { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from([...bytes.map((byte) => (byte === 0x7b ? 0x28 : byte)), 10])) })
}

test('whatever 10,000 frames say, wherever they are cut, the conversation ends in order and its events are sound', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame(), { minLength: 80, maxLength: 120 }), fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), fc.boolean(), async (frames, cuts, isBroken) => {
      const bytes = Buffer.concat([...frames, ...(isBroken ? [Buffer.from('{"method":\n')] : [])])
      const { end, events } = await talk({
        folder,
        quirks: { offerFs: true, titleIsCommand: true },
        onPrompt: async (peer, id) => {
          const places = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((a, b) => a - b)
          for (const [at, place] of places.entries()) await peer.say(bytes.subarray(at === 0 ? 0 : places[at - 1], place))
          await peer.say(bytes.subarray(places.at(-1)))
          await peer.say({ id, result: { stopReason: 'end_turn' } })
        },
        onPermission: async ({ id }) => (id.endsWith('1') ? { kind: 'refuse', because: 'no' } : { kind: 'allow', lasting: id.endsWith('2') ? 'always' : 'once' }),
      })
      expect(end.stop).toBe(isBroken ? 'error' : 'done')
      expect(events.filter((event) => !agentEventSchema.safeParse(event).success)).toEqual([])
      expect(events.filter(({ type }) => type === 'turn')).toEqual([events.at(-1)])
      const last = new Map(events.flatMap((event) => (event.type === 'tool' ? [[event.id, event.status] as const] : [])))
      expect([...last.values()].filter((status) => ['proposed', 'waiting', 'running'].includes(status))).toEqual([])
    }),
    { numRuns: 100 },
  )
})
