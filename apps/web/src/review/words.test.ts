import type { GateReport } from '@signalbox/core'
import { describe, expect, test } from 'vitest'
import { landingSentence } from './landing-sentence.ts'
import { createReadMarks } from './read-marks.ts'
import { targetState } from './target-state.ts'

type Repo = GateReport['repos'][number]
// The one cast of a test: brands need the schema library, which pages do without.
const repo = (fields: Partial<Record<keyof Repo, unknown>>): Repo => ({ repo: 'api', branch: 'main', base: 'a', tree: 't', targetHead: 'a', checkout: null, changed: true, files: 4, insertions: 31, deletions: 5, ...fields }) as unknown as Repo
const web = repo({ repo: 'web', files: 1, insertions: 2, deletions: 0 })

describe('the landing sentence', () => {
  test.each<[string, readonly Repo[], string | undefined]>([
    ['two repos', [repo({}), web], 'Land one commit (4 files, +31 −5) on api → main and one (1 file, +2) on web → main. Nothing else.'],
    ['an unchanged repo is not touched', [web, repo({ changed: false })], 'Land one commit (1 file, +2) on web → main. Nothing else.'],
    ['three repos', [web, repo({ deletions: 0, insertions: 0 }), web], 'Land one commit (1 file, +2) on web → main, one (4 files) on api → main and one (1 file, +2) on web → main. Nothing else.'],
    ['nothing', [repo({ changed: false })], undefined],
  ])('%s', (_name, repos, sentence) => expect(landingSentence({ repos: [...repos] })).toBe(sentence))

  test('names the agent’s commits where those are kept, and what comes on top', () => {
    const kept = { digest: 'c', repos: [{ repo: 'api', commits: ['1', '2'], rest: true }, { repo: 'web', commits: ['3'], rest: false }] } as unknown as GateReport['kept']
    expect(landingSentence({ repos: [repo({}), web, repo({ repo: 'docs' })], kept })).toBe('Land 2 commits of the agent and one more (4 files, +31 −5) on api → main, 1 commit of the agent (1 file, +2) on web → main and one commit (4 files, +31 −5) on docs → main. Nothing else.')
  })

  test('names a merge commit', () => expect(landingSentence({ repos: [web] }, 'merge')).toBe('Land one merge commit (1 file, +2) on web → main. Nothing else.'))
})

describe('the target', () => {
  const blocker = (code: string, of = 'api') => ({ code, repo: of, message: '', data: {}, remedy: { sentence: '' } }) as unknown as GateReport['blockers'][number]

  test.each<[string, Repo, readonly string[], readonly string[]]>([
    ['is equal where nothing is against it', repo({}), [], ['equal']],
    ['shows each reason once', repo({ targetHead: 'b' }), ['target_moved', 'merge_conflict', 'target_dirty', 'target_dirty'], ['moved', 'conflict', 'dirty']],
    ['is unknown when a look failed, though its head is the base', repo({}), ['facts_unavailable'], ['unknown']],
    ['is unknown when it has no head and no reason', repo({ targetHead: null }), [], ['unknown']],
    ['is not touched when nothing changes', repo({ changed: false }), [], ['unchanged']],
  ])('%s', (_name, of, codes, words) => expect(targetState(of, codes.map((code) => blocker(code))).words).toEqual(words))

  test('is never fine while something is unknown', () => expect(targetState(repo({}), [blocker('repo_unreachable')]).tone).toBe('bad'))
  test('is not judged by the reasons of another repo', () => expect(targetState(repo({}), [blocker('target_moved', 'web')]).words).toEqual(['equal']))
})

describe('read marks', () => {
  function storage(start: string | null = null) {
    let text = start
    return { getItem: () => text, setItem: (_key: string, value: string) => void (text = value) }
  }

  test('hold for the same content, also in a new page', () => {
    const kept = storage()
    createReadMarks(kept).set('content', true)
    const later = createReadMarks(kept)
    expect([later.has('content'), later.has('other')]).toEqual([true, false])
    later.set('content', false)
    expect(createReadMarks(kept).has('content')).toBe(false)
  })

  test.each(['{', '{"a":1}', '[1,null]', ''])('whatever lies in the storage is no reason to fail: %s', (text) => expect(createReadMarks(storage(text)).has('content')).toBe(false))

  test('hold for the page when nothing can be stored', () => {
    const marks = createReadMarks({ getItem: () => null, setItem: () => { throw new Error('full') } })
    marks.set('content', true)
    expect(marks.has('content')).toBe(true)
  })
})
