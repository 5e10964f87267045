import type { GateReport, RunView, TranscriptLine } from '@signalbox/core'
import { describe, expect, test } from 'vitest'
import { readCheckOutput } from './check-output.ts'
import { pathsOf } from '../words/blocker-paths.ts'
import { isSameGate, refreshedIn, reportIn, seenIn, stepOf, verdictOf, wantsOwner } from './gate-words.ts'

type Repo = GateReport['repos'][number]
// The one cast of a test: brands need the schema library, which pages do without.
const repo = (fields: Partial<Record<keyof Repo, unknown>> = {}): Repo => ({ repo: 'api', branch: 'main', base: 'a', targetHead: 'a', changed: true, ...fields }) as unknown as Repo
const report = (codes: readonly string[], fields: Partial<Record<keyof GateReport, unknown>> = {}): GateReport =>
  ({ run: 'R0001', snapshot: 'R0001.s1', digest: 'd', verdict: codes.length === 0 ? 'mergeable' : 'blocked', repos: [repo()], blockers: codes.map((code) => ({ code, message: code, data: {}, remedy: { sentence: '' } })), ...fields }) as unknown as GateReport
const run = (state: RunView['merge']['state']): Pick<RunView, 'merge'> => ({ merge: { state, because: '', exits: [], repos: [], reverts: [] } })

test('a human is asked whether it was them where something was done beside a run, or nobody can tell', () => {
  expect(['run_escaped', 'repo_tampered', 'facts_unavailable', 'target_dirty'].map((code) => wantsOwner(report([code])))).toEqual([true, true, false, false])
  const unknown = report(['facts_unavailable'])
  expect(wantsOwner({ ...unknown, blockers: unknown.blockers.map((blocker) => ({ ...blocker, data: { mine: true } })) })).toBe(true)
})

describe('what is left to do', () => {
  test.each<[readonly string[], string]>([
    [[], 'land'],
    [['approval_missing'], 'approve'],
    [['approval_stale'], 'approve'],
    [['approval_missing', 'target_dirty'], 'blocked'],
    [['facts_unavailable'], 'blocked'],
  ])('with %j against it: %s', (codes, step) => expect(stepOf(report(codes), run('none'))).toBe(step))

  test('a refresh, where the gate says that it may carry the yes over', () => {
    const moved = report(['target_moved', 'approval_stale'], { carries: { by: 'ada', at: 'now' } })
    expect([stepOf(moved, run('none')), stepOf(moved, run('merged')), verdictOf(moved, run('none')).word]).toEqual(['carry', 'merged', 'Approved; a target moved'])
  })

  test('nothing, for a run that landed, whatever the gate says', () => expect(stepOf(report([]), run('merged'))).toBe('merged'))
  test('counts its reasons', () => expect(verdictOf(report(['target_dirty', 'target_moved']), run('none')).word).toBe('Blocked: 2 reasons'))
})

describe('a yes', () => {
  test('names the digest and the head of every target that would move', () => {
    expect(seenIn(report([], { repos: [repo(), repo({ repo: 'web', changed: false }), repo({ repo: 'docs', targetHead: 'c' })] }))).toEqual({ digest: 'd', targetHeads: { api: 'a', docs: 'c' } })
  })

  test('is about the agent’s commits where those are kept, and about nothing while those are not known', () => {
    expect(seenIn(report([], { kept: { digest: 'c', repos: [] } }))).toEqual({ digest: 'd', targetHeads: { api: 'a' }, strategy: 'keep', commits: 'c' })
    expect(seenIn(report([], { kept: { digest: null, repos: [] } }))).toBeUndefined()
    expect(isSameGate(report([], { kept: { digest: 'c', repos: [] } }), report([], { kept: { digest: 'e', repos: [] } }))).toBe(false)
  })

  test.each([{ digest: null }, { repos: [repo({ targetHead: null })] }])('is about nothing without digest or head: %j', (fields) => expect(seenIn(report([], fields))).toBeUndefined())

  test('is no longer about what was seen when a head, the round or a reason differs', () => {
    const seen = report(['approval_missing'])
    expect(isSameGate(seen, report(['approval_missing']))).toBe(true)
    for (const other of [report([]), report(['approval_missing', 'target_dirty']), report(['approval_missing'], { repos: [repo({ targetHead: 'b' })] }), report(['approval_missing'], { digest: 'e' })]) expect(isSameGate(seen, other)).toBe(false)
  })
})

test('a refusal names the round that was made before it', () => {
  expect([refreshedIn({ data: { refreshed: 'R0001.s2' } }), refreshedIn({ data: {} }), refreshedIn(undefined)]).toEqual(['R0001.s2', undefined, undefined])
})

test('a refusal tells all its reasons where it carries a report', () => {
  expect(reportIn({ code: 'gate.blocked', data: { report: report(['target_dirty']) } })?.blockers).toHaveLength(1)
  for (const other of [undefined, new TypeError('x'), { data: undefined }, { data: { report: 'x' } }]) expect(reportIn(other)).toBeUndefined()
})

test('paths are those of the data, whatever else is in there', () => {
  const [blocker] = report(['target_dirty']).blockers
  expect(blocker && pathsOf({ ...blocker, data: { paths: ['a', 1, 'b'] } })).toEqual(['a', 'b'])
  expect(blocker && pathsOf(blocker)).toEqual([])
})

test('the output of checks is read to its end, and nothing else with it', async () => {
  const line = (stream: TranscriptLine['stream'], text: string): TranscriptLine => ({ at: '', stream, text })
  const pages = [[line('check', 'one'), line('stdout', 'agent')], [line('check', 'two')], []]
  const output = await readCheckOutput((from) => Promise.resolve({ lines: pages[from] ?? [], next: Math.min(from + 1, 2) }))
  expect(output).toBe('one\ntwo\n')
})
