import type { AgentEvent } from '@signalbox/core'
import { expect, test } from 'vitest'
import { acpProfiles } from './profiles.ts'
import { createTranslator } from './translate.ts'

test.each([
  ['a plan', { sessionUpdate: 'plan', entries: [{ content: 'first', priority: 'high', status: 'in_progress' }, { content: 'second', status: 'strange' }] }, { type: 'plan', entries: [{ text: 'first', status: 'in_progress' }, { text: 'second', status: 'pending' }] }],
  ['the window and the cost', { sessionUpdate: 'usage_update', used: 10, size: 100, cost: { amount: 0.5, currency: 'USD' } }, { type: 'usage', scope: 'session', context: { used: 10, size: 100 }, cost: { amount: 0.5, currency: 'USD' } }],
  ['a window without a cost that makes sense', { sessionUpdate: 'usage_update', used: 10, size: 100, cost: { amount: -1, currency: 'USD' } }, { type: 'usage', scope: 'session', context: { used: 10, size: 100 } }],
  ['a notice', { sessionUpdate: 'notice', severity: 'error', title: 'Slow', description: 'the network' }, { type: 'notice', level: 'warning', text: 'Slow: the network' }],
  ['another mode than ours', { sessionUpdate: 'current_mode_update', currentModeId: 'yolo' }, { type: 'notice', level: 'warning', text: 'It went over to its mode yolo; it was set to default' }],
  ['another mode among its options', { sessionUpdate: 'config_option_update', configOptions: [{ id: 'model' }, { id: 'mode', currentValue: 'yolo' }] }, { type: 'notice', level: 'warning', text: 'It went over to its mode yolo; it was set to default' }],
  ['something new', { sessionUpdate: 'compaction_update', status: 'completed' }, { type: 'unknown', name: 'compaction_update', raw: 'as it was written' }],
])('%s', (_, update, event) => {
  expect(translate(update)).toEqual([event])
})

test.each([[{ sessionUpdate: 'current_mode_update', currentModeId: 'default' }], [{ sessionUpdate: 'available_commands_update', availableCommands: [] }], [{ sessionUpdate: 'usage_update', used: 'x' }], [{ sessionUpdate: 'tool_call', title: 'of no id' }]])('nothing is told of %j', (update) => {
  expect(translate(update)).toEqual([])
})

test('output in pieces is shown when it doubled and when it is complete, at its end if it is long', () => {
  const piece = (data: string, more: object = {}): object => ({ sessionUpdate: 'tool_call_update', toolCallId: 'c', _meta: { terminal_output_delta: { data } }, ...more })
  const shown = translate({ sessionUpdate: 'tool_call', toolCallId: 'c', kind: 'execute', status: 'in_progress' }, piece('one\n'), piece('2\n'), piece('three\n'), piece('4\n', { status: 'completed', rawOutput: { exit_code: 2 } })).map((event) => ('output' in event ? event.output : undefined))
  expect(shown).toEqual([undefined, 'one\n', 'one\n2\nthree\n', 'one\n2\nthree\n4\n'])
  const long = translate({ sessionUpdate: 'tool_call', toolCallId: 'c', status: 'in_progress' }, piece('x'.repeat(100_000)), piece('end', { status: 'completed' })).at(-1)
  expect(long).toMatchObject({ status: 'done', output: expect.stringMatching(/^x+end$/) })
  expect(long).toHaveProperty('output.length', 16_000)
})

test('messages are told apart by their ids, and by what comes in between', () => {
  const chunk = (text: string, messageId?: string): object => ({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text }, ...(messageId === undefined ? {} : { messageId }) })
  const told = translate(chunk('a', '1'), chunk('b', '1'), chunk('c', '2'), { sessionUpdate: 'tool_call', toolCallId: 'c' }, chunk('d', '2'))
  expect(told.map((event) => (event.type === 'message' ? (event.partial ? event.text : '|') : event.type))).toEqual(['a', 'b', '|', 'c', '|', 'tool', 'd', '|'])
})

function translate(...updates: readonly object[]): readonly AgentEvent[] {
  const events: AgentEvent[] = []
  const [profile] = acpProfiles.filter(({ name }) => name === 'gemini')
  if (profile === undefined) throw new Error('no profile')
  const translator = createTranslator(profile.quirks, (event) => events.push(event))
  for (const update of updates) translator.update({ ...update }, 'as it was written')
  translator.closeText()
  return events
}
