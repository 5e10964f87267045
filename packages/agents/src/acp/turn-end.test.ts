import { expect, test } from 'vitest'
import { acpProfiles } from './profiles.ts'
import type { AcpQuirks } from './profile.ts'
import { PeerGone, RpcError, RpcTimeout } from './rpc.ts'
import { NoSession } from './session.ts'
import { endOfAnswer, endOfFailure } from './turn-end.ts'

test.each([
  ['end_turn', 'done'],
  ['max_tokens', 'limit'],
  ['max_turn_requests', 'limit'],
  ['refusal', 'refused'],
  ['cancelled', 'cancelled'],
  ['something new', 'error'],
  [undefined, 'error'],
] as const)('a turn that ends with %s is %s', (stopReason, stop) => {
  expect(endOfAnswer({ stopReason }, 'All done', undefined, quirksOf('claude'))).toMatchObject({ stop, source: 'event' })
})

// Each text as the real agent said it.
test.each([
  ['codex', '{"error":{"message":"the request is refused for good","type":"invalid_request_error"}}', { stop: 'error', because: 'the request is refused for good' }],
  ['codex', 'exceeded retry limit, last status: 429 Too Many Requests', { stop: 'quota' }],
  ['copilot', 'Error: 400 the request is refused for good', { stop: 'error' }],
  ['copilot', 'Error: Failed to get response from the AI model; retried 5 times (total retry wait time: 5.61 seconds) Last error: 429 You have hit your usage limit. Try again in 3 hours 5 minutes.', { stop: 'quota', retry: { afterMs: 11_100_000 } }],
  ['copilot', 'Error handling is in place now, and 429 is tried again.', { stop: 'done' }],
  ['codex', 'The {"error": …} of the API is shown now.', { stop: 'done' }],
  ['claude', 'Error: 400 is what the API answered; I fixed it.', { stop: 'done' }],
])('%s ends its turn well and says %s', (name, text, end) => {
  expect(endOfAnswer({ stopReason: 'end_turn' }, text, undefined, quirksOf(name))).toMatchObject(end)
})

test('one that stops when it is refused was refused; one that goes on was not, and one that says it was cancelled then stopped for that', () => {
  expect(endOfAnswer({ stopReason: 'end_turn' }, '', 'rm -rf build', quirksOf('qwen'))).toEqual({ stop: 'refused', because: 'It stopped when it was refused: rm -rf build', source: 'event' })
  expect(endOfAnswer({ stopReason: 'end_turn' }, '', 'rm -rf build', quirksOf('claude'))).toMatchObject({ stop: 'done' })
  expect(endOfAnswer({ stopReason: 'cancelled' }, '', 'rm -rf build', quirksOf('codex'))).toMatchObject({ stop: 'refused' })
})

test('what is not answered with an end has one by where the fault lies; a fault of ours has none', () => {
  expect(endOfFailure(new PeerGone('ended', 'Its output ended'))).toMatchObject({ stop: 'lost', source: 'exit', where: 'agent' })
  expect(endOfFailure(new PeerGone('broken', 'It wrote a line of 9 bytes'))).toMatchObject({ stop: 'error', source: 'inferred', where: 'protocol' })
  expect(endOfFailure(new RpcTimeout('It did not answer'))).toMatchObject({ stop: 'error', where: 'protocol' })
  expect(endOfFailure(new RpcError(-32603, 'overloaded'))).toMatchObject({ stop: 'quota', where: 'model', code: '-32603' })
  expect(endOfFailure(new NoSession('agent', 'It opens no session: usage limit reached', new RpcError(-32603, 'usage limit reached')))).toMatchObject({ stop: 'quota', because: 'It opens no session: usage limit reached', where: 'agent' })
  expect(endOfFailure(new Error('ours'))).toBeUndefined()
})

function quirksOf(name: string): AcpQuirks {
  const profile = acpProfiles.find((each) => each.name === name)
  if (profile === undefined) throw new Error(`no profile ${name}`)
  return profile.quirks
}
