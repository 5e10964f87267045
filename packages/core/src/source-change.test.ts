import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { api, oid } from '../test/facts.ts'
import { blockingChanges, hidesBlocking, isOpenLook, isUnsettled, listChanges, type SourceChange, type SourceLook } from './source-change.ts'
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

  it('is only what there is evidence for in a repo that the run has no checkout of, whatever its isolation', () => {
    for (const isolation of ['private', 'linked', 'sandbox'] as const) expect(blockingChanges(isolation, { ...all, foreign: true }).map(({ name: of }) => of)).toEqual(['its.txt'])
  })

  it('is nothing once a human called it their own', () => {
    expect(blockingChanges('linked', { ...all, accepted: { by: 'ada', because: 'I did' } })).toEqual([])
  })

  it('is said without an accusation where there is no evidence', () => {
    expect(sayLook(look())).toBeUndefined()
    expect(sayLook(look(change('file', 'mine.txt'), change('ref', 'refs/heads/main')))).toBe('2 things of yours in api changed during the run (mine.txt, refs/heads/main); nothing shows that the run did it')
    expect(sayLook(look(change('file', 'its.txt', bytes)))).toBe('1 thing of yours in api changed during the run (its.txt); the run did it: its.txt holds the bytes of its round')
    expect(isEscaped([look(change('file', 'mine.txt'))])).toBe(false)
    expect(sayLook(look(change('hook', 'hooks/pre-push'), change('hook', './.husky/pre-push'), change('config', '/etc/shared: core.pager')))).toContain('(.git/hooks/pre-push, .husky/pre-push, /etc/shared: core.pager)')
  })
})

describe('a look at a repo that the run has no checkout of', () => {
  const mine = { ...look(change('file', 'mine.txt')), foreign: true as const }

  it('keeps a run from going on only by evidence, and is not taken again for having failed', () => {
    const away = { ...look(), unread: 'its disk is away' }
    expect([isUnsettled(away), isOpenLook(away)]).toEqual([true, true])
    expect([isUnsettled({ ...away, foreign: true }), isOpenLook({ ...away, foreign: true })]).toEqual([false, false])
    expect([isOpenLook(look()), isOpenLook({ ...look(), live: true }), isOpenLook({ ...mine, live: true })]).toEqual([false, true, true])
    expect(isUnsettled(look(change('file', 'mine.txt')))).toBe(true)
    expect(isUnsettled(mine)).toBe(false)
    const its = { ...mine, changes: [change('file', 'its.txt', bytes)] }
    expect(isUnsettled(its)).toBe(true)
    expect(isUnsettled({ ...its, accepted: { by: 'ada', because: 'I did' } })).toBe(false)
  })
})

describe('changes that are listed', () => {
  const changes = fc.array(fc.record({ what: fc.constantFrom(...sourceParts), name: fc.constantFrom('refs/heads/a', 'refs/remotes/o/a', 'x'), before: fc.constant(null), after: fc.constant('1'), evidence: fc.constantFrom(null, bytes) }), { maxLength: 12 })

  it('never leave out what blocks without saying so, and name hooks, settings and info before anything that could crowd them out', () => {
    fc.assert(
      fc.property(fc.constantFrom('private' as const, 'linked' as const), changes, fc.nat(12), (isolation, all, room) => {
        const listed = { ...look(), ...listChanges(isolation, all, room) }
        expect(listed.changes.length + listed.unlisted).toBe(all.length)
        const cut = blockingChanges(isolation, look(...all)).length - blockingChanges(isolation, listed).length
        if (cut > 0) expect(hidesBlocking(isolation, listed)).toBe(true)
        const settings = all.filter(({ what }) => ['hook', 'config', 'info'].includes(what))
        if (isolation === 'linked') expect(settings.filter((one) => listed.changes.includes(one))).toHaveLength(Math.min(room, settings.length))
      }),
    )
  })

  it('have the hook of a run that made a thousand tags first', () => {
    const tags = Array.from({ length: 1000 }, (_, index) => change('ref', `refs/tags/t${index}`))
    const listed = listChanges('linked', [change('ref', 'refs/remotes/origin/x'), ...tags, change('hook', 'hooks/pre-commit')], 1000)
    expect(listed.changes[0]?.name).toBe('hooks/pre-commit')
    expect(hidesBlocking('linked', listed)).toBe(true)
  })
})
