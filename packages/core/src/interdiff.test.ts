import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { oidSchema, repoNameSchema, snapshotIdSchema } from './ids.ts'
import { pairRounds, sayInterdiff, type ComparedRounds } from './interdiff.ts'

const api = repoNameSchema.parse('api')
const web = repoNameSchema.parse('web')
const docs = repoNameSchema.parse('docs')
const oid = (digit: number) => oidSchema.parse(String(digit).repeat(40))
const saved = (repo: typeof api, base: number, commit: number) => ({ repo, base: oid(base), commit: oid(commit), tree: oid(commit), files: 1, insertions: 1, deletions: 0, missing: [] })

describe('pairRounds', () => {
  test('pairs by repo, and says where the base moved', () => {
    expect(pairRounds({ repos: [saved(web, 1, 2), saved(api, 3, 4)] }, { repos: [saved(api, 5, 6), saved(web, 1, 7)] })).toEqual([
      { repo: 'api', held: 'both', moved: true, older: { base: oid(3), commit: oid(4) }, newer: { base: oid(5), commit: oid(6) } },
      { repo: 'web', held: 'both', moved: false, older: { base: oid(1), commit: oid(2) }, newer: { base: oid(1), commit: oid(7) } },
    ])
  })

  test('takes a repo that one round lacks as unchanged there', () => {
    expect(pairRounds({ repos: [saved(docs, 1, 2)] }, { repos: [saved(api, 3, 4)] })).toEqual([
      { repo: 'api', held: 'newer', moved: false, older: { base: oid(3), commit: oid(3) }, newer: { base: oid(3), commit: oid(4) } },
      { repo: 'docs', held: 'older', moved: false, older: { base: oid(1), commit: oid(2) }, newer: { base: oid(1), commit: oid(1) } },
    ])
  })

  test('names every repo of both rounds once, and says the opposite when asked the other way round', () => {
    const round = fc.uniqueArray(fc.tuple(fc.constantFrom(api, web, docs), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), { selector: ([repo]) => repo }).map((repos) => ({ repos: repos.map((one) => saved(...one)) }))
    fc.assert(
      fc.property(round, round, (older, newer) => {
        const pairs = pairRounds(older, newer)
        expect(pairs.map(({ repo }) => repo).toSorted()).toEqual([...new Set([...older.repos, ...newer.repos].map(({ repo }) => repo))].toSorted())
        const turned = { both: 'both', older: 'newer', newer: 'older' } as const
        const back = pairRounds(newer, older).map((pair) => ({ ...pair, held: turned[pair.held], older: pair.newer, newer: pair.older }))
        const byRepo = (a: { readonly repo: string }, b: { readonly repo: string }): number => (a.repo < b.repo ? -1 : 1)
        expect(back.toSorted(byRepo)).toEqual(pairs.toSorted(byRepo))
      }),
    )
  })
})

describe('sayInterdiff', () => {
  const file = { path: 'a', oldPath: null, status: 'modified', insertions: 1, deletions: 1 } as const
  const one = { repo: api, held: 'both', moved: false, conflicts: [] } as const
  const say = (what: Partial<ComparedRounds>): string[] =>
    sayInterdiff({ older: { id: snapshotIdSchema.parse('R0001.s1'), complete: true }, newer: { id: snapshotIdSchema.parse('R0001.s2') }, repos: [{ ...one, conflicts: [] }], diffs: [{ files: [] }], ...what })

  test.each<[string, Partial<ComparedRounds>, string[]]>([
    ['the base alone moved', { repos: [{ ...one, moved: true, conflicts: [] }] }, ['R0001.s2 changes nothing of R0001.s1: only the base moved']],
    ['nothing is different', {}, ['R0001.s2 changes nothing of R0001.s1']],
    ['the author changed something', { diffs: [{ files: [file] }] }, ['Only what R0001.s2 changes of R0001.s1']],
    ['both', { repos: [{ ...one, moved: true, conflicts: [] }], diffs: [{ files: [file] }] }, ['Only what R0001.s2 changes of R0001.s1; the base of api moved, and what that brought is left out']],
    [
      'the older change does not fit',
      { repos: [{ ...one, moved: true, conflicts: ['a', 'b', 'c', 'd', 'e', 'f'] }] },
      ['R0001.s2 holds what git’s merge of R0001.s1 with its base gives', 'On the base that api has in R0001.s2, the change of R0001.s1 conflicts in a, b, c, d, e and 1 more: shown against git’s merge of both with its conflict marks, first the base, then R0001.s1'],
    ],
    [
      'rounds have other repos, and the older one is incomplete',
      { older: { id: snapshotIdSchema.parse('R0001.s1'), complete: false }, repos: [{ ...one, held: 'newer', conflicts: [] }, { ...one, repo: web, held: 'older', conflicts: [] }], diffs: [{ files: [file] }] },
      ['Only what R0001.s2 changes of R0001.s1', 'R0001.s1 does not have api: all of it is shown', 'R0001.s2 does not have web: what R0001.s1 changes there is shown taken back', 'R0001.s1 is incomplete: what could not be saved in it may be shown as changed since'],
    ],
  ])('says so when %s', (_when, what, sentences) => {
    expect(say(what)).toEqual(sentences)
  })
})
