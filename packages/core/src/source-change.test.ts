import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { api, oid } from '../test/facts.ts'
import { blockingChanges, type SourceChange, type SourceLook } from './source-change.ts'
import { compareFingerprints, sourceFingerprintSchema, sourceParts, type SourceFingerprint } from './source-fingerprint.ts'
import { isEscaped, sayLook } from './words.ts'

const name = fc.constantFrom('main', 'refs/heads/main', '__proto__', 'constructor', 'a b', '-x', 'ä')
const entries = fc.uniqueArray(fc.tuple(name, fc.constantFrom('1', '2')), { selector: ([key]) => key })
const fingerprint = fc.record(Object.fromEntries(sourceParts.map((part) => [part, entries])) as Record<(typeof sourceParts)[number], typeof entries>)

describe('compareFingerprints', () => {
  it('finds nothing between equal looks, in whatever order they list, also after they were written down', () => {
    fc.assert(
      fc.property(fingerprint, (one) => {
        const reversed = Object.fromEntries(sourceParts.map((part) => [part, one[part].toReversed()])) as unknown as SourceFingerprint
        expect(compareFingerprints(one, reversed)).toEqual([])
        expect(compareFingerprints(one, sourceFingerprintSchema.parse(JSON.parse(JSON.stringify(one))))).toEqual([])
      }),
    )
  })

  it('names exactly what is new, gone or different, and is its own mirror', () => {
    fc.assert(
      fc.property(fingerprint, fingerprint, (one, other) => {
        const found = compareFingerprints(one, other)
        const expected = sourceParts.flatMap((part) => [...new Set([...one[part], ...other[part]].map(([key]) => key))].filter((key) => valueOf(one, part, key) !== valueOf(other, part, key)).map((key) => `${part} ${key}`))
        expect(found.map(({ what, name: key }) => `${what} ${key}`).toSorted()).toEqual(expected.toSorted())
        expect(compareFingerprints(other, one)).toEqual(found.map(({ before, after, ...rest }) => ({ ...rest, before: after, after: before })))
      }),
    )
  })
})

function valueOf(of: SourceFingerprint, part: (typeof sourceParts)[number], key: string): string | undefined {
  return of[part].find(([each]) => each === key)?.[1]
}

const change = (what: SourceChange['what'], of: string, evidence: SourceChange['evidence'] = null): SourceChange => ({ what, name: of, before: null, after: 'x', evidence })
const look = (...changes: readonly SourceChange[]): SourceLook => ({ repo: api, changes: [...changes], unlisted: 0, unread: null, accepted: null })
const bytes = { kind: 'bytes', oid: oid('7') } as const

describe('what blocks of the changes in a source', () => {
  const all = look(change('file', 'mine.txt'), change('file', 'its.txt', bytes), change('ref', 'refs/heads/main'), change('ref', 'refs/remotes/origin/main'), change('hook', 'pre-commit'))

  it('is what there is evidence for, and in a linked worktree all that is guarded', () => {
    expect(blockingChanges('private', all).map(({ name: of }) => of)).toEqual(['its.txt'])
    expect(blockingChanges('linked', all).map(({ name: of }) => of)).toEqual(['its.txt', 'refs/heads/main', 'pre-commit'])
  })

  it('is nothing once a human called it their own', () => {
    expect(blockingChanges('linked', { ...all, accepted: { by: 'ada', because: 'I did' } })).toEqual([])
  })

  it('is said without an accusation where there is no evidence', () => {
    expect(sayLook(look())).toBeUndefined()
    expect(sayLook(look(change('file', 'mine.txt'), change('ref', 'refs/heads/main')))).toBe('2 things of yours in api changed during the run (mine.txt, refs/heads/main); nothing shows that the run did it')
    expect(sayLook(look(change('file', 'its.txt', bytes)))).toBe('1 thing of yours in api changed during the run (its.txt); the run did it: its.txt holds the bytes of its round')
    expect(isEscaped([look(change('file', 'mine.txt'))])).toBe(false)
  })
})
