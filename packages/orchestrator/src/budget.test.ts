import { expect, test } from 'vitest'
import { isYes } from './budget.ts'

test.each(['Go on, with as much again', 'go on', 'yes', 'Yes, please', 'y', 'OK', 'sure', 'continue'])('%j lets an agent go on', (answer) => {
  expect(isYes(answer)).toBe(true)
})

test.each(['Let it end here', 'no', 'stop', 'yesterday was enough', 'not ok', 'end it, yes'])('%j does not', (answer) => {
  expect(isYes(answer)).toBe(false)
})
