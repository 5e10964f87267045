import { PassThrough } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { judgeJson, readBody } from './body.ts'

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

test.each([
  ['an object', '{"title":"Ä \\u001b","list":[1,null]}'],
  ['keys that only look dangerous', '{"prototype":1,"constructors":2,"proto":{"toString":3}}'],
  ['dangerous words as values', '["__proto__","constructor"]'],
  ['lists 32 deep', nested(32)],
])('takes %s', (_what, text) => {
  expect(judgeJson(Buffer.from(text))).toEqual({ bytes: Buffer.from(text), value: JSON.parse(text) })
})

test.each([
  ['half of it', Buffer.from('{"title":')],
  ['two values', Buffer.from('{} {}')],
  ['what is no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
  ['__proto__', Buffer.from('{"a":[{"__proto__":{"admin":true}}]}')],
  ['an escaped __proto__', Buffer.from('{"__pr\\u006fto__":1}')],
  ['constructor', Buffer.from('{"constructor":{"prototype":{}}}')],
  ['lists 33 deep', Buffer.from(nested(33))],
  ['lists a hundred thousand deep', Buffer.from(nested(100_000))],
])('refuses %s', (_what, bytes) => {
  expect(judgeJson(bytes)).toMatchObject({ status: 400, error: { code: 'input.invalid' } })
})

/** What of a request is read here: a stream of bytes. */
function arriving(...chunks: readonly Buffer[]): IncomingMessage {
  const stream = new PassThrough()
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  return stream as unknown as IncomingMessage
}

test('a body in chunks is counted as it comes, and refused at the first byte too many', async () => {
  const half = Buffer.alloc(1 << 19, 0x20)
  expect(await readBody(arriving(half, half, Buffer.from('1')))).toMatchObject({ status: 413 })
  expect(await readBody(arriving(Buffer.from('{"a"'), Buffer.from(':1}')))).toMatchObject({ value: { a: 1 } })
})

test('no body is no JSON, and no error', async () => {
  expect(await readBody(arriving())).toEqual({ bytes: Buffer.alloc(0), value: undefined })
})

test('a request that ends in the middle is not a short body', async () => {
  const request = arriving(Buffer.from('{'))
  request.destroy()
  await expect(readBody(request)).rejects.toThrow()
})
