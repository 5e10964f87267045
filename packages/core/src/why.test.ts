import { describe, expect, it } from 'vitest'
import { api, mergeableFacts, oid, run, task, web } from '../test/facts.ts'
import { branchNameSchema } from './ids.ts'
import type { RunEvent } from './run-event.ts'
import { landingsIn, parseClaims, verifyClaims, type ClaimFacts, type CommitClaims } from './why.ts'

const yes = mergeableFacts.approval?.value
if (yes === undefined) throw new Error('the sample facts are approved')
const repos = [{ repo: api, branch: branchNameSchema.parse('main'), from: oid('1'), to: oid('5') }]

function record(strategy: 'squash' | 'merge', ...later: readonly RunEvent[]): ClaimFacts['events'] {
  const envelope = { format: 1, at: '2026-11-22T10:00:00Z', run, task } as const
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
