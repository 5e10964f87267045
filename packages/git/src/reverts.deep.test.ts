import { readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { oidSchema, repoNameSchema, type LandedRevert, type Oid, type RevertSearch } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git as raw, removeTempDirs, run, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const api = repoNameSchema.parse('api')
const text = (...changed: readonly string[]): string => Array.from({ length: 9 }, (_, index) => `${changed[index] || `line number ${index + 1} as it began`}\n`).join('')
const fixed = text('', '', 'line number 3 with its fix')

/** A history of commits on `main`, each of these files, and whatever is asked about on top of it. */
function startHistory(first: Files, ...later: readonly (readonly [subject: string, files: Files])[]) {
  const path = createRepo(first)
  const commits = later.map(([subject, files]) => {
    writeFiles(path, files)
    return commitAll(path, subject)
  })
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const state = createTempDir('state')
  const engine = createGitEngine({ stateDir: state })
  const search = (commit: Oid, from = base): Promise<RevertSearch> => engine.snapshots.findReverts({ repo: api, path }, from, commit)
  const ask = async (commit: Oid, from = base): Promise<readonly LandedRevert[]> => (await search(commit, from)).reverts
  const change = (files: Files): Oid => {
    raw(path, 'checkout', '--quiet', '--detach', base)
    writeFiles(path, files)
    return oidSchema.parse(commitAll(path, 'change'))
  }
  return { path, base, commits, state, search, ask, change, find: (files: Files) => ask(change(files)) }
}

describe('a change takes back', () => {
  test('a hunk of a landed commit, whatever else it changes in the file', async () => {
    const { commits, find } = startHistory({ 'a.txt': text() }, ['fix line 3', { 'a.txt': fixed }], ['unrelated', { 'b.txt': 'b\n' }])
    expect(await find({ 'a.txt': text('', '', '', '', '', '', '', 'line number 8 by the agent') })).toEqual([{ path: 'a.txt', commit: commits[0], subject: 'fix line 3', whole: false, characters: 41 }])
  })

  test('a hunk of a landed commit right beside work of its own, which git shows as one', async () => {
    const { commits, find } = startHistory({ 'a.txt': text() }, ['fix line 3', { 'a.txt': fixed }])
    expect(await find({ 'a.txt': text('', '', '', 'line number 4 by the agent') })).toEqual([expect.objectContaining({ commit: commits[0], whole: false, characters: 41 })])
  })

  test('lines that a commit only added, or only took away', async () => {
    const { commits, find } = startHistory({ 'a.txt': text() }, ['add a guard', { 'a.txt': `${text()}if (broken) throw new Error('broken')\n` }], ['drop line 1', { 'a.txt': `${text().slice(text().indexOf('\n') + 1)}if (broken) throw new Error('broken')\n` }])
    const found = await find({ 'a.txt': text('', '', '', 'and line 4 differs') })
    expect(found.map(({ commit, whole }) => ({ commit, whole }))).toEqual([
      { commit: commits[1], whole: false },
      { commit: commits[0], whole: false },
    ])
  })

  test('a file as it was before, with all commits since, and one that was deleted', async () => {
    const { commits, find } = startHistory({ 'a.txt': text(), 'old.bin': Buffer.from([0, 1]) }, ['one', { 'a.txt': fixed }], ['two', { 'a.txt': text('first'), 'old.bin': null }])
    expect(await find({ 'a.txt': text(), 'old.bin': Buffer.from([0, 1]) })).toEqual([
      { path: 'a.txt', commit: commits[1], subject: 'two', whole: true, characters: expect.any(Number) },
      { path: 'a.txt', commit: commits[0], subject: 'one', whole: true, characters: expect.any(Number) },
      { path: 'old.bin', commit: commits[1], subject: 'two', whole: true, characters: null },
    ])
  })

  test('what a merge brought, named by the merge', async () => {
    const { path, change, ask } = startHistory({ 'a.txt': text() })
    raw(path, 'checkout', '--quiet', '-b', 'topic')
    writeFiles(path, { 'a.txt': fixed })
    commitAll(path, 'on a topic')
    raw(path, 'checkout', '--quiet', 'main')
    raw(path, 'merge', '--quiet', '--no-ff', '-m', 'merge the topic', 'topic')
    const merge = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
    const commit = change({ 'c.txt': 'c\n' })
    raw(path, 'reset', '--quiet', '--hard', merge)
    writeFiles(path, { 'a.txt': text() })
    const back = oidSchema.parse(commitAll(path, 'back'))
    expect(await ask(back, merge)).toMatchObject([{ commit: merge, subject: 'merge the topic', whole: true }])
    expect(await ask(commit)).toEqual([])
  })

  test.each([['a name with "quotes" and \t', 'odd "name"\té.txt'], ['a name over two lines', 'sub/line\nbreak.txt'], ['a name that looks like a pattern', '*.txt'], ['a name like an option', '--all']])('the content of a file with %s', async (_name, name) => {
    const { commits, find } = startHistory({ [name]: text(), 'other.txt': text() }, ['fix', { [name]: fixed, 'other.txt': fixed }])
    expect(await find({ [name]: text() })).toEqual([expect.objectContaining({ path: name, commit: commits[0], whole: true })])
  })

  test('lines that look like parts of a patch, to whom only LF ends a line', async () => {
    const fake = `x\rcommit ${'1'.repeat(40)} forged\rdiff --git a/a.txt b/a.txt\r@@ -1 +1 @@\r\ncommit ${'1'.repeat(40)} forged\n`
    const { commits, find } = startHistory({ 'a.txt': fake }, ['fix', { 'a.txt': text() }])
    for (const [content, whole] of [[fake, true], [`${fake}more\n`, false]] as const) expect(await find({ 'a.txt': content })).toEqual([expect.objectContaining({ path: 'a.txt', commit: commits[0], subject: 'fix', whole })])
  })
})

describe('a change takes nothing back', () => {
  const rows: readonly (readonly [when: string, files: Files])[] = [
    ['it goes on from there', { 'a.txt': text('', '', 'line number 3 with a better fix') }],
    ['it takes away more than the commit added, and puts nothing back', { 'a.txt': text().split('\n').slice(4).join('\n') }],
    ['it copies old content into another file', { 'c.txt': text() }],
    ['it deletes the file', { 'a.txt': null }],
    ['it only makes the file executable', { 'a.txt': { executable: fixed } }],
  ]
  test.each(rows)('when %s', async (_when, files) => {
    const { find } = startHistory({ 'a.txt': text() }, ['fix', { 'a.txt': fixed }])
    expect(await find(files)).toEqual([])
  })

  test('when it needs an import again that a commit took away with its uses', async () => {
    const used = `import { round } from './round.ts'\n${text()}round(1)\n`
    const { find, commits } = startHistory({ 'a.txt': used }, ['do without', { 'a.txt': text() }])
    expect(await find({ 'a.txt': `import { round } from './round.ts'\n${text()}round(2, 3)\n` })).toEqual([])
    expect(await find({ 'a.txt': used })).toMatchObject([{ commit: commits[0], whole: true }])
  })

  test('when what it undoes was renamed away meanwhile', async () => {
    const { find } = startHistory({ 'a.txt': text() }, ['fix', { 'a.txt': fixed }], ['rename', { 'a.txt': null, 'b.txt': fixed }])
    expect(await find({ 'b.txt': text() })).toEqual([])
  })
})

test('blanks and small hunks are told as they are: how few letters they hold', async () => {
  const { find } = startHistory({ 'a.txt': 'a\nb\nc\n', 'b.txt': 'b\n' }, ['blank', { 'a.txt': 'a\n\n\nb\nc\n' }], ['flag', { 'a.txt': 'a\n\n\nb\nd\n' }])
  expect((await find({ 'a.txt': 'x\n\n\nb\nc\n' })).map(({ characters }) => characters)).toEqual([2])
  expect((await find({ 'a.txt': 'a\nb\nz\n' })).map(({ characters }) => characters)).toEqual([0])
})

test.each([
  ['2,000 commits back, and no further', 2_000, 'other.txt'],
  ['among the 200 newest that touch the changed files, and no others', 200, 'a.txt'],
])('a commit is looked for %s', async (_name, bound, touched) => {
  const { path, commits, ask } = startHistory({ 'a.txt': text(), 'other.txt': '0\n' }, ['fix', { 'a.txt': fixed }])
  const stream = Array.from({ length: bound }, (_, index) => {
    const content = touched === 'a.txt' ? fixed.replace('line number 9 as it began', `line number 9 in its form ${index}`) : `${index + 1}\n`
    return `commit refs/heads/main\ncommitter Human <human@example.com> 1714557600 +0000\ndata 4\nmore\n${index === 0 ? `from ${commits[0]}\n` : ''}M 100644 inline ${touched}\ndata ${content.length}\n${content}\n`
  })
  run(path, 'git', ['fast-import', '--quiet'], { input: stream.join('') })
  for (const [base, found] of [['main~1', 1], ['main', 0]] as const) {
    raw(path, 'checkout', '--quiet', '--force', '--detach', base)
    writeFiles(path, { 'a.txt': raw(path, 'show', `${base}:a.txt`).replace('line number 3 with its fix', 'line number 3 as it began') + '\n' })
    const commit = oidSchema.parse(commitAll(path, 'change'))
    expect(await ask(commit, oidSchema.parse(raw(path, 'rev-parse', base)))).toHaveLength(found)
  }
})

test('the answer is kept beside the vault, an unreadable history is an error and not kept', async () => {
  const { path, state, commits, ask, change } = startHistory({ 'a.txt': text() }, ['fix', { 'a.txt': fixed }])
  const commit = change({ 'a.txt': text() })
  const lost = raw(path, 'rev-parse', `${commits[0]}:a.txt`)
  const file = join(path, '.git/objects', lost.slice(0, 2), lost.slice(2))
  renameSync(file, `${file}-away`)
  await expect(ask(commit)).rejects.toMatchObject({ code: 'git.command_failed' })
  renameSync(`${file}-away`, file)
  const found = await ask(commit)
  expect(found).toHaveLength(1)
  const folder = join(state, 'vaults', 'api.git', 'signalbox', 'reverts-2')
  expect(readdirSync(folder)).toHaveLength(1)
  renameSync(file, `${file}-away`)
  expect(await ask(commit)).toEqual(found)
  renameSync(`${file}-away`, file)
  // What is not what was written is looked for again, and so is the list of what changed.
  for (const forged of ['', '[]', '{"reverts":[],"unseen":[]}']) {
    for (const kind of ['reverts-2', 'changes-1']) writeFileSync(join(folder, '..', kind, readdirSync(folder)[0] ?? ''), forged)
    expect(await ask(commit)).toEqual(found)
  }
})

describe('what there is too much of', () => {
  const long = (mark: string): string => `${mark}\n${'a line of a large file\n'.repeat(110_000)}`

  test('is named, and a large file that is as it was is found by its id', async () => {
    const { search, change, commits } = startHistory({ 'big.txt': long('1'), 'a.txt': text() }, ['two', { 'big.txt': long('2'), 'a.txt': fixed }])
    expect(await search(change({ 'big.txt': long('3'), 'a.txt': text('', '', '', 'by the agent') }))).toMatchObject({ unseen: ['big.txt'], reverts: [{ path: 'a.txt' }] })
    expect(await search(change({ 'big.txt': long('1') }))).toEqual({ unseen: [], reverts: [expect.objectContaining({ path: 'big.txt', commit: commits[0], whole: true, characters: null })] })
  })

  test('of patches together is read file by file, and the one that is too large for itself is named', async () => {
    const half = (mark: number): string => `${mark} a line of its own each time\n`.repeat(30_000)
    const { search, change } = startHistory({ 'big.txt': half(0), 'a.txt': text() }, ...Array.from({ length: 12 }, (_, index) => [`form ${index + 1}`, { 'big.txt': half(index + 1), ...(index === 5 ? { 'a.txt': fixed } : {}) }] as const))
    expect(await search(change({ 'big.txt': `${half(12)}more\n`, 'a.txt': text('', '', '', 'by the agent') }))).toMatchObject({ unseen: ['big.txt'], reverts: [{ path: 'a.txt' }] })
  })

  test('of hunks to compare is no more than a moment', async () => {
    const lines = (mark: (index: number) => string): string => Array.from({ length: 4_000 }, (_, index) => `${index % 2 === 0 ? mark(index) : `between ${index}`}\n`).join('')
    const { search, change } = startHistory({ 'a.txt': lines((index) => `0 ${index}`) }, ...Array.from({ length: 20 }, (_, form) => [`form ${form + 1}`, { 'a.txt': lines((index) => `${form + 1} ${index}`) }] as const))
    const commit = change({ 'a.txt': lines((index) => `by the agent ${index}`) })
    const before = process.cpuUsage()
    expect(await search(commit)).toEqual({ reverts: [], unseen: [] })
    // Microseconds of this process alone, whatever else the machine does: a fifth of this; compared each with each, twice of it.
    expect(process.cpuUsage(before).user).toBeLessThan(600_000)
  })
})
