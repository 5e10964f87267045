import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { visible, visibleJson, visibleLines } from './untrusted.ts'

test.each([
  ['an escape sequence', '\u001b[2Jgone', '\\x1b[2Jgone'],
  ['a title change', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
  ['a C1 sequence start', '\u009b31m', '\\x9b31m'],
  ['a carriage return that would hide a line', 'evil\rgood', 'evil\\rgood'],
  ['a backspace', 'ab\b', 'ab\\x08'],
  ['a newline in a file name', 'a\nb', 'a\\nb'],
  ['a right-to-left override', 'txt.\u202eexe', 'txt.\\u202eexe'],
  ['letters of any script, as they are', 'é 日本 🦊', 'é 日本 🦊'],
])('shows %s', (_what, text, shown) => {
  expect(visible(text)).toBe(shown)
})

test('text of several lines keeps its newlines and tabs, and nothing else that steers', () => {
  expect(visibleLines('a\n\tb\r\n\u001b[1m')).toBe('a\n\tb\\r\n\\x1b[1m')
})

test('whatever the text, nothing that steers a terminal is left', () => {
  // oxlint-disable-next-line no-control-regex -- exactly these must be gone
  const steers = /[\u0000-\u001f\u007f-\u009f]/
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !steers.test(visible(text))))
})

test('JSON means the same afterwards', () => {
  fc.assert(fc.property(fc.json(), fc.string({ unit: 'binary' }), (json, text) => {
    const value: unknown = [JSON.parse(json), text, { [text]: '\u009b\u202e\u2028' }]
    expect(JSON.parse(visibleJson(JSON.stringify(value, null, 2)))).toEqual(value)
  }))
  expect(visibleJson(JSON.stringify('\u009b'))).toBe('"\\u009b"')
})
