import { expect, test } from 'vitest'
import { verdictOfRpcError } from './failure.ts'
import { RpcError } from './rpc.ts'

test.each([
  ['a status beside it', new RpcError(-32603, 'Internal error', { statusCode: 429, responseHeaders: { 'retry-after': '90' } }), { stop: 'quota', retry: { afterMs: 90_000 } }],
  ['a code of HTTP', new RpcError(429, 'slow down'), { stop: 'quota', because: 'slow down' }],
  ['words beside it', new RpcError(-32603, 'Internal error', { details: 'The model is overloaded right now' }), { stop: 'quota', because: 'Internal error: The model is overloaded right now' }],
  ['an instant in seconds', new RpcError(-32603, 'usage limit reached', { error: { resets_at: 1_795_376_467 } }), { stop: 'quota', retry: { at: '2026-11-22T19:41:07.000Z' } }],
  ['another status', new RpcError(-32603, 'Internal error', { status: 400, message: 'no such model' }), { stop: 'error', because: 'Internal error: no such model' }],
  ['what the provider said for a message', new RpcError(400, '{"error":{"code":400,"message":"it is refused"}}'), { stop: 'error', because: 'it is refused' }],
  ['nothing', new RpcError(-32603, 'Internal error', null), { stop: 'error', because: 'Internal error' }],
] as const)('an error with %s', (_, error, verdict) => {
  expect(verdictOfRpcError(error)).toMatchObject(verdict)
})
