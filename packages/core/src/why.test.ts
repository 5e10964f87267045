import { describe, expect, it } from 'vitest'
import { api, mergeableFacts, oid, run, task, web } from '../test/facts.ts'
import { branchNameSchema } from './ids.ts'
import type { RunEvent } from './run-event.ts'
import { landingsIn, parseClaims, verifyClaims, type ClaimFacts, type CommitClaims } from './why.ts'

const yes = mergeableFacts.approval?.value
if (yes === undefined) throw new Error('the sample facts are approved')
const repos = [{ repo: api, branch: branchNameSchema.parse('main'), from: oid('1'), to: oid('5') }]

const envelope = { format: 1, at: '2026-11-22T10:00:00Z', run, task } as const

function record(strategy: 'squash' | 'merge', ...later: readonly RunEvent[]): ClaimFacts['events'] {
  if (yes === undefined) throw new Error('the sample facts are approved')
  return {
    known: true,
    value: [
      { ...envelope, seq: 1, type: 'approval.granted', data: { approval: yes } },
      { ...envelope, seq: 2, type: 'merge.published', data: { strategy, repos } },
      ...later,
    ],
  }
}

/** A push that nobody knows to have arrived. */
function pushing(strategy: 'squash' | 'merge'): readonly RunEvent[] {
  if (yes === undefined) throw new Error('the sample facts are approved')
  const branch = branchNameSchema.parse('signalbox/r0031')
  const move = { repo: api, url: '/remotes/api.git', target: branchNameSchema.parse('main'), from: null, to: oid('5') }
  return [
    { ...envelope, seq: 1, type: 'approval.granted', data: { approval: yes } },
    { ...envelope, seq: 2, type: 'push.started', data: { by: 'ada', snapshot: yes.snapshot, digest: yes.digest, approval: yes.seal, strategy, remote: 'origin', branch, repos: [move] } },
  ]
}

function pushed(strategy: 'squash' | 'merge', ...later: readonly RunEvent[]): ClaimFacts['events'] {
  const there: RunEvent = { ...envelope, seq: 3, type: 'branch.pushed', data: { remote: 'origin', branch: branchNameSchema.parse('signalbox/r0031'), repo: api, to: oid('5') } }
  return { known: true, value: [...pushing(strategy), there, ...later] }
}

const claims: CommitClaims = { task, run, snapshot: yes.snapshot, approvedBy: yes.by }
const squashed: ClaimFacts = { repo: api, commit: { oid: oid('5'), parents: [oid('1')] }, claims, events: record('squash'), parentsOf: {} }
const merged: ClaimFacts = { ...squashed, commit: { oid: oid('6'), parents: [oid('1')] }, events: record('merge'), parentsOf: { [oid('5')]: [oid('1'), oid('6')] } }

describe('trailers', () => {
  it('of ours are read among others, the last of each; none of ours is no claim', () => {
    expect(parseClaims('Signed-off-by: x\nSignalbox-Run: R0001\nSignalbox-Run:  R0002 \nSignalbox-Approved-by: Ada <a@b>\n')).toEqual({ task: null, run: 'R0002', snapshot: null, approvedBy: 'Ada <a@b>' })
    expect(parseClaims('Signed-off-by: x\nX-Signalbox-Run: R0001\n')).toBeUndefined()
  })
})

describe('a claim holds', () => {
  it('for the commit a run landed, and for the second parent of the merge commit it landed', () => {
    expect(verifyClaims(squashed)).toMatchObject({ landing: { to: oid('5'), strategy: 'squash', undone: false } })
    expect(verifyClaims(merged)).toMatchObject({ landing: { to: oid('5'), strategy: 'merge' } })
    expect(verifyClaims({ ...merged, commit: { oid: oid('5'), parents: [oid('1'), oid('6')] } })).toHaveProperty('landing')
  })

  it('for the commit a run pushed, and for the second parent of the merge commit it pushed; its landing goes first', () => {
    const to = { remote: 'origin', branch: 'signalbox/r0031' }
    expect(verifyClaims({ ...squashed, events: pushed('squash') })).toMatchObject({ landing: { ...to, to: oid('5'), strategy: 'squash', undone: false, approval: { seal: yes.seal } } })
    expect(verifyClaims({ ...merged, events: pushed('merge') })).toMatchObject({ landing: { ...to, to: oid('5'), strategy: 'merge' } })
    const landed = pushed('squash', { ...envelope, seq: 9, type: 'merge.published', data: { strategy: 'squash', repos } })
    expect(verifyClaims({ ...squashed, events: landed })).toMatchObject({ landing: { remote: undefined, branch: 'main' } })
  })

  it('also when the landing was taken back later, and says so', () => {
    const back: RunEvent = { format: 1, at: '2026-11-22T11:00:00Z', run, task, seq: 3, type: 'merge.undone', data: { by: 'ada', repos } }
    const events = record('squash', back)
    expect(verifyClaims({ ...squashed, events })).toMatchObject({ landing: { undone: true } })
    expect(events.known && landingsIn(events.value, web)).toEqual([])
  })
})

describe('a claim does not hold', () => {
  const rows: readonly (readonly [when: string, facts: ClaimFacts, because: RegExp])[] = [
    ['no run is named', { ...squashed, claims: { ...claims, run: null } }, /name no run/],
    ['the run could not exist', { ...squashed, claims: { ...claims, run: '../x' } }, /could exist/],
    ['the record cannot be read', { ...squashed, events: { known: false, because: 'There is no run R0031' } }, /There is no run R0031/],
    ['the run landed nothing there', { ...squashed, repo: web }, /landed nothing in web/],
    ['the run pushed another one', { ...squashed, commit: { oid: oid('7'), parents: [oid('1')] }, events: pushed('squash') }, /pushed 5555555555 in api, and not this commit/],
    ['the commit is no parent of the merge that was pushed', { ...merged, commit: { oid: oid('7'), parents: [oid('1')] }, events: pushed('merge') }, /not this commit/],
    ['nobody saw it at its remote', { ...squashed, events: { known: true, value: pushing('squash') } }, /landed nothing in api/],
    ['somebody else approved what was pushed', { ...squashed, claims: { ...claims, approvedBy: 'eve' }, events: pushed('squash') }, /its approval is ada, the trailer says eve/],
    ['the commit is another one', { ...squashed, commit: { oid: oid('7'), parents: [oid('1')] } }, /landed 5555555555 in api, and not this commit/],
    ['the commit is no parent of the merge', { ...merged, commit: { oid: oid('7'), parents: [oid('1')] } }, /not this commit/],
    ['the merge commit cannot be read', { ...merged, parentsOf: {} }, /not this commit/],
    ['a squash has such a parent', { ...merged, events: record('squash') }, /not this commit/],
    ['the task is another one', { ...squashed, claims: { ...claims, task: 'T0001' } }, /its task is T0147, the trailer says T0001/],
    ['another snapshot was approved', { ...squashed, claims: { ...claims, snapshot: 'R0031.s1' } }, /its snapshot is R0031.s2/],
    ['somebody else approved it', { ...squashed, claims: { ...claims, approvedBy: null } }, /its approval is ada, the trailer says nothing/],
  ]
  it.each(rows)('when %s', (_when, facts, because) => {
    expect(verifyClaims(facts)).toEqual({ because: expect.stringMatching(because) })
  })
})
