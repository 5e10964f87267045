import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkpointPolicySchema, chooseThinned, findCheckpointReason, nextTryAt, type CheckpointFacts, type CheckpointPolicy } from './checkpoint.ts'
import { runIdSchema, snapshotIdOf, type SnapshotId } from './ids.ts'

const run = runIdSchema.parse('R0001')
const policy: CheckpointPolicy = { take: 'auto', restSeconds: 5, busySeconds: 120, secondsBetween: 30, keep: 20 }
const started = { endedAt: 0, tookMs: 0, failures: 0 }
const due: CheckpointFacts = { now: 1_000_000, turnEnded: false, changed: { since: 900_000, last: 900_000 }, lastTry: started }

describe('findCheckpointReason', () => {
  it.each<readonly [why: string, facts: Partial<CheckpointFacts>, reason: string | undefined]>([
    ['files came to rest', {}, 'rest'],
    ['files changed until now, for long', { changed: { since: 800_000, last: 999_999 } }, 'busy'],
    ['files changed until now, not for long', { changed: { since: 990_000, last: 999_999 } }, undefined],
    ['a turn ended while files still changed', { turnEnded: true, changed: { since: 999_999, last: 999_999 } }, 'turn'],
    ['a turn ended without a change', { turnEnded: true, changed: undefined }, undefined],
    ['nothing changed', { changed: undefined }, undefined],
    ['the agent has just started', { lastTry: { ...started, endedAt: 970_001 } }, undefined],
    ['it is long enough after the last one', { lastTry: { ...started, endedAt: 970_000 } }, 'rest'],
    ['the last one took four seconds', { lastTry: { ...started, endedAt: 960_001, tookMs: 4_000 } }, undefined],
    ['the last one took four seconds, forty seconds ago', { lastTry: { ...started, endedAt: 960_000, tookMs: 4_000 } }, 'rest'],
    ['the last two tries failed', { lastTry: { ...started, endedAt: 880_001, failures: 2 } }, undefined],
    ['the last two tries failed, two minutes ago', { lastTry: { ...started, endedAt: 880_000, failures: 2 } }, 'rest'],
  ])('%s', (_, facts, reason) => {
    expect(findCheckpointReason({ ...due, ...facts }, policy)).toBe(reason)
  })

  it('takes none where the policy says never', () => {
    expect(findCheckpointReason({ ...due, turnEnded: true }, { ...policy, take: 'never' })).toBeUndefined()
  })

  it('never takes more than a tenth of the time, nor sooner than the policy says, whatever it costs and whatever changes', () => {
    const costs = fc.array(fc.record({ tookMs: fc.nat({ max: 100_000 }), failed: fc.boolean() }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(costs, fc.nat({ max: 60 }), (tries, secondsBetween) => {
        const bounded = { ...policy, secondsBetween }
        let lastTry: CheckpointFacts['lastTry'] = started
        let spent = 0
        let now = 0
        for (const { tookMs, failed } of tries) {
          const wait = nextTryAt(lastTry, bounded)
          const facts = { turnEnded: true, changed: { since: now, last: now }, lastTry }
          expect(findCheckpointReason({ ...facts, now: wait - 1 }, bounded)).toBeUndefined()
          expect(findCheckpointReason({ ...facts, now: wait }, bounded)).toBe('turn')
          expect(wait - lastTry.endedAt).toBeGreaterThanOrEqual(secondsBetween * 1_000)
          // What is under way now has not been waited for yet.
          expect(spent * 10).toBeLessThanOrEqual(wait)
          now = wait + tookMs
          spent += tookMs
          lastTry = { endedAt: now, tookMs, failures: failed ? lastTry.failures + 1 : 0 }
        }
      }),
    )
  })

  it('has bounds that a memory repo without settings gets', () => {
    expect(checkpointPolicySchema.parse({})).toEqual(policy)
    expect(checkpointPolicySchema.safeParse({ keep: 1 }).success).toBe(false)
  })
})

describe('chooseThinned', () => {
  /** Lets checkpoints come one by one, as a run does, and returns the numbers that stay. */
  function keptOf(count: number, keep: number): readonly number[] {
    let kept: readonly SnapshotId[] = []
    for (let number = 1; number <= count; number += 1) {
      const all = [...kept, snapshotIdOf(run, number)]
      const gone = chooseThinned(all, keep)
      kept = all.filter((id) => !gone.includes(id))
    }
    return kept.map((id) => Number(id.split('.s')[1]))
  }

  it.each([
    [4, 4, [1, 2, 3, 4]],
    [5, 4, [1, 3, 4, 5]],
    [7, 4, [1, 3, 5, 7]],
    [33, 5, [1, 10, 14, 22, 33]],
  ])('of %i keeps %i: %j', (count, keep, left) => {
    expect(keptOf(count, keep)).toEqual(left)
  })

  it('keeps exactly so many, the first and the last among them, and no gap more than four times another one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 2, max: 24 }), (count, keep) => {
        const kept = keptOf(count, keep)
        expect(kept).toHaveLength(Math.min(count, keep))
        expect([kept[0], kept.at(-1)]).toEqual([1, count])
        const gaps = kept.slice(1).map((number, index) => number - (kept[index] ?? 0))
        // The gap before the last one is still growing.
        const settled = gaps.slice(0, -1)
        if (settled.length > 0) expect(Math.max(...settled)).toBeLessThanOrEqual(4 * Math.min(...settled))
      }),
      { numRuns: 200 },
    )
  })
})
