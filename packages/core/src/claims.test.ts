import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { api, web } from '../test/facts.ts'
import type { AgentEventOf } from './agent-event.ts'
import { findClaimGap, joinClaims, openClaims, type Claims, type RepoPath } from './claims.ts'

const place = (path: string): RepoPath | undefined => (path.startsWith('/w/api/') ? { repo: api, path: path.slice(7) } : undefined)
const call = (more: Partial<AgentEventOf<'tool'>>): AgentEventOf<'tool'> => ({ type: 'tool', id: 't1', status: 'done', ...more })
const none: Claims = { changed: [], outside: [], commands: [], unlisted: 0 }

describe('what an agent says it did', () => {
  it('is what its calls came to, told piece by piece', () => {
    const book = openClaims()
    book.take(call({ status: 'proposed', edits: [{ path: '/w/api/a', change: 'add' }] }))
    book.take(call({ status: 'done' }))
    book.take(call({ id: 't2', edits: [{ path: '/etc/x', change: 'modify' }] }))
    book.take(call({ id: 't3', status: 'running', command: 'npm test' }))
    book.take(call({ id: 't3', status: 'failed', exitCode: 1 }))
    expect(book.close(place)).toEqual({ changed: [{ repo: api, path: 'a' }], outside: ['/etc/x'], commands: [{ command: 'npm test', exitCode: 1 }], unlisted: 0 })
  })

  it.each(['refused', 'abandoned', 'failed', 'running', 'proposed'] as const)('is no edit that was %s', (status) => {
    const book = openClaims()
    book.take(call({ status, edits: [{ path: '/w/api/a', change: 'add' }] }))
    expect(book.close(place)).toBeUndefined()
  })

  it('is counted where it is too much to list, and then nobody can say what was not claimed', () => {
    const book = openClaims()
    book.take(call({ edits: Array.from({ length: 1_003 }, (_, index) => ({ path: `/w/api/${index}`, change: 'add' as const })) }))
    const claims = book.close(place)
    expect(claims).toMatchObject({ unlisted: 3 })
    expect(findClaimGap(claims ?? none, [{ repo: api, paths: ['1002'] }], { isBegun: false }).unclaimed).toBeNull()
  })

  it('is counted, however many calls it made', () => {
    const book = openClaims()
    for (let at = 0; at < 2_000; at += 1) {
      book.take(call({ id: `t${at}`, status: 'running', command: `make ${at}`, title: 'x'.repeat(10_000), output: 'y'.repeat(10_000) }))
      book.take(call({ id: `t${at}`, exitCode: 0, edits: [{ path: `/w/api/${at % 1_200}`, change: 'add' }] }))
    }
    const claims = book.close(place)
    expect(claims?.commands.map(({ command }) => command)).toEqual(Array.from({ length: 100 }, (_, at) => `make ${1_900 + at}`))
    expect(claims?.changed).toHaveLength(1_000)
    expect(claims?.unlisted).toBe(1_900 + 200)
  })
})

test('of an agent that tells without end, what it told is kept once, and that there was more', () => {
  const book = openClaims()
  for (let index = 0; index < 6_000; index += 1) book.take(call({ id: `t${index}`, edits: [{ path: `/w/api/${index % 10}`, change: 'modify' }], output: 'x' }))
  book.take(call({ id: 'long', edits: [{ path: `/w/api/${'x'.repeat(1 << 20)}`, change: 'add' }] }))
  const claims = book.close(place)
  expect(claims).toMatchObject({ unlisted: 1 })
  expect(claims?.changed).toHaveLength(10)
})

describe('claim and fact apart', () => {
  const claims: Claims = { ...none, changed: [{ repo: api, path: 'a' }, { repo: api, path: 'ghost' }, { repo: web, path: 'a' }] }
  it('names what is said and not there, and what is there and was not said', () => {
    expect(findClaimGap(claims, [{ repo: api, paths: ['a', 'silent'] }], { isBegun: false })).toEqual({ absent: [{ repo: api, path: 'ghost' }, { repo: web, path: 'a' }], unclaimed: [{ repo: api, path: 'silent' }], outside: [] })
  })
  it('does not say what was not claimed of files another run began', () => {
    expect(findClaimGap(claims, [{ repo: api, paths: ['silent'] }], { isBegun: true }).unclaimed).toBeNull()
  })
})

test('whatever is claimed and changed, each path is in exactly one place', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', '"', '__proto__'))
  fc.assert(
    fc.property(names, names, (said, actual) => {
      const gap = findClaimGap({ ...none, changed: said.map((path) => ({ repo: api, path })) }, [{ repo: api, paths: actual }], { isBegun: false })
      const both = said.filter((path) => actual.includes(path))
      expect([...gap.absent.map(({ path }) => path), ...both].toSorted()).toEqual(said.toSorted())
      expect([...(gap.unclaimed ?? []).map(({ path }) => path), ...both].toSorted()).toEqual(actual.toSorted())
    }),
  )
})

test('what was said in two attempts is joined, each path once', () => {
  const first: Claims = { ...none, changed: [{ repo: api, path: 'a' }], commands: [{ command: 'x', exitCode: 0 }] }
  expect(joinClaims(first, first)).toEqual({ ...none, changed: [{ repo: api, path: 'a' }], commands: [{ command: 'x', exitCode: 0 }, { command: 'x', exitCode: 0 }] })
  expect(joinClaims(undefined, first)).toBe(first)
})
