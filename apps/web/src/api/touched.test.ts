import { expect, test } from 'vitest'
import { runIdOf } from '../words/ids.ts'
import { touchedByEvent, touchedByPaths } from './touched.ts'

const run = runIdOf('R0001') ?? expect.unreachable()

test('a sealed round makes the latest diff, what was found in it, the run, its gate and the landing order old', () => {
  expect(touchedByEvent({ run, type: 'round.sealed' })).toEqual([['runs'], ['run', 'R0001'], ['gate', 'R0001'], ['diff', 'R0001', 'latest'], ['findings', 'R0001'], ['forecast']])
})

test('a word on a finding makes the findings and the gate old, and no diff', () => {
  expect(touchedByEvent({ run, type: 'review.recorded' })).toEqual([['runs'], ['run', 'R0001'], ['gate', 'R0001'], ['findings', 'R0001']])
})

test('a landing makes its task old', () => {
  expect(touchedByEvent({ run, type: 'merge.published' })).toContainEqual(['task'])
})

test('a changed note makes notes, packets and searches old, and no task', () => {
  const keys = touchedByPaths(['notes/N0001-x.md'])
  expect(keys).toContainEqual(['records', 'note'])
  expect(keys).toContainEqual(['context'])
  expect(keys).not.toContainEqual(['tasks'])
})

test('settings, unknown files and an unknown change make everything old', () => {
  expect(touchedByPaths([])).toBeUndefined()
  expect(touchedByPaths(['settings.yaml'])).toBeUndefined()
  expect(touchedByPaths(['notes/N0001-x.md', 'plans/P0001.md'])).toBeUndefined()
})
