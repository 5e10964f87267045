import { describe, expect, it } from 'vitest'
import { createRecordWords, createRedactor } from './redact.ts'

const key = '-----BEGIN KEY-----\nc3dvcmRmaXNo\nswordfish-42=\n-----END KEY-----\n'
const login = '{"user":"ann","password":"sword\\\\fish"}'

describe('what is secret in the environment is hidden', () => {
  const redact = createRedactor({ DEPLOY_KEY: key, LOGIN_SECRET: login, MY_TOKEN: 'swordfish-77', PATH: '/usr/bin:/bin' })
  it.each([
    ['as it is', 'it is swordfish-77.', 'it is [redacted].'],
    ['line by line, for output is kept in lines', 'swordfish-42=', '[redacted]'],
    ['inside of a message in JSON', JSON.stringify({ text: login }), '{"text":"[redacted]"}'],
    ['in several lines inside of one', JSON.stringify({ text: key }), '{"text":"[redacted]"}'],
  ])('%s', (_name, text, hidden) => {
    expect(redact(text)).toBe(hidden)
  })
  it('but what is none is left', () => {
    expect(redact('/usr/bin:/bin and {}')).toBe('/usr/bin:/bin and {}')
  })
})

it('keeps a few words for the record without secrets, control bytes and great length', () => {
  const words = createRecordWords({ MY_TOKEN: 'swordfish-77' })
  expect(words('not\nswordfish-77\u001b[31m\u0007')).toBe('not\n[redacted]\\x07')
  expect(words('x'.repeat(9_999))).toHaveLength(1_000)
})
