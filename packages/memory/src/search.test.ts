import * as fc from 'fast-check'
import { join } from 'node:path'
import { removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createMemory, note, record, task } from '../test/memory-fixture.ts'
import { createMemoryIndex } from './memory-index.ts'
import type { MemoryStore } from './memory.ts'

afterAll(removeTempDirs)

const words = ['apple', 'banana', 'cherry', 'date', 'elder', 'fig', 'grape', 'hazel', 'iris', 'juniper']

/** Returns the body of the n-th record: a word is in it when its bit is set in n. */
function bodyOf(n: number): string {
  return words.filter((_, bit) => ((n >> bit) & 1) === 1).join(' ')
}

const corpus = await createMemory(Object.assign({}, ...Array.from({ length: 200 }, (_, n) => note(`N${String(n + 1).padStart(4, '0')}`, `record ${n}`, bodyOf(n * 5)))))
const { search } = createMemoryIndex(corpus)

async function idsOf(memory: MemoryStore, query: string, limit = 20): Promise<readonly string[]> {
  const index = createMemoryIndex(memory)
  const results = await index.search.search(query, { limit })
  await index.close()
  return results.map(({ id }) => id)
}

describe('any input', () => {
  test('is answered, never an error', async () => {
    const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('"', '*', '^', ':', '(', ')', '-', '+', '\0', 'a', ' ', 'AND', 'NEAR', '{', '\\', '\ud800', "'") }))
    await fc.assert(
      fc.asyncProperty(hostile, async (query) => {
        expect(Array.isArray(await search.search(query, { limit: 5 }))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test.each(['title:apple', 'apple OR banana', 'apple NOT banana', 'NEAR(apple banana)', '^apple', 'apple AND banana'])('%s has no operators: each word must occur', async (query) => {
    const results = await search.search(query, { limit: 200 })
    const wanted = query.toLowerCase().match(/[a-z]+/g) ?? []
    expect(results.filter(({ snippet, title }) => !wanted.every((word) => `${title} ${snippet}`.includes(word)))).toEqual([])
  })

  test('without a letter or digit finds nothing', async () => {
    expect(await search.search(' "-- *" ', { limit: 5 })).toEqual([])
  })
})

test('finds exactly the records that hold every word, the last one as a beginning', async () => {
  const query = fc.tuple(fc.subarray(words, { maxLength: 3 }), fc.constantFrom(...words), fc.integer({ min: 2, max: 8 }))
  await fc.assert(
    fc.asyncProperty(query, async ([whole, last, length]) => {
      const beginning = last.slice(0, length)
      const found = await search.search([...whole, beginning].join(' '), { limit: 1000 })
      const expected = Array.from({ length: 200 }, (_, n) => n).filter((n) => {
        const has = bodyOf(n * 5).split(' ')
        return whole.every((word) => has.includes(word)) && has.some((word) => word.startsWith(beginning))
      })
      expect(found.map(({ id }) => Number(id.slice(1)) - 1).toSorted((a, b) => a - b)).toEqual(expected)
    }),
    { numRuns: 100 },
  )
})

describe('order', () => {
  test('an exact id comes first, in either case, before records that only mention it', async () => {
    const memory = await createMemory({ ...task('T0147', 'Add a durable base branch'), ...note('N0001', 'T0147 T0147', 'T0147 T0147 T0147'), ...note('N0002', 'About', 'see T0147') })
    expect(await idsOf(memory, 'T0147')).toEqual(['T0147', 'N0001', 'N0002'])
    expect(await idsOf(memory, ' t0147 ')).toEqual(['T0147', 'N0001', 'N0002'])
  })

  test('a word in the title counts for more than one in the text', async () => {
    const memory = await createMemory({ ...note('N0001', 'Worktrees', 'how they work'), ...note('N0002', 'Other', 'worktrees are here and that is that') })
    expect(await idsOf(memory, 'worktrees')).toEqual(['N0001', 'N0002'])
  })

  test('a word that nearly every record holds is answered newest first', async () => {
    const many = Array.from({ length: 2_100 }, (_, n) => note(`N${String(n + 1).padStart(4, '0')}`, n === 7 ? 'common common' : 'title', 'common'))
    expect(await idsOf(await createMemory(Object.assign({}, ...many)), 'common', 3)).toEqual(['N2100', 'N2099', 'N2098'])
  })
})

describe('a result', () => {
  test('shows the words around the first hit in one line', async () => {
    const memory = await createMemory(note('N0001', 'Long', `${'before '.repeat(50)}\n\nthe needle\nlies here ${'after '.repeat(50)}`))
    const [result] = await createMemoryIndex(memory).search.search('needle', { limit: 1 })
    expect(result?.snippet).toMatch(/^…before .*before the needle lies here after .*…$/)
    expect(result?.snippet.length).toBeLessThan(250)
  })

  test('has no control byte and no mark that turns text around', async () => {
    const memory = await createMemory({ 'notes/N0001.md': '---\nid: N0001\ntitle: "evil \\e[31m title"\n---\n\u001b]0;owned\u0007 evil \u202egnp.exe\n' })
    const [result] = await createMemoryIndex(memory).search.search('evil', { limit: 1 })
    expect(result).toMatchObject({ title: 'evil \\u001b[31m title', snippet: '\\u001b]0;owned\\u0007 evil \\u202egnp.exe' })
  })

  test('is found without regard to case and accents', async () => {
    const memory = await createMemory(note('N0001', 'Café Überblick', 'naïve'))
    for (const query of ['cafe', 'CAFÉ', 'uberblick', 'naive']) expect(await idsOf(memory, query)).toEqual(['N0001'])
  })

  test('is of the kinds asked for', async () => {
    const memory = await createMemory({ ...task('T0001', 'shared word'), ...note('N0001', 'shared word'), ...record('D0001', 'title: shared word') })
    const results = await createMemoryIndex(memory).search.search('shared', { limit: 9, kinds: ['note', 'decision'] })
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['decision', 'note'])
  })

  test('of a handoff is found by what it says', async () => {
    const memory = await createMemory(record('H0001', 'task: T0001\nat: 2026-11-20T10:00:00Z\nby: ada\nwhat: Kept the base commit\nevidence: {changed: [], validation: []}\nnext: Write the migration'))
    expect(await idsOf(memory, 'migration')).toEqual(['H0001'])
  })
})

test('what cannot be read as a record, or shares its id with another, is not found; repaired, it is', async () => {
  const memory = await createMemory({ ...note('N0001', 'good word'), 'notes/N0002.md': '---\nid: N0002\ntitle: [word\n---\n', ...note('N0003', 'twin word'), 'notes/N0003-b.md': '---\nid: N0003\ntitle: twin word\n---\n' })
  const index = createMemoryIndex(memory)
  const ids = async (): Promise<readonly string[]> => (await index.search.search('word', { limit: 9 })).map(({ id }) => id).toSorted()
  expect(await ids()).toEqual(['N0001'])
  expect(await index.search.rebuild()).toEqual({ records: 1, quarantined: 3 })
  writeFiles(join(memory.dir), { 'notes/N0003-b.md': null, 'notes/N0002.md': '---\nid: N0002\ntitle: word\n---\n' })
  expect(await ids()).toEqual(['N0001', 'N0002', 'N0003'])
  await index.close()
})
