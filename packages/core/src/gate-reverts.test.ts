import { describe, expect, it } from 'vitest'
import { nextSnapshot, toMerged, walk } from '../test/events.ts'
import { api, main, oid, web } from '../test/facts.ts'
import { foldRun } from './fold-run.ts'
import { withoutDeclared, type RevertSearch } from './gate-reverts.ts'

const search: RevertSearch = { reverts: ['5', '6'].map((digit) => ({ path: 'a.txt', commit: oid(digit), subject: digit, whole: true, characters: 30 })), unseen: ['large.txt'] }
const run = foldRun(walk(...toMerged))
const takesBack = { run: run.id, repos: [{ repo: api, branch: main, from: oid('1'), to: oid('5') }] }

describe('what a run was made to take back', () => {
  it('is no accident, and a round that we computed takes back nothing else', () => {
    expect(withoutDeclared({ takesBack, captured: undefined }, api, search)).toEqual({ reverts: [], unseen: [] })
  })

  it('is left out of a round that somebody edited, and only that', () => {
    expect(withoutDeclared({ takesBack, captured: nextSnapshot(run, 'round') }, api, search)).toEqual({ reverts: [search.reverts[1]], unseen: ['large.txt'] })
  })

  it('is nothing in another repo, or in a run of an agent', () => {
    expect(withoutDeclared({ takesBack, captured: undefined }, web, search)).toBe(search)
    expect(withoutDeclared({ takesBack: undefined, captured: undefined }, api, search)).toBe(search)
  })
})
