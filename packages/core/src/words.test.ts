import { describe, expect, it } from 'vitest'
import { api, mergeableFacts } from '../test/facts.ts'
import { reportGate } from './gate.ts'
import { asksToSeal, sayAllReported, sayReported } from './words.ts'

describe('what is reported of a saved repo', () => {
  it('is said with five paths at most and the number of all others, by repo', () => {
    const paths = ['a', 'b', 'c', 'd', 'e', 'f']
    expect(sayReported({ reason: 'large', paths: ['a'], more: 0 })).toBe('saved, and 50 MiB or more: a')
    expect(sayReported({ reason: 'sparse', paths, more: 10 })).toBe('not in the workspace (sparse), and kept as its index has it: a, b, c, d, e and 11 more')
    expect(sayAllReported([{ repo: api }, { repo: api, reported: [{ reason: 'submodule', paths: ['lib'], more: 0 }] }])).toEqual(['api: a submodule whose files are there as its commit has them, which are not saved: lib'])
  })
})

it('sealing again is offered where the gate names it as a remedy, and nowhere else', () => {
  const sealed = reportGate({ ...mergeableFacts, round: mergeableFacts.round && { ...mergeableFacts.round, complete: false, missing: [{ repo: api, path: 'a', reason: 'unreadable' }] } })
  expect([asksToSeal(sealed), asksToSeal(reportGate({ ...mergeableFacts, approval: undefined }))]).toEqual([true, false])
})
