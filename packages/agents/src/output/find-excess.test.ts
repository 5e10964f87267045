import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findExcess } from './find-excess.ts'

test.each([
  ['a long text', JSON.stringify({ text: 'x,[{'.repeat(100_000) })],
  ['as many values as are read', `[${'1,'.repeat(99_998)}1]`],
  ['as many objects as are read', `[${'{},'.repeat(99_997)}{}]`],
  ['as many levels as are read', `${'['.repeat(500)}${']'.repeat(500)}`],
  ['text with quotes and backslashes in it', JSON.stringify(['"[,'.repeat(100_000), '\\'.repeat(1_001), '\\"'.repeat(100_000)])],
])('%s is no excess', (_, text) => {
  expect(findExcess(text)).toBeUndefined()
})

test.each([
  ['more values', `[${'[],'.repeat(100_000)}1]`, 'more than 100000 values'],
  ['more levels', `{"a":${'['.repeat(500)}${']'.repeat(500)}}`, 'more than 500 levels'],
  ['values behind a text that ends in backslashes', `["\\\\",${'1,'.repeat(100_000)}1]`, 'more than 100000 values'],
  ['levels that nothing closes', '['.repeat(1_000_000), 'more than 500 levels'],
])('%s are one', (_, text, excess) => {
  expect(findExcess(text)).toBe(excess)
})

test('no text takes long', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('"', '\\', '[', '{', ',', ']', 'x'), { minLength: 1, maxLength: 8 }), (pieces) => void findExcess(pieces.join('').repeat(50_000))))
})
