import { expect, test } from 'vitest'
import { verdictOfFailure } from './failure.ts'

test('what is said of a failure is neither kept nor looked through without an end', () => {
  const began = performance.now()
  const { because } = verdictOfFailure(`rate limit ${'retry'.repeat(1_000_000)}`)
  expect(because.length).toBeLessThan(5_000)
  expect(verdictOfFailure(`{"message":"${'\\"'.repeat(3_000_000)}`).because.length).toBeLessThan(5_000)
  expect(performance.now() - began).toBeLessThan(2_000)
})

test.each([
  ['API Error: Request rejected (429) · try again later', 429, { stop: 'quota', retry: undefined }],
  ['Claude AI usage limit reached|1893456000', undefined, { stop: 'quota', retry: { at: '2030-01-01T00:00:00.000Z' } }],
  ['exceeded retry limit, last status: 429 Too Many Requests', undefined, { stop: 'quota' }],
  ["You've hit your usage limit. Try again in 3 days 2 hours 5 minutes.", undefined, { stop: 'quota', retry: { afterMs: ((3 * 24 + 2) * 60 + 5) * 60_000 } }],
  ['Rate limit reached for gpt-5 on tokens per min. Please try again in 1.5s.', undefined, { stop: 'quota', retry: { afterMs: 1_500 } }],
  [`Quota: try again in ${'9'.repeat(40)} days`, undefined, { stop: 'quota', retry: undefined }],
  ['Quota resets at 2026-13-45T99:00:00Z', undefined, { stop: 'quota', retry: undefined }],
  ['quota exceeded, please retry in 250ms', undefined, { stop: 'quota', retry: { afterMs: 250 } }],
  ['Quota resets at 2026-12-01T08:00:00+01:00', undefined, { stop: 'quota', retry: { at: '2026-12-01T07:00:00.000Z' } }],
  ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', undefined, { stop: 'quota', because: 'Overloaded' }],
  ['[API Error: {"error":{"code":400,"message":"no such \\"model\\"","status":"INVALID_ARGUMENT"}}]', undefined, { stop: 'error', because: 'no such "model"' }],
  ['listen EADDRINUSE: address already in use 127.0.0.1:429', undefined, { stop: 'error' }],
  ['Error at line 429 of main.ts', undefined, { stop: 'error' }],
  ['', undefined, { stop: 'error', because: 'It failed and did not say why' }],
  ['', 529, { stop: 'quota' }],
])('%j with status %s', (text, status, verdict) => {
  expect(verdictOfFailure(text, status)).toMatchObject(verdict)
})
