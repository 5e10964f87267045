import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { api, branch, main, mergeableFacts, oid, withApproval, withCheckout, withRepo, withTarget } from '../test/facts.ts'
import type { GateFacts, Known } from './gate-facts.ts'
import { reportPush, type PushFacts, type RemoteTarget } from './gate-push.ts'
import { reportGate } from './gate.ts'

const quiet: RemoteTarget = { url: 'https://example.org/api', head: undefined, targetHead: oid('1'), hasBase: 'yes' }
const topic = branch('signalbox/r0031')

function place(remote: Partial<RemoteTarget> | Known<never>, more: Partial<PushFacts> & { readonly ours?: ReturnType<typeof oid> | undefined } = {}): PushFacts {
  const seen: Known<RemoteTarget> = 'known' in remote ? remote : { known: true, value: { ...quiet, ...remote } }
  return { remote: 'origin', branch: topic, pullRequest: false, ...more, repos: new Map([[api, { remote: seen, ours: more.ours }]]) }
}

const blockersOf = (facts: GateFacts, push: PushFacts): readonly (readonly [string, string | undefined])[] => reportPush(facts, push).blockers.map(({ code, remedy }) => [code, remedy.command])

describe('a push is let through', () => {
  test.each([
    ['to a new branch', place({})],
    ['onto a branch that is at the base', place({ head: oid('1') }, { branch: main })],
    ['where its commit is already', place({ head: oid('5') }, { ours: oid('5') })],
  ])('%s', (_name, push) => expect(reportPush(mergeableFacts, push)).toMatchObject({ verdict: 'mergeable', blockers: [] }))

  test.each([
    ['moved', withTarget({ head: oid('7') })],
    ['is gone', withTarget({ head: undefined })],
    ['is busy', withTarget({ busy: [{ kind: 'operation', what: 'rebase in /src/api' }] })],
    ['is dirty', withCheckout({ unstaged: ['a.txt'] })],
  ])('also where the target here %s: nothing of it moves', (_name, facts) => {
    expect(reportGate(facts).verdict).toBe('blocked')
    expect(reportPush(facts, place({})).verdict).toBe('mergeable')
  })

  test('and names the remote branch as its target', () => {
    expect(reportPush(mergeableFacts, place({ head: oid('1') })).repos[0]).toMatchObject({ branch: topic, targetHead: oid('1'), checkout: null })
  })
})

describe('a push is blocked', () => {
  test.each<readonly [string, PushFacts, string, string]>([
    ['by a branch that is elsewhere', place({ head: oid('8') }), 'target_moved', 'signalbox push R0031 --remote origin --branch signalbox/r0031-2'],
    ['by a branch with a name that a shell would run', place({ head: oid('8') }, { branch: branch('a;$(b)') }), 'target_moved', "signalbox push R0031 --remote origin --branch 'a;$(b)-2'"],
    ['by a target that moved there', place({ head: oid('8') }, { branch: main }), 'target_moved', 'git -C /src/api fetch origin'],
    ['by commits that would go along', place({ hasBase: 'no' }), 'target_missing', 'git -C /src/api push origin main'],
    ['by not knowing whether any would', place({ hasBase: 'unknown' }), 'target_missing', 'git -C /src/api fetch origin'],
    ['by nothing to open a pull request onto', place({ targetHead: undefined }, { pullRequest: true }), 'target_missing', 'git -C /src/api push origin main'],
    ['by a remote that could not be looked at', place({ known: false, because: 'it is away' }), 'facts_unavailable', 'signalbox push R0031 --remote origin --branch signalbox/r0031'],
    ['by a remote that nobody looked at', { ...place({}), repos: new Map() }, 'facts_unavailable', 'signalbox push R0031 --remote origin --branch signalbox/r0031'],
  ])('%s', (_name, push, code, command) => {
    expect(blockersOf(mergeableFacts, push)).toEqual([[code, command]])
    expect(reportPush(mergeableFacts, push).verdict).toBe('blocked')
  })

  const unapproved: GateFacts = { ...mergeableFacts, approval: undefined }
  test.each<readonly [string, GateFacts]>([
    ['without an approval', unapproved],
    ['by an approval of another round', withApproval({ digest: 'digest of s1' })],
    ['by an approval on another base', withApproval({ targetHeads: { [api]: oid('7') } })],
    ['by a forged approval', { ...mergeableFacts, approval: { ...mergeableFacts.approval!, genuine: false } }],
    ['by a source that could not be looked at', withRepo({ target: { known: false, because: 'it is away' } })],
    ['by a check that is missing', { ...mergeableFacts, receipts: [] }],
  ])('like a merge %s', (_name, facts) => expect(blockersOf(facts, place({}))).toEqual(reportGate(facts).blockers.map(({ code, remedy }) => [code, remedy.command])))

  test('by everything at once, of this side and of the other', () => {
    expect(blockersOf(unapproved, place({ head: oid('8'), hasBase: 'no' })).map(([code]) => code)).toEqual(['approval_missing', 'target_moved', 'target_missing'])
  })
})

test('whatever is seen, a push goes through only to a branch that is made, is at the base, or has our commit', () => {
  const head = fc.constantFrom(undefined, ...['1', '5', '8'].map(oid))
  fc.assert(
    fc.property(head, head, fc.constantFrom('yes', 'no', 'unknown'), fc.constantFrom(undefined, oid('5')), fc.boolean(), (at, targetHead, hasBase, ours, pullRequest) => {
      const { verdict } = reportPush(mergeableFacts, place({ head: at, targetHead, hasBase }, { ours, pullRequest }))
      const fits = (at === undefined || at === oid('1') || at === ours) && hasBase === 'yes' && (!pullRequest || targetHead !== undefined)
      expect(verdict).toBe(fits ? 'mergeable' : 'blocked')
    }),
  )
})
