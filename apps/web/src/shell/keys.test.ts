import { expect, test } from 'vitest'
import { readKey, type KeyPress } from './keys.ts'

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  return { key, ctrlKey: false, metaKey: false, altKey: false, typing: false, ...more }
}

test('g and a letter go to a page', () => {
  const first = readKey('idle', press('g'))
  expect(first).toEqual({ state: 'go', act: undefined })
  expect(readKey(first.state, press('b')).act).toEqual({ kind: 'go', path: '/' })
})

test('g and a letter without a page do nothing, and the next key stands for itself', () => {
  expect(readKey('go', press('?'))).toEqual({ state: 'idle', act: undefined })
})

test('a text field keeps its keys, but not the palette', () => {
  expect(readKey('idle', press('g', { typing: true }))).toEqual({ state: 'idle', act: undefined })
  expect(readKey('idle', press('?', { typing: true })).act).toBeUndefined()
  expect(readKey('idle', press('k', { typing: true, ctrlKey: true })).act).toEqual({ kind: 'palette' })
})

test.each([
  ['?', 'help'],
  ['/', 'search'],
  ['c', 'new_task'],
])('%s asks for %s', (key, kind) => {
  expect(readKey('idle', press(key)).act).toEqual({ kind })
})

test('keys of the browser and of every object stay alone', () => {
  expect(readKey('idle', press('c', { ctrlKey: true })).act).toBeUndefined()
  expect(readKey('idle', press('constructor')).act).toBeUndefined()
})
