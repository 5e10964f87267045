import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { createTempDir, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createMemory, note, task } from '../test/memory-fixture.ts'
import { createMemoryFiles, type MemoryFiles } from './memory-files.ts'
import { createMemoryIndex, type MemoryIndex } from './memory-index.ts'
import type { MemoryStore } from './memory.ts'

afterAll(removeTempDirs)

/** Long enough ago that no file counts as freshly written. */
const longAgo = new Date('2026-01-01T00:00:00Z')

/** Counts reads of record files. A file counts as written when its stamp says so, not when the test ran. */
function countingFiles(dir: string): MemoryFiles & { readonly reads: string[] } {
  const files = createMemoryFiles(dir)
  const reads: string[] = []
  return {
    reads,
    list: (kind) => [...files.list(kind)].map((file) => ({ ...file, changedMs: longAgo.getTime() })),
    read: (path) => {
      reads.push(path)
      return files.read(path)
    },
  }
}

/** Opens an index to which no file looks freshly written: only such files are not read again, whatever the index says of them. */
function openSettled(memory: MemoryStore): MemoryIndex {
  return createMemoryIndex(memory, countingFiles(memory.dir))
}

async function ask(index: MemoryIndex, query: string): Promise<string> {
  const results = await index.search.search(query, { limit: 9 })
  return results.map(({ id, title }) => `${id} ${title}`).join(', ')
}

const five = { ...task('T0001', 'first apple', 'apple'), ...task('T0002', 'second apple', 'apple'), ...note('N0001', 'third apple', 'apple'), ...note('N0002', 'other', 'pear') }

/** Asks all that is asked of a damaged index; the answers are those of a new one. */
async function expectRightAnswers(index: MemoryIndex): Promise<void> {
  expect(await ask(index, 'apple')).toBe('T0002 second apple, N0001 third apple, T0001 first apple')
  expect(await ask(index, 'pear')).toBe('N0002 other')
  expect(await ask(index, 'T0002')).toBe('T0002 second apple')
}

async function createIndexed(): Promise<{ readonly memory: MemoryStore; readonly file: string; readonly index: MemoryIndex }> {
  const memory = await createMemory(five)
  const index = openSettled(memory)
  await expectRightAnswers(index)
  return { memory, file: join(memory.state, 'index.sqlite'), index }
}

/** Changes an index with SQLite itself, as no code of ours would. */
function tamper(file: string, sql: string): void {
  const database = new Database(file)
  database.exec(sql)
  database.close()
}

function foreignDatabase(sql = 'create table t (x); insert into t values (randomblob(20000))'): string {
  const file = join(createTempDir('foreign'), 'foreign.sqlite')
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.pragma('wal_autocheckpoint = 0')
  database.exec(sql)
  for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${file}.copy${suffix}`)
  database.close()
  return `${file}.copy`
}

const damages: Readonly<Record<string, (file: string) => void>> = {
  'deleted': (file) => rmSync(file),
  'deleted with its folder': (file) => rmSync(dirname(file), { recursive: true }),
  'of zero length': (file) => truncateSync(file, 0),
  'truncated in the middle': (file) => truncateSync(file, Math.floor(statSync(file).size / 2) + 100),
  'garbage': (file) => writeFileSync(file, Buffer.alloc(40_000, 'garbage ')),
  'another database': (file) => copyFileSync(foreignDatabase(), file),
  'a folder': (file) => {
    rmSync(file)
    mkdirSync(join(file, 'inside'), { recursive: true })
  },
  'beside the log of another database': (file) => copyFileSync(`${foreignDatabase()}-wal`, `${file}-wal`),
  'of a newer version': (file) => tamper(file, 'pragma user_version = 2'),
  'of an older version': (file) => tamper(file, 'pragma user_version = 0'),
  'without its tables': (file) => tamper(file, 'drop table words; drop table records'),
  'saying other than the files': (file) => tamper(file, "update records set title = 'wrong', id = 'T9999'; delete from words where rowid > 8"),
  'replaced by an older copy of itself': (file) => {
    copyFileSync(file, `${file}.bak`)
    renameSync(`${file}.bak`, file)
  },
  'without its seal': (file) => rmSync(`${file}-seal`),
}

describe('an index that is', () => {
  test.each(Object.entries(damages))('%s is built anew when it is next opened', async (_, damage) => {
    const { memory, file, index } = await createIndexed()
    await index.close()
    damage(file)
    const next = openSettled(memory)
    await expectRightAnswers(next)
    await next.close()
    expect(existsSync(file)).toBe(true)
  })

  test.each(Object.entries(damages))('%s while it is open is built anew before the next answer', async (_, damage) => {
    const { memory, file, index } = await createIndexed()
    damage(file)
    await expectRightAnswers(index)
    writeFiles(memory.dir, note('N0003', 'written later'))
    expect(await ask(index, 'later')).toBe('N0003 written later')
    await index.close()
    // What was written went to the file that is there now, not to a deleted one.
    const files = countingFiles(memory.dir)
    const next = createMemoryIndex(memory, files)
    expect(await ask(next, 'later')).toBe('N0003 written later')
    await next.close()
    expect(files.reads).toEqual(['notes/N0003.md'])
    expect(existsSync(file)).toBe(true)
  })

  test('different in any one byte gives the same answers', async () => {
    const { memory, file, index } = await createIndexed()
    await index.close()
    const whole = readFileSync(file)
    const filled = [...whole.keys()].filter((at) => whole[at] !== 0)
    for (const at of filled.filter((_, n) => n % Math.ceil(filled.length / 25) === 0)) {
      const flipped = Buffer.from(whole)
      flipped.writeUInt8((flipped[at] ?? 0) ^ 0x41, at)
      writeFileSync(file, flipped)
      const next = openSettled(memory)
      await expectRightAnswers(next)
      await next.close()
    }
  })
})

test('an index that nobody touched is not built again', async () => {
  const { memory, index } = await createIndexed()
  await index.close()
  const files = countingFiles(memory.dir)
  const next = createMemoryIndex(memory, files)
  await ask(next, 'nothing')
  await next.close()
  expect(files.reads).toEqual([])
})

test('the index leaves nothing in its folder but itself, its lock and its seal', async () => {
  const { memory, index } = await createIndexed()
  await index.close()
  expect(readdirSync(memory.state).filter((name) => name.startsWith('index')).toSorted()).toEqual(['index.sqlite', 'index.sqlite-lock', 'index.sqlite-seal'])
})

test('where the state folder cannot be written, answers come from an index in memory', async () => {
  const memory = await createMemory(five)
  writeFileSync(join(memory.state, 'file'), 'a file where the folder would be')
  await expectRightAnswers(openSettled({ ...memory, state: join(memory.state, 'file') }))
})

test('two indexes on one file see the same and do not undo each other', async () => {
  const { memory, index } = await createIndexed()
  const files = countingFiles(memory.dir)
  const other = createMemoryIndex(memory, files)
  await ask(other, 'nothing')
  expect(files.reads).toEqual([])
  for (const id of ['N0011', 'N0012', 'N0013', 'N0014']) {
    writeFiles(memory.dir, note(id, 'shared news'))
    expect(await ask(id > 'N0012' ? other : index, id)).toBe(`${id} shared news`)
  }
  expect(await ask(other, 'news')).toBe(await ask(index, 'news'))
  expect(files.reads.filter((path) => path.startsWith('tasks/'))).toEqual([])
  await index.close()
  await other.close()
})

test('processes that share an index and delete it all the time find what they wrote', async () => {
  const memory = await createMemory(five)
  const children = ['1', '2', '3', '4'].map((number) => promisify(execFile)(process.execPath, [join(import.meta.dirname, '../test/search-own.ts'), memory.dir, memory.state, number]))
  for (const { stdout } of await Promise.all(children)) expect(stdout).toBe('[]')
  const index = createMemoryIndex(memory)
  expect(await index.search.rebuild()).toEqual({ records: 24, quarantined: 0 })
  await index.close()
})

describe('a refresh', () => {
  test('reads only the file that changed', async () => {
    const memory = await createMemory(five)
    const files = countingFiles(memory.dir)
    const index = createMemoryIndex(memory, files)
    await ask(index, 'nothing')
    files.reads.length = 0
    writeFiles(memory.dir, note('N0002', 'changed'))
    await ask(index, 'nothing')
    expect(files.reads).toEqual(['notes/N0002.md'])
    await index.close()
  })

  test('reads nothing when nothing changed', async () => {
    const memory = await createMemory(five)
    const files = countingFiles(memory.dir)
    const index = createMemoryIndex(memory, files)
    await ask(index, 'nothing')
    files.reads.length = 0
    await ask(index, 'nothing')
    expect(files.reads).toEqual([])
    await index.close()
  })

  test('forgets a deleted file, and finds one of the same bytes under another name', async () => {
    const memory = await createMemory(five)
    const index = createMemoryIndex(memory)
    expect(await ask(index, 'pear')).toBe('N0002 other')
    renameSync(join(memory.dir, 'notes/N0002.md'), join(memory.dir, 'notes/N0002-other.md'))
    expect(await ask(index, 'pear')).toBe('N0002 other')
    rmSync(join(memory.dir, 'notes/N0002-other.md'))
    expect(await ask(index, 'pear')).toBe('')
    await index.close()
  })

  test('finds a change of the same size with the same modification time', async () => {
    const memory = await createMemory(five)
    const path = join(memory.dir, 'notes/N0002.md')
    utimesSync(path, longAgo, longAgo)
    const index = createMemoryIndex(memory)
    expect(await ask(index, 'pear')).toBe('N0002 other')
    writeFileSync(path, readFileSync(path, 'utf8').replace('pear', 'plum'))
    utimesSync(path, longAgo, longAgo)
    expect(await ask(index, 'plum')).toBe('N0002 other')
    await index.close()
  })

  test('reads a file again that was just written when it was read, for its stamp may not change', async () => {
    const memory = await createMemory(five)
    const real = createMemoryFiles(memory.dir)
    let changedMs = Date.now()
    const files: MemoryFiles = { read: (path) => real.read(path), list: (kind) => [...real.list(kind)].map((file) => ({ ...file, stamp: 'the same', changedMs })) }
    const index = createMemoryIndex(memory, files)
    expect(await ask(index, 'plum')).toBe('')
    writeFiles(memory.dir, note('N0002', 'other', 'plum'))
    expect(await ask(index, 'plum')).toBe('N0002 other')
    changedMs = longAgo.getTime()
    expect(await ask(index, 'plum')).toBe('N0002 other')
    writeFiles(memory.dir, note('N0002', 'other', 'pear'))
    expect(await ask(index, 'pear')).toBe('')
    await index.close()
  })
})

test('the answers do not depend on the order in which a disk lists files', async () => {
  const memory = await createMemory({ ...five, ...task('T00002', 'second apple', 'apple') })
  const files = createMemoryFiles(memory.dir)
  const answers: string[] = []
  for (const direction of [1, -1]) {
    const list: MemoryFiles['list'] = (kind) => [...files.list(kind)].toSorted((a, b) => (a.path < b.path ? -direction : direction))
    const index = createMemoryIndex({ ...memory, state: `${memory.state}${direction}` }, { ...files, list })
    answers.push(await ask(index, 'apple'))
    await index.close()
  }
  expect(answers[0]).toContain('T0002 second apple')
  expect(answers[0]).toContain('T00002 second apple')
  expect(answers[1]).toBe(answers[0])
})

test('the answers do not depend on the way the index came about', async () => {
  const memory = await createMemory({})
  const index = createMemoryIndex(memory)
  for (const [path, text] of Object.entries(five).toReversed()) {
    writeFiles(memory.dir, { [path]: text })
    await ask(index, 'apple')
  }
  const grown = await index.search.search('apple', { limit: 9 })
  await index.close()
  const fresh = createMemoryIndex({ ...memory, state: `${memory.state}-other` })
  expect(await fresh.search.search('apple', { limit: 9 })).toEqual(grown)
  await fresh.close()
})

test('two thousand records are indexed in a few seconds', async () => {
  const many = Array.from({ length: 2_000 }, (_, n) => task(`T${String(n + 1).padStart(4, '0')}`, `task ${n}`, `word${n} `.repeat(200)))
  const index = createMemoryIndex(await createMemory(Object.assign({}, ...many)))
  const start = performance.now()
  expect(await index.search.rebuild()).toEqual({ records: 2_000, quarantined: 0 })
  expect(performance.now() - start).toBeLessThan(10_000)
  expect(await ask(index, 'word1234')).toBe('T1235 task 1234')
  await index.close()
})
