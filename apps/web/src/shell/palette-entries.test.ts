import { expect, test } from 'vitest'
import { findEntries } from './palette-entries.ts'

const entries = ['Board', 'T0001 Round the board', 'Search', 'R0001 of T0001'].map((name) => ({ name, detail: '', act: () => undefined }))
const names = (text: string): readonly string[] => findEntries(entries, text).map(({ name }) => name)

test('every word counts, in any order and case', () => {
  expect(names('ROUND t0001')).toEqual(['T0001 Round the board'])
})

test('what begins with it comes first', () => {
  expect(names('t0001')).toEqual(['T0001 Round the board', 'R0001 of T0001'])
})

test('nothing typed shows all, in their order', () => {
  expect(names('  ')).toEqual(entries.map(({ name }) => name))
})
