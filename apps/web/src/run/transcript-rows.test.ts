import { expect, test } from 'vitest'
import { rowsOf, windowOf } from './transcript-rows.ts'

const at = 'not a time'

test('a line of several lines is several rows, and the last newline is none', () => {
  expect(rowsOf([{ at, stream: 'stdout', text: 'a\nb\n' }]).map(({ text }) => text)).toEqual(['a', 'b'])
})

test('what could reorder or hide text is spelt out', () => {
  expect(rowsOf([{ at, stream: 'stderr', text: 'a\u202eb\u001b[2J' }])[0]?.text).toBe(String.raw`a\u202eb\u001b[2J`)
})

test('a line without end is cut and says so', () => {
  expect(rowsOf([{ at, stream: 'stdout', text: 'x'.repeat(5_000) }])[0]?.text).toMatch(/^x{2000}… \(5000 characters\)$/)
})

test('the window holds what is seen, and never more than there is', () => {
  expect(windowOf({ top: 0, height: 400, rowHeight: 20, count: 5 })).toEqual({ from: 0, to: 5 })
  expect(windowOf({ top: 20_000, height: 400, rowHeight: 20, count: 100_000 })).toEqual({ from: 980, to: 1040 })
})
