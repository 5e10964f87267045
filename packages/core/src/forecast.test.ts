import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { api, main, mergeableFacts, snapshot, task, web, withApproval } from '../test/facts.ts'
import { orderLandings, standingOf, type ForecastPair, type ForecastRun, type ForecastStep, type ForecastTarget } from './forecast.ts'
import type { GateFacts } from './gate-facts.ts'
import { block, type BlockerCode } from './gate-report.ts'
import { runIdSchema, taskIdSchema, type RunId } from './ids.ts'

const idOf = (number: number): RunId => runIdSchema.parse(`R${String(number + 1).padStart(4, '0')}`)
const target = (repo = api, state: ForecastTarget['state'] = 'in_place'): ForecastTarget => ({ repo, branch: main, state, paths: [], because: null })

function runOf(number: number, changes: Partial<ForecastRun> = {}): ForecastRun {
  return { run: idOf(number), task, title: null, snapshot: snapshot(`${idOf(number)}.s1`), standing: 'approvable', because: [], targets: [target()], needs: [], queuedAt: `2026-11-22T10:0${number}:00Z`, ...changes }
}

function spoil(first: number, second: number, because: string | null = null): ForecastPair {
  return { first: idOf(first), second: idOf(second), repo: api, paths: because === null ? ['a'] : [], because }
}

const bothWays = (a: number, b: number): readonly ForecastPair[] => [spoil(a, b), spoil(b, a)]
const namesOf = (steps: readonly ForecastStep[]): readonly string[] => steps.map(({ run, lands }) => `${lands ? '' : 'not '}${run}`)

describe('the order', () => {
  it('is approved before approvable, then age, where nothing collides; blocked runs come after', () => {
    const runs = [runOf(3), runOf(0, { standing: 'blocked' }), runOf(2), runOf(4, { standing: 'approved' })]
    expect(namesOf(orderLandings(runs, []))).toEqual(['R0005', 'R0003', 'R0004', 'R0001'])
  })

  it('lands first what spoils the fewest: one run against two loses, though it is approved and older', () => {
    const runs = [runOf(0, { standing: 'approved' }), runOf(1), runOf(2)]
    const order = orderLandings(runs, [...bothWays(0, 1), ...bothWays(0, 2)])
    expect(namesOf(order)).toEqual(['R0002', 'R0003', 'not R0001'])
    expect(order[2]?.collisions.map(({ after }) => after)).toEqual(['R0002', 'R0003'])
  })

  it('does not let a run that cannot land yet spoil one that can', () => {
    expect(namesOf(orderLandings([runOf(0, { standing: 'blocked' }), runOf(1)], bothWays(0, 1)))).toEqual(['R0002', 'not R0001'])
  })

  it('lands no run before one of a task that its own depends on, though it is approved and that one blocked', () => {
    const [first, second] = ['T0001', 'T0002'].map((id) => taskIdSchema.parse(id))
    if (first === undefined || second === undefined) throw new TypeError('two ids')
    const [base, dependent] = [runOf(1, { task: first, standing: 'blocked' }), runOf(0, { task: second, needs: [first], standing: 'approved' })]
    const order = orderLandings([base, dependent, runOf(2)], [])
    expect(namesOf(order)).toEqual(['R0003', 'R0002', 'R0001'])
    expect(order[2]).toMatchObject({ dependsOn: [{ task: first, after: 'R0002' }], reasons: expect.arrayContaining(['It lands after R0002, for T0002 depends on T0001']) })
    // One that cannot land holds nobody up, and is named.
    const alone = orderLandings([{ ...base, targets: [target(api, 'conflict')] }, dependent], [])
    expect(namesOf(alone)).toEqual(['R0001', 'not R0002'])
    expect(alone[0]?.reasons).toEqual(['T0002 depends on T0001, and no run of that lands before it'])
    expect(namesOf(orderLandings([{ ...base, needs: [second] }, dependent], []))).toEqual(['R0001', 'R0002'])
  })

  it('says which runs are refreshed after which: those that share a target with an earlier one', () => {
    const runs = [runOf(0), runOf(1, { targets: [target(web)] }), runOf(2, { targets: [target(web), target(api)] }), runOf(3, { targets: [target(web, 'moved')] })]
    expect(orderLandings(runs, []).map(({ refresh, refreshAfter }) => [refresh, refreshAfter])).toEqual([
      [false, []],
      [false, []],
      [true, ['R0001', 'R0002']],
      [true, ['R0002', 'R0003']],
    ])
  })
})

describe('a standing', () => {
  const { approval } = mergeableFacts
  const of = (given: GateFacts['approval'], ...codes: readonly BlockerCode[]) => standingOf({ digest: 'digest of s2', blockers: codes.map((code) => block(code, undefined, code, {}, { sentence: 's' })) }, given).standing

  it('leaves targets aside, and wants a genuine yes to the digest there is', () => {
    expect([of(approval), of(approval, 'target_moved', 'approval_stale'), of(undefined, 'approval_missing', 'target_dirty')]).toEqual(['approved', 'approved', 'approvable'])
    expect([of(approval && { ...approval, genuine: false }, 'approval_missing'), of(withApproval({ digest: 'digest of s1' }).approval, 'approval_stale')]).toEqual(['approvable', 'approvable'])
    expect([of(approval, 'checks_failed'), of(approval, 'facts_unavailable')]).toEqual(['blocked', 'blocked'])
  })
})

// Whatever runs and collisions there are.

const states = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('in_place' as const, 'moved' as const) }, { weight: 1, arbitrary: fc.constantFrom('conflict' as const, 'missing' as const, 'unknown' as const) })
const targets = fc.subarray([api, web], { minLength: 1 }).chain((repos) => fc.tuple(...repos.map((repo) => states.map((state) => target(repo, state)))))
const facts = fc.integer({ min: 0, max: 7 }).chain((size) =>
  fc.record({
    runs: fc.tuple(...Array.from({ length: size }, (_, index) => fc.record({ standing: fc.constantFrom('approved' as const, 'approvable' as const, 'blocked' as const), targets, age: fc.nat(3) }).map(({ age, ...some }) => runOf(index, { ...some, queuedAt: `2026-11-22T10:0${age}:00Z` })))),
    pairs: fc.uniqueArray(fc.tuple(fc.nat(7), fc.nat(7)), { selector: ([a, b]) => `${a} ${b}`, maxLength: 14 }).map((some) => some.filter(([a, b]) => a !== b && a < size && b < size).map(([a, b]) => spoil(a, b))),
  }),
)

describe('every order', () => {
  it('names each run once, and does not depend on how they are listed', () => {
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.nat(1000)), ({ runs, pairs }, keys) => {
        const order = orderLandings(runs, pairs)
        expect(order.map(({ run }) => run).toSorted()).toEqual(runs.map(({ run }) => run).toSorted())
        const shuffle = <T>(items: readonly T[]): readonly T[] => items.map((item) => [keys.next().value ?? 0, item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item)
        expect(namesOf(orderLandings(shuffle(runs), shuffle(pairs)))).toEqual(namesOf(order))
      }),
    )
  })

  it('lands only what fits on all before it, leaves out nothing that would, and gives a reason for the rest', () => {
    fc.assert(
      fc.property(facts, ({ runs, pairs }) => {
        for (const step of orderLandings(runs, pairs)) {
          const astray = step.targets.some(({ state }) => state !== 'in_place' && state !== 'moved')
          expect(step.lands).toBe(!astray && step.collisions.length === 0)
        }
      }),
    )
  })

  it('puts no landing after one that stays out, and begins with one that spoils the fewest of those that can land', () => {
    fc.assert(
      fc.property(facts, ({ runs, pairs }) => {
        const order = orderLandings(runs, pairs)
        expect(order.map(({ lands }) => lands)).toEqual(order.map(({ lands }) => lands).toSorted((a, b) => Number(b) - Number(a)))
        const able = runs.filter(({ standing, targets: some }) => standing !== 'blocked' && some.every(({ state }) => state === 'in_place' || state === 'moved'))
        const costOf = (id: string | undefined): number => pairs.filter(({ first, second }) => first === id && able.some(({ run }) => run === second)).length
        if (able.length > 0) expect(costOf(order[0]?.run)).toBe(Math.min(...able.map(({ run }) => costOf(run))))
      }),
    )
  })

  it('lands every run after the first that lands of each task it depends on', () => {
    const needs = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 10 })
    fc.assert(
      fc.property(facts, needs, ({ runs, pairs }, edges) => {
        const taskOf = (index: number) => taskIdSchema.parse(`T000${index}`)
        const depending = runs.map((run, index) => ({ ...run, task: taskOf(index), needs: edges.filter(([from, to]) => from === index && to < from).map(([, to]) => taskOf(to)) }))
        const landed = orderLandings(depending, pairs).filter(({ lands }) => lands)
        landed.forEach(({ dependsOn }, place) => {
          for (const { task: need, after } of dependsOn) expect(landed.findIndex((one) => one.task === need)).toBe(after === null ? -1 : landed.slice(0, place).findIndex(({ run }) => run === after))
        })
      }),
    )
  })

  it('takes an unknown for a conflict', () => {
    fc.assert(
      fc.property(facts, ({ runs, pairs }) => {
        const unknown = pairs.map((pair) => ({ ...pair, paths: [], because: 'it could not be read' }))
        expect(namesOf(orderLandings(runs, unknown))).toEqual(namesOf(orderLandings(runs, pairs)))
      }),
    )
  })

  it('refreshes a run after exactly those that land before it on a target of it', () => {
    fc.assert(
      fc.property(facts, ({ runs, pairs }) => {
        const order = orderLandings(runs, pairs)
        order.forEach((step, index) => {
          const movers = order.slice(0, index).filter(({ lands, targets: some }) => lands && some.some(({ repo }) => step.targets.some((own) => own.repo === repo)))
          expect(step.refreshAfter).toEqual(step.lands ? movers.map(({ run }) => run) : [])
        })
      }),
    )
  })
})
