import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { repoNameSchema, type BlamedLine } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const odd = 'odd "name" é\t.txt'
const api = repoNameSchema.parse('api')

/** A repository whose one file was written, edited, renamed and edited again. */
function startHistory() {
  const path = createRepo({ [odd]: 'one\ntwo\nthree\n', 'bin.dat': Buffer.from([1, 0, 2]), 'empty.txt': '' })
  writeFiles(path, { [odd]: 'one\ntwo, edited\nthree\n' })
  const edited = commitAll(path, 'edit two\n\nSignalbox-Run: R0001\nOther: thing\n')
  renameSync(join(path, odd), join(path, 'new.txt'))
  const renamed = commitAll(path, 'rename')
  const engine = createGitEngine({ stateDir: createTempDir('state') })
  const blame = (file: string, line = 1, source = path): Promise<BlamedLine> => engine.sources.blameLine([{ repo: api, path: source }], file, line)
  return { path, edited, renamed, engine, blame }
}

describe('a line', () => {
  test('leads to the commit that last touched it, through a rename, with its trailers and its place there', async () => {
    const { path, edited, blame } = startHistory()
    const before = fingerprint(path)
    const { commit, ...line } = await blame(join(path, 'new.txt'), 2)
    expect(line).toEqual({ repo: 'api', checkout: path, path: 'new.txt', line: 2, text: 'two, edited' })
    expect(commit).toMatchObject({ oid: edited, subject: 'edit two', author: 'Human <human@example.com>', at: '2024-05-01T10:00:00.000Z', path: odd, line: 2, parents: [raw(path, 'rev-parse', `${edited}^`)] })
    expect(commit?.trailers.trim()).toBe('Signalbox-Run: R0001\nOther: thing')
    expect(fingerprint(path)).toEqual(before)
  })

  test.each([
    ['a zone that no day has', '1714557600 +051800', '2024-05-01T10:00:00.000Z'],
    ['a day that no calendar has, as git shows it', '99999999999999999 +0000', '1970-01-01T00:00:00.000Z'],
  ])('has a date where its author wrote %s', async (_what, written, at) => {
    const { path, blame } = startHistory()
    writeFiles(path, { 'zone.txt': 'z\n' })
    commitAll(path, 'zone')
    const commit = raw(path, 'cat-file', 'commit', 'HEAD').replace(/^author .*$/m, `author A <a@example.com> ${written}`)
    const oid = run(path, 'git', ['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], { input: commit }).trim()
    raw(path, 'reset', '--quiet', '--hard', oid)
    expect((await blame(join(path, 'zone.txt'))).commit).toMatchObject({ oid, at })
  })

  test('has the trailers that a landing writes, whatever the human takes for one', async () => {
    const { path, blame } = startHistory()
    raw(path, 'config', 'trailer.separators', '=')
    writeFiles(path, { 'mine.txt': 'mine\n' })
    raw(path, 'add', 'mine.txt')
    raw(path, 'commit', '--quiet', '-m', 'mine\n\nSignalbox-Task: T0001')
    expect((await blame(join(path, 'mine.txt'))).commit?.trailers.trim()).toBe('Signalbox-Task: T0001')
  })

  test('that is not committed has no commit, nor has one of a file that is only staged', async () => {
    const { path, blame } = startHistory()
    writeFiles(path, { 'new.txt': 'zero\none\ntwo, edited\nthree', 'staged.txt': 'mine\n' })
    raw(path, 'add', 'staged.txt')
    expect(await blame(join(path, 'new.txt'), 1)).toMatchObject({ text: 'zero', commit: undefined })
    expect(await blame(join(path, 'staged.txt'))).toMatchObject({ commit: undefined })
    // The last line has no line end; the rest is counted from where it is now.
    expect(await blame(join(path, 'new.txt'), 4)).toMatchObject({ text: 'three', commit: undefined })
    expect(await blame(join(path, 'new.txt'), 3)).toMatchObject({ text: 'two, edited', commit: { line: 2 } })
  })

  test("is not hidden by the human's list of commits to look past", async () => {
    const { path, edited, blame } = startHistory()
    writeFiles(path, { 'ignored-commits': `${edited}\n` })
    raw(path, 'config', 'blame.ignoreRevsFile', 'ignored-commits')
    expect((await blame(join(path, 'new.txt'), 2)).commit?.oid).toBe(edited)
  })

  test('is found through a link and in a linked worktree of the human, where it may be another one', async () => {
    const { path, edited, blame } = startHistory()
    const linked = join(createTempDir(), 'linked')
    raw(path, 'worktree', 'add', '--quiet', '--detach', linked, 'HEAD')
    writeFiles(linked, { 'new.txt': 'one\ntwo, here only\n' })
    expect(await blame(join(linked, 'new.txt'), 2)).toMatchObject({ checkout: linked, commit: undefined })
    const link = join(createTempDir(), 'link.txt')
    symlinkSync(join(path, 'new.txt'), link)
    expect((await blame(link, 2)).commit?.oid).toBe(edited)
  })

  test('of a commit whose subject looks like more lines is read as git means it', async () => {
    const { path, blame } = startHistory()
    writeFiles(path, { 'new.txt': 'mine\rhalf\n' })
    commitAll(path, 'x\rfilename evil/path\r\tfake')
    expect(await blame(join(path, 'new.txt'), 1)).toMatchObject({ text: 'mine\rhalf', commit: { path: 'new.txt' } })
  })

  test('of a text converter of the repository is not run through it', async () => {
    const { path, blame } = startHistory()
    writeFiles(path, { '.gitattributes': '*.txt diff=evil\n' })
    raw(path, 'config', 'diff.evil.textconv', `sh -c 'touch ${join(path, 'ran')}; cat "$1"' --`)
    expect((await blame(join(path, 'new.txt'), 1)).text).toBe('one')
    expect(raw(path, 'status', '--porcelain')).toBe('?? .gitattributes')
  })
})

describe('no line', () => {
  test.each([
    ['a file that is not there', 'gone.txt', 1, 'file.not_found', /There is no file/],
    ['a folder', '.', 1, 'file.not_found', /There is no file/],
    ['a file below a file', 'new.txt/x', 1, 'file.not_found', /There is no file/],
    ['a binary file', 'bin.dat', 1, 'file.binary', /is binary/],
    ['a line too many', 'new.txt', 4, 'line.not_found', /has 3 lines, and no line 4/],
    ['an empty file', 'empty.txt', 1, 'line.not_found', /has 0 lines/],
    ['a file inside .git', '.git/config', 1, 'file.not_found', /not tracked/],
  ])('is %s', async (_name, file, line, code, message) => {
    const { path, blame } = startHistory()
    await expect(blame(join(path, file), line)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('is in a file that git does not track, or outside every registered repo', async () => {
    const { path, blame } = startHistory()
    const other = createRepo({ 'a.txt': 'a\n' })
    writeFiles(path, { 'mine.txt': 'mine\n' })
    await expect(blame(join(path, 'mine.txt'))).rejects.toMatchObject({ code: 'file.not_found', message: expect.stringContaining('not tracked') })
    await expect(blame(join(other, 'a.txt'))).rejects.toMatchObject({ code: 'repo.not_found', message: expect.stringContaining('no registered repo') })
    const nowhere = createTempDir()
    writeFiles(nowhere, { 'a.txt': 'a\n' })
    await expect(blame(join(nowhere, 'a.txt'))).rejects.toMatchObject({ code: 'repo.not_found', message: expect.stringContaining('no git repository') })
    await expect(blame(join(path, '.git', '..', 'new.txt'), 1, other)).rejects.toMatchObject({ code: 'repo.not_found' })
  })
})
