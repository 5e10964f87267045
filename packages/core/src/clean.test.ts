import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findStanding, judgeCleaning, type LeftCheckout, type WorkspaceFacts } from './clean.ts'
import { repoNameSchema, runIdSchema } from './ids.ts'

const run = runIdSchema.parse('R0001')
const saved = { known: true, value: { changed: [], missing: [], refs: [], ignored: ['node_modules/'] } } as const
const checkout: LeftCheckout = { repo: repoNameSchema.parse('api'), path: '/w/api', captured: true, readable: { known: true, value: true }, unsaved: saved }
const landed: WorkspaceFacts = { run, path: '/w', state: 'ended', merge: 'merged', rejected: false, changes: true, workers: { known: true, value: [] }, outside: { known: true, value: [] }, checkouts: [checkout] }
const plain = { named: false, unlanded: false }

/** One thing that must keep a workspace, whoever asks. */
const losses: readonly (readonly [what: string, change: Partial<WorkspaceFacts>, code: string])[] = [
  ['a landing under way', { merge: 'merging' }, 'merge_pending'],
  ['a landing that is stuck', { merge: 'stuck' }, 'merge_pending'],
  ['a process at work', { workers: { known: true, value: [{ pid: 7, command: 'vim' }] } }, 'workspace_in_use'],
  ['processes nobody could list', { workers: { known: false, because: 'x' } }, 'facts_unavailable'],
  ['files beside its checkouts', { outside: { known: true, value: ['notes.md'] } }, 'work_unsaved'],
  ['a folder nobody could list', { outside: { known: false, because: 'x' } }, 'facts_unavailable'],
  ['changes since its round', withUnsaved({ changed: ['a'] }), 'work_unsaved'],
  ['work that was never sealed', { checkouts: [{ ...checkout, captured: false, unsaved: { known: true, value: { ...saved.value, changed: ['a'] } } }] }, 'work_unsaved'],
  ['what no round can hold', withUnsaved({ missing: [{ path: 'inner', reason: 'nested_repository' }] }), 'work_unsaved'],
  ['commits in no round', withUnsaved({ refs: ['refs/stash'] }), 'work_unsaved'],
  ['a checkout nobody could look at', { checkouts: [{ ...checkout, unsaved: { known: false, because: 'x' } }] }, 'facts_unavailable'],
  ['a round that cannot be read', { checkouts: [{ ...checkout, readable: { known: true, value: false } }] }, 'round_unreadable'],
  ['a round nobody could read', { checkouts: [{ ...checkout, readable: { known: false, because: 'x' } }] }, 'facts_unavailable'],
]

function withUnsaved(unsaved: object): Partial<WorkspaceFacts> {
  return { checkouts: [{ ...checkout, unsaved: { known: true, value: { ...saved.value, ...unsaved } } }] }
}

describe('a workspace', () => {
  it.each(losses)('stays for %s, whoever asks', (_what, change, code) => {
    for (const named of [false, true]) {
      for (const unlanded of [false, true]) {
        expect(judgeCleaning({ ...landed, ...change }, { named, unlanded })).toMatchObject({ verdict: 'refuse', reasons: expect.arrayContaining([expect.objectContaining({ code })]) })
      }
    }
  })

  it.each([
    ['that landed', {}, 'remove'],
    ['that was rejected', { merge: 'none', rejected: true }, 'remove'],
    ['that changes nothing', { merge: 'none', changes: false }, 'remove'],
    ['that is sealed only', { merge: 'none' }, 'keep'],
    ['whose landing was taken back', { merge: 'undone' }, 'keep'],
    ['that is at work', { state: 'active' }, 'keep'],
  ] as const)('of a run %s: when nobody names it, %s', (_what, change, verdict) => {
    expect(judgeCleaning({ ...landed, ...change }, plain).verdict).toBe(verdict)
  })

  it('of a run whose end or landing is not settled stays, and is not called at work', () => {
    for (const named of [false, true]) {
      const of = (merge: WorkspaceFacts['merge']) => judgeCleaning({ ...landed, state: 'unsettled', merge }, { named, unlanded: true })
      expect(of('stuck')).toMatchObject({ verdict: named ? 'refuse' : 'keep', reasons: [{ code: 'merge_pending', remedy: expect.stringContaining('doctor') }] })
      expect(of('none')).toMatchObject({ verdict: named ? 'refuse' : 'keep', reasons: [{ code: 'end_unsettled', message: expect.stringContaining('R0001 has ended'), remedy: expect.stringContaining('doctor') }] })
    }
    expect(findStanding({ ...landed, state: 'unsettled', merge: 'stuck' })).toBe('open')
  })

  it('of a run at work is refused when it is named, and of one not landed it goes', () => {
    expect(judgeCleaning({ ...landed, state: 'active' }, { named: true, unlanded: true }).verdict).toBe('refuse')
    expect(judgeCleaning({ ...landed, merge: 'undone' }, { named: true, unlanded: false }).verdict).toBe('remove')
    expect(judgeCleaning({ ...landed, merge: 'none' }, { named: false, unlanded: true }).verdict).toBe('remove')
  })

  it('of nobody goes only when it holds nothing', () => {
    expect(judgeCleaning({ ...landed, state: 'unknown' }, plain).verdict).toBe('remove')
    expect(judgeCleaning({ ...landed, state: 'unknown', outside: { known: true, value: ['x'] } }, plain).verdict).toBe('keep')
    expect(judgeCleaning({ ...landed, state: 'unknown', outside: { known: false, because: 'x' } }, { named: true, unlanded: true }).verdict).toBe('refuse')
  })

  it('is told every reason at once, with a next action each, and goes without any', () => {
    fc.assert(
      fc.property(fc.subarray([...losses]), fc.record({ named: fc.boolean(), unlanded: fc.boolean() }), fc.constantFrom<WorkspaceFacts['merge']>('none', 'merged', 'undone'), (chosen, asked, merge) => {
        const facts = chosen.reduce<WorkspaceFacts>((all, [, change]) => ({ ...all, ...change, checkouts: [...all.checkouts, ...(change.checkouts ?? [])] }), { ...landed, merge })
        const { verdict, reasons } = judgeCleaning(facts, asked)
        expect(verdict === 'remove').toBe(reasons.length === 0)
        if (chosen.length > 0) expect(verdict).toBe('refuse')
        for (const [, change, code] of chosen) if (change.checkouts !== undefined) expect(reasons.map((reason) => reason.code)).toContain(code)
        for (const { message, remedy } of reasons) expect([message.length, remedy.length].every((length) => length > 10)).toBe(true)
      }),
    )
  })
})
