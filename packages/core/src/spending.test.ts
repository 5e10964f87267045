import { describe, expect, it } from 'vitest'
import type { AgentEventOf } from './agent-event.ts'
import { addUsage, findOverspent, noUsage, raiseLimits, spentOf } from './spending.ts'

const usage = (scope: AgentEventOf<'usage'>['scope'], input: number, amount?: number): AgentEventOf<'usage'> => ({ type: 'usage', scope, input, output: 1, ...(amount === undefined ? {} : { cost: { amount, currency: 'USD' } }) })
const sum = (...events: readonly AgentEventOf<'usage'>[]): ReturnType<typeof spentOf> => spentOf(events.reduce(addUsage, noUsage))

describe('what an agent used', () => {
  it.each([
    ['the sum of its steps', [usage('step', 10, 0.1), usage('step', 20, 0.2)], 32],
    ['the last word about its session', [usage('session', 10, 0.1), usage('session', 30, 0.3)], 31],
    ['no less than it was', [usage('session', 30, 0.3), usage('session', 5, 0.1)], 31],
    ['counted once where steps and turn are both told', [usage('step', 10), usage('step', 20), usage('turn', 30, 0.3)], 32],
  ])('is %s', (_name, events, tokens) => {
    const spent = sum(...events)
    expect(spent?.tokens).toBe(tokens)
    expect(spent?.cost?.amount).toBeCloseTo(0.3)
  })
  it('is unknown where it says nothing', () => {
    expect(sum()).toBeUndefined()
  })
})

describe('a limit', () => {
  const spent = { tokens: 101, cost: { amount: 1.5, currency: 'USD' } }
  it('is passed only beyond it, and says by how much', () => {
    expect(findOverspent({ tokens: 101, cost: 1.5 }, spent)).toBeUndefined()
    expect(findOverspent({ tokens: 100 }, spent)).toBe('it used 101 of 100 tokens')
    expect(findOverspent({ cost: 1 }, spent)).toBe('it used 1.50 USD of 1')
    expect(findOverspent({}, spent)).toBeUndefined()
    expect(findOverspent({ tokens: 1 }, undefined)).toBeUndefined()
  })
  it('is raised by as much again, from where it stands', () => {
    expect(raiseLimits({ tokens: 100 }, { tokens: 100 }, spent)).toEqual({ tokens: 201 })
    expect(findOverspent(raiseLimits({ tokens: 100, cost: 1 }, { tokens: 100, cost: 1 }, spent), spent)).toBeUndefined()
  })
})
