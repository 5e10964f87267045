import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toMerged, walk } from '../test/events.ts'
import { mergeableFacts } from '../test/facts.ts'
import { hasCode } from './errors.ts'
import { foldRun } from './fold-run.ts'
import { refuseNewer, refuseUnknown } from './formats.ts'
import { blockersOfApproval, reportGate } from './gate.ts'
import { parseLoggedEvent, parseShownEvent, type LoggedEvent } from './run-event.ts'

const merged = walk(...toMerged)

/** A line of a log as text would carry it, or what it is read as. */
const reread = (value: unknown): LoggedEvent | undefined => parseLoggedEvent(JSON.parse(JSON.stringify(value)))

const newer = fc.oneof(
  fc.record({ format: fc.constant(1), type: fc.constantFrom('run.blessed', 'toString', '') }),
  fc.record({ format: fc.integer({ min: 2, max: 1000 }), type: fc.constantFrom('run.blessed', 'run.ended', 'approval.granted', 'merge.undone') }),
)

describe('an event that a newer version wrote', () => {
  it('leaves the run readable wherever it stands, is named, and forbids every change', () => {
    fc.assert(
      fc.property(newer, fc.jsonValue(), fc.integer({ min: 1, max: merged.length }), fc.boolean(), (head, data, place, instead) => {
        const [before, rest] = [merged.slice(0, place), merged.slice(instead ? place + 1 : place)]
        const unknown = reread({ ...merged[0], seq: place + 1, ...head, data })
        const events = [...before, ...(unknown === undefined ? [] : [unknown]), ...rest.map((event, index) => ({ ...event, seq: place + 2 + index }))]
        const run = foldRun(events)
        expect(run.unknown[0]).toEqual({ seq: place + 1, ...head })
        expect(run.lastSeq).toBe(events.length)
        expect(() => refuseUnknown(run)).toThrow(expect.objectContaining({ code: 'format.newer', message: expect.stringContaining('it knows formats 1 and 2 and') }))
      }),
      { numRuns: 200 },
    )
  })

  it('is still one of a log: another run, or a gap, is damage', () => {
    const [unknown, first] = [reread({ ...merged[0], type: 'run.blessed', seq: 3 }), merged[0]]
    if (unknown === undefined || first === undefined) throw new TypeError('the fixture is an event')
    expect(() => foldRun([first, unknown])).toThrow(expect.objectContaining({ code: 'run.log_invalid' }))
    expect(() => foldRun([first, { ...unknown, seq: 2, task: 'T9999' as never }])).toThrow(expect.objectContaining({ code: 'run.log_invalid' }))
    expect(() => foldRun([{ ...unknown, seq: 1 }])).toThrow(expect.objectContaining({ code: 'format.newer' }))
  })

  it('is told apart from damage: a known event of this format that is not in its shape is none', () => {
    expect(parseLoggedEvent({ ...merged[0], data: {} })).toBeUndefined()
    expect(parseLoggedEvent({ ...merged[0], format: 2, data: {} })).toMatchObject({ unknown: true, format: 2 })
    expect(parseLoggedEvent({ format: 2, type: 'run.blessed' })).toBeUndefined()
  })
})

it('keys that a newer version added are shown, in any depth, and change nothing, not even where they have names of ours', () => {
  for (const event of merged) {
    const written = { ...addKeys(event), later: 1 }
    expect(parseShownEvent(structuredClone(written))).toEqual(written)
  }
  expect(foldRun(merged.flatMap((event) => reread(addKeys(event)) ?? []))).toEqual(foldRun(merged))
})

/** Adds a key to the data and to every map in it that has names of ours: not where names are those of repos. */
function addKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(addKeys) as T
  if (typeof value !== 'object' || value === null) return value
  const deep = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'targetHeads' ? item : addKeys(item)]))
  return { kind: 'none', state: 'queued', merge: 1, ...deep, later: { deep: [1] } } as T
}

it('what a newer version wrote blocks the merge and the approval, and nobody can waive it', () => {
  expect(reportGate(mergeableFacts).verdict).toBe('mergeable')
  const { verdict, blockers } = reportGate({ ...mergeableFacts, newer: ['The log of R0031 has an event'] })
  expect([verdict, blockers.map(({ code, message }) => [code, message])]).toEqual(['blocked', [['facts_unavailable', 'The log of R0031 has an event']]])
  expect(blockersOfApproval(blockers)).toEqual(blockers)
  expect(blockers[0]?.remedy.waive).toBeUndefined()
})

it('a format is newer only where it is a larger number', () => {
  const refused = (value: unknown): boolean => {
    try {
      refuseNewer('file', value, 1)
      return false
    } catch (error) {
      return hasCode(error, 'format.newer')
    }
  }
  expect([{ format: 2 }, { format: 1 }, {}, { format: '2' }, null, 'x'].map(refused)).toEqual([true, false, false, false, false, false])
})
