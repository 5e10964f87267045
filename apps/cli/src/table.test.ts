import { expect, test } from 'vitest'
import { createInk, plainLook } from './look.ts'
import { align, cut, pad, table, widthOf } from './table.ts'

const rows = [
  { id: 'T0001', note: '', title: '日本語のタイトル' },
  { id: 'T10000', note: '', title: 'A title that is too long for a narrow terminal' },
]
const columns = [
  { title: 'TASK', text: ({ id }: (typeof rows)[number]) => id },
  { title: 'NOTE', text: ({ note }: (typeof rows)[number]) => note },
  { title: 'TITLE', text: ({ title }: (typeof rows)[number]) => title },
]

test('columns are aligned, and a column that says nothing is not there', () => {
  expect(table(rows, columns, plainLook(0))).toBe(['TASK    TITLE', 'T0001   日本語のタイトル', 'T10000  A title that is too long for a narrow terminal'].join('\n'))
})

test('on a narrow terminal the last column is cut, never wrapped', () => {
  const lines = table(rows, columns, { ...plainLook(0), width: 34 }).split('\n')
  expect(lines[2]).toBe('T10000  A title that is too long …')
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(34)
})

test('colours take no room', () => {
  const red = createInk(true).red('abc')
  expect(red).not.toBe('abc')
  expect(widthOf(red)).toBe(3)
  expect(pad(red, 5)).toBe(`${red}  `)
})

test.each([
  ['abc', 3],
  ['日本', 4],
  ['🦊', 2],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
])('%s takes %d columns', (text, width) => {
  expect(widthOf(text)).toBe(width)
})

test('a cut never splits a letter', () => {
  expect(cut('日本語', 5)).toBe('日本…')
  expect(cut('日本語', 4)).toBe('日…')
  expect(cut('abc', 3)).toBe('abc')
})

test('rows without titles are aligned too, their last cell left as it is', () => {
  expect(align([['a', 'bb', 'c'], ['aaa', 'b', '']])).toBe('a    bb  c\naaa  b')
  expect(align([])).toBe('')
})
