import { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

type Edit = Files | ((root: string) => void)

function apply(root: string, edit: Edit): void {
  if (typeof edit === 'function') edit(root)
  else writeFiles(root, edit)
}

/** A run's snapshot of `change`, on a repository whose branch then moves by `moved`. */
async function conflicting(files: Files, change: Edit, moved: Edit) {
  const path = createRepo(files)
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const run = runIdSchema.parse('R0002')
  const main = branchNameSchema.parse('main')
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run, source, path: join(stateDir, 'workspaces', 'R0002', 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  apply(checkout.path, change)
  const { commit } = await engine.snapshots.capture(checkout, base, 1)
  apply(path, moved)
  const onto = oidSchema.parse(commitAll(path, 'moved'))
  const before = fingerprint(path)
  const merge = (at = onto) => engine.workspaces.merge({ checkout, base: at, baseBranch: main, of: { base, commit }, labels: { base: 'main', of: 'R0002.s1' } })
  const read = (name: string): string => readFileSync(join(checkout.path, name), 'utf8')
  return { engine, checkout, onto, merge, read, stateDir, expectUntouched: () => expect(fingerprint(path)).toEqual(before) }
}

const files: Files = { 'a.txt': 'one\ntwo\nthree\n', 'gone.txt': 'x\n', 'clean.txt': 'c\n', bin: Buffer.from([0, 1]), '.gitignore': 'deps/\n' }

describe('a change that conflicts, merged into the checkout of its run', () => {
  const create = () => conflicting(files, { 'a.txt': 'one\nMINE\nthree\n', 'gone.txt': null, 'new.txt': 'n\n', bin: Buffer.from([0, 2]), 'deps/lib.js': 'installed\n' }, { 'a.txt': 'one\nTHEIRS\nthree\n', 'gone.txt': 'y\n', bin: Buffer.from([0, 3]), 'theirs.txt': 't\n' })

  test('stands on the new base with all of the rest, both sides named between marks, and unmerged for any git', async () => {
    const { merge, read, checkout, onto, expectUntouched } = await create()
    expect((await merge()).map(({ path }) => path)).toEqual(['a.txt', 'bin', 'gone.txt'])
    expect(read('a.txt')).toMatch(/^one\n<<<<<<< main\nTHEIRS\n\|{7} .*\ntwo\n=======\nMINE\n>>>>>>> R0002\.s1\nthree\n$/)
    expect([read('new.txt'), read('theirs.txt'), read('clean.txt'), read('deps/lib.js')]).toEqual(['n\n', 't\n', 'c\n', 'installed\n'])
    expect(raw(checkout.path, 'rev-parse', 'HEAD')).toBe(onto)
    expect(raw(checkout.path, 'status', '--porcelain').split('\n')).toEqual(['UU a.txt', 'UU bin', 'UD gone.txt', 'A  new.txt'])
    raw(checkout.path, 'checkout', '--theirs', 'bin') // what it takes from is there
    expectUntouched()
  })

  test('is settled once no mark is left, and what has none was edited, added or removed', async () => {
    const { merge, engine, checkout, onto } = await create()
    const conflicts = await merge()
    const open = (): readonly string[] => engine.workspaces.findUnresolved(checkout, onto, conflicts)
    expect(open()).toEqual(['a.txt', 'bin', 'gone.txt'])
    raw(checkout.path, 'add', 'a.txt') // with its marks
    raw(checkout.path, 'rm', '--quiet', 'gone.txt')
    expect(open()).toEqual(['a.txt', 'bin'])
    writeFiles(checkout.path, { 'a.txt': 'one\nBOTH\nthree\n=======\n' })
    expect(open()).toEqual(['bin'])
    writeFileSync(join(checkout.path, 'bin'), Buffer.from([0, 4]))
    expect(open()).toEqual([])
    truncateSync(join(checkout.path, 'a.txt'), 2 ** 32) // more than is read of one file
    expect(open(), 'what cannot be looked through is not settled').toEqual(['a.txt'])
    writeFiles(checkout.path, { 'a.txt': 'one\nBOTH\nthree\n=======\n' })
    const saved = await engine.snapshots.capture(checkout, onto, 2)
    expect(saved).toMatchObject({ files: 4, missing: [] })
  })

  test('is not merged again over what somebody did there since', async () => {
    const { merge, read, checkout } = await create()
    await merge()
    writeFiles(checkout.path, { 'a.txt': 'settled\n' })
    expect((await merge()).map(({ path }) => path)).toEqual(['a.txt', 'bin', 'gone.txt'])
    expect(read('a.txt')).toBe('settled\n')
  })

  test('is made from nothing where it was killed on the way', async () => {
    const { merge, read, checkout, stateDir } = await create()
    await merge()
    rmSync(join(stateDir, 'runs', 'R0002', 'index-api.merged'))
    writeFiles(checkout.path, { 'a.txt': 'half', 'new.txt': null })
    await merge()
    expect(read('a.txt')).toContain('<<<<<<< main')
    expect(existsSync(join(checkout.path, 'new.txt'))).toBe(true)
  })

  test('loses no ignored file where it was stopped on the way', async () => {
    const { merge, read } = await create()
    await expect(merge(oidSchema.parse('1'.repeat(40)))).rejects.toMatchObject({ code: 'git.command_failed' })
    await merge()
    expect(read('deps/lib.js')).toBe('installed\n')
  })

  test('finds ignored files beside what the new base has in the same folder', async () => {
    const { merge, read } = await conflicting(files, { 'a.txt': 'MINE\n', 'deps/lib.js': 'installed\n', 'deps/own.js': 'own\n' }, { 'a.txt': 'THEIRS\n', '.gitignore': 'none\n', 'deps/own.js': 'theirs\n' })
    await merge()
    expect([read('deps/lib.js'), read('deps/own.js')]).toEqual(['installed\n', 'theirs\n'])
  })

  test('moves over ignored files, and sees marks, where names are no UTF-8', async () => {
    const name = Buffer.from('caf\u00e9.txt', 'latin1')
    const at = (folder: string): Buffer => Buffer.concat([Buffer.from(`${folder}/`), name])
    const edit = (content: string, folders: readonly string[], more: Files) => (root: string): void => {
      writeFiles(root, { 'a.txt': content, ...more })
      for (const folder of folders) writeFileSync(at(join(root, folder)), content)
    }
    const { merge, engine, checkout, onto } = await conflicting(files, edit('MINE\n', ['', 'deps'], { 'deps/lib.js': 'i\n' }), edit('THEIRS\n', [''], { '.gitignore': 'none\n', 'deps/own.js': 'own\n' }))
    const conflicts = await merge()
    expect(readFileSync(at(join(checkout.path, 'deps')), 'utf8')).toBe('MINE\n')
    raw(checkout.path, 'add', '-A')
    expect(engine.workspaces.findUnresolved(checkout, onto, conflicts)).toEqual(['a.txt', String.raw`"caf\351.txt"`])
  })

  test.each([
    ['longer', '*.txt conflict-marker-size=32\n', 'utf8'],
    ['of another encoding', '*.txt working-tree-encoding=UTF-16LE\n', 'utf16le'],
  ] as const)('is not settled while marks are left that are %s', async (_how, attributes, encoding) => {
    const lines = (edge: string): Buffer => Buffer.from(`${edge}\n2\n3\n4\n5\n6\n7\n${edge}\n`, encoding)
    const { merge, engine, checkout, onto } = await conflicting({ '.gitattributes': attributes, 'a.txt': lines('1') }, { 'a.txt': lines('MINE') }, { 'a.txt': lines('THEIRS') })
    const conflicts = await merge()
    const file = join(checkout.path, 'a.txt')
    const left = readFileSync(file, encoding)
    writeFileSync(file, Buffer.from(left.slice(left.indexOf('2\n3\n')), encoding))
    expect(engine.workspaces.findUnresolved(checkout, onto, conflicts)).toEqual(['a.txt'])
  })

  test('moves nothing over through a link of the new base', async () => {
    const outside = createTempDir('outside')
    const { merge, read, checkout } = await conflicting({ 'a.txt': 'one\n', 'deps/kept.txt': 'k\n', '.gitignore': 'lib\n' }, { 'a.txt': 'MINE\n', 'deps/lib': 'installed\n' }, { 'a.txt': 'THEIRS\n', 'deps/kept.txt': null, deps: { link: outside } })
    await merge()
    expect(readdirSync(outside)).toEqual([])
    expect(read('a.txt')).toContain('<<<<<<< main')
    expect(readlinkSync(join(checkout.path, 'deps'))).toBe(outside)
  })

  test('reads and writes as the git of its human where that converts', async () => {
    const { merge, read, engine, checkout, onto } = await conflicting({ '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'one\ntwo\n', 'b.txt': 'b\n' }, { 'a.txt': 'one\r\nMINE\r\n' }, { 'a.txt': 'one\r\nTHEIRS\r\n' })
    expect((await merge()).map(({ path }) => path)).toEqual(['a.txt'])
    expect(read('a.txt')).toMatch(/^one\r\n<<<<<<< main\r\n/)
    expect(read('b.txt')).toBe('b\r\n')
    writeFiles(checkout.path, { 'a.txt': 'one\r\nBOTH\r\n' })
    expect(await engine.snapshots.capture(checkout, onto, 2)).toMatchObject({ files: 1, insertions: 1, deletions: 1, missing: [] })
  })
})
