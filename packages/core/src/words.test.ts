import { describe, expect, it } from 'vitest'
import { api } from '../test/facts.ts'
import { sayAllReported, sayReported } from './words.ts'

describe('what is reported of a saved repo', () => {
  it('is said with five paths at most and the number of all others, by repo', () => {
    const paths = ['a', 'b', 'c', 'd', 'e', 'f']
    expect(sayReported({ reason: 'large', paths: ['a'], more: 0 })).toBe('saved, and 50 MiB or more: a')
    expect(sayReported({ reason: 'sparse', paths, more: 10 })).toBe('not in the workspace (sparse), and kept as its index has it: a, b, c, d, e and 11 more')
    expect(sayAllReported([{ repo: api }, { repo: api, reported: [{ reason: 'submodule', paths: ['lib'], more: 0 }] }])).toEqual(['api: a submodule whose files are there as its commit has them, which are not saved: lib'])
  })
})
