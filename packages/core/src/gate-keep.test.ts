import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentCommit, keepFacts, mergeableFacts, oid, withKept, withRepo } from '../test/facts.ts'
import type { Known } from './gate-facts.ts'
import type { KeptFacts, StepFacts } from './gate-keep.ts'
import { findBlockers, reportGate } from './gate.ts'
import type { JudgedWaiver, Waiver } from './waiver.ts'
import { waiveWords } from './words.ts'

const paths: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom('a', 'b', '.env'), { maxLength: 2 })
const places = paths.map((found) => found.map((path, index) => ({ path, line: index + 1, rule: 'github' })))
const step: fc.Arbitrary<StepFacts> = fc.record({
  commit: fc.constantFrom(oid('4'), oid('5'), null),
  offScope: paths,
  secrets: fc.record({ found: places, unscanned: paths.map((found) => found.map((path) => ({ path, bytes: 9 }))) }),
})
const steps = fc.array(step, { maxLength: 3 })
const isQuiet = ({ offScope, secrets }: StepFacts): boolean => offScope.length + secrets.found.length + secrets.unscanned.length === 0

describe('what single commits do', () => {
  it('blocks a landing that keeps them, exactly where one of them does something, and no other', () => {
    const seen = { lands: 0, blocked: 0 }
    fc.assert(
      fc.property(steps, (found) => {
        const facts = withKept({ steps: found })
        const lands = found.every(isQuiet)
        seen[lands ? 'lands' : 'blocked'] += 1
        expect(reportGate(facts).verdict).toBe(lands ? 'mergeable' : 'blocked')
        expect(reportGate({ ...facts, strategy: 'squash', approval: mergeableFacts.approval }).verdict).toBe('mergeable')
      }),
    )
    expect(Math.min(seen.lands, seen.blocked)).toBeGreaterThan(5)
  })

  it('is named with its commit, and once where the round as a whole shows it', () => {
    fc.assert(
      fc.property(steps, places, paths, (found, whole, offScope) => {
        const known = withRepo({ secrets: { known: true, value: { found: whole, unscanned: [] } }, offScope }, withKept({ steps: found }))
        for (const { code, data } of findBlockers(known)) {
          const all = found.flatMap(({ secrets }) => secrets.found)
          const isMore = (path: string): boolean => all.filter((one) => one.path === path).length > whole.filter((one) => one.path === path).length
          if (code === 'secret_found') expect(data['commits'] ?? []).toEqual(found.map(({ commit, secrets }) => ({ commit, secrets: secrets.found.filter(({ path }) => isMore(path)), unscanned: secrets.unscanned })).filter(({ secrets, unscanned }) => secrets.length + unscanned.length > 0))
          if (code === 'scope_exceeded') expect(data['commits'] ?? []).toEqual(found.map(({ commit, offScope: touched }) => ({ commit, paths: touched.filter((path) => !offScope.includes(path)) })).filter((one) => one.paths.length > 0))
        }
      }),
    )
  })

  it('is named also where another commit put something like it in its place: what is waived is seen', () => {
    const secrets = { found: [{ path: 'a', line: 1, rule: 'github' }], unscanned: [{ path: 'b', bytes: 9 }] }
    const both = [oid('4'), oid('5')].map((commit): StepFacts => ({ commit, offScope: [], secrets }))
    const [once] = findBlockers(withRepo({ secrets: { known: true, value: secrets } }, withKept({ steps: both.slice(0, 1) })))
    expect(once?.data).not.toHaveProperty('commits')
    const [blocker] = findBlockers(withRepo({ secrets: { known: true, value: secrets } }, withKept({ steps: both })))
    expect(blocker?.data['commits']).toEqual(both.map(({ commit }) => ({ commit, secrets: secrets.found, unscanned: secrets.unscanned })))
    expect(blocker?.message).toContain('a:1 (github) in 4444444444')
  })

  it('can be waived for just those commits: one more of the same blocks again', () => {
    fc.assert(
      fc.property(step.filter((one) => !isQuiet(one)), step.filter((one) => !isQuiet(one)), (one, more) => {
        const before = findBlockers(withKept({ steps: [one] }))
        const waivers = before.map(({ code, repo, message, data }): JudgedWaiver => ({ genuine: true, value: { code: code as Waiver['code'], repo, snapshot: keepFacts.round?.id as Waiver['snapshot'], digest: 'digest of s2', message, data, because: 'it is meant', by: 'ada', at: '2026-11-22T10:00:30Z', seal: 'seal' } }))
        expect(reportGate({ ...withKept({ steps: [one] }), waivers }).blockers).toEqual([])
        expect(reportGate({ ...withKept({ steps: [one, more] }), waivers }).verdict).toBe('blocked')
        for (const blocker of before) expect(waiveWords(keepFacts.run, blocker)).toContain('--strategy keep')
      }),
    )
  })
})

describe('a yes to commits', () => {
  it('holds for just their digest, while all of them are known and fit', () => {
    fc.assert(
      fc.property(fc.constantFrom('commits 1', 'commits 2', undefined), fc.constantFrom('commits 1', 'commits 2', undefined), fc.constantFrom('linear', 'unfit', 'unknown'), (now, yes, how) => {
        const history: KeptFacts['history'] = how === 'unfit' ? { kind: 'unfit', because: 'one is a merge' } : { kind: 'linear', commits: [agentCommit], rest: null }
        const kept: Known<KeptFacts> = how === 'unknown' ? { known: false, because: 'the disk is gone' } : { known: true, value: { history, steps: [] } }
        const facts = { ...withRepo({ kept }, keepFacts), commitsHash: now, approval: keepFacts.approval && { ...keepFacts.approval, value: { ...keepFacts.approval.value, ...(yes === undefined ? { commits: undefined } : { commits: yes }) } } }
        expect(reportGate(facts).verdict === 'mergeable').toBe(how === 'linear' && yes !== undefined && yes === now)
      }),
    )
  })
})
