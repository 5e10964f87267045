import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, createTempDir, fingerprint, git, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { statusOf } from '../test/git-memory.ts'
import { findMemory } from './find-memory.ts'
import { initMemory } from './init-memory.ts'
import { openMemory } from './memory-store.ts'
import { stateFolderOf, stateRootOf, type Environment } from './state-folder.ts'

afterAll(removeTempDirs)

let folder: string
let environment: Environment

beforeEach(() => {
  folder = createTempDir('init')
  environment = { PATH: process.env['PATH'], HOME: join(folder, 'home'), SIGNALBOX_STATE: join(folder, 'state') }
})

describe('init', () => {
  test.each(['a missing folder', 'an empty folder'])('makes a memory repo of %s, and gives the same answer again', async (what) => {
    const dir = join(folder, 'work/memory')
    if (what === 'an empty folder') run(folder, 'mkdir', ['-p', dir])
    const first = await initMemory(dir, environment)
    expect(first).toMatchObject({ dir, branch: 'main', created: true, commit: { kind: 'committed' } })
    expect(git(dir, 'log', '--format=%s', 'main')).toBe('Begin a Signalbox memory')
    expect(git(dir, 'ls-files')).toBe('signalbox.yaml')
    expect(statusOf(dir)).toBe('')
    expect(await initMemory(dir, environment)).toEqual({ ...first, created: false })
    expect(git(dir, 'rev-list', '--count', 'main')).toBe('1')
  })

  test('keeps its state outside the repository, for the owner only', async () => {
    const { dir, state } = await initMemory(join(folder, 'memory'), environment)
    expect(state).toBe(stateFolderOf(stateRootOf(environment), dir))
    expect(state).toMatch(/\/state\/memory-[0-9a-f]{12}$/)
    expect(statSync(state).mode & 0o777).toBe(0o700)
    expect(JSON.parse(readFileSync(join(state, 'memory.json'), 'utf8'))).toEqual({ format: 1, path: dir, branch: 'main' })
  })

  test('refuses a repository without a branch checked out, in a whole sentence', async () => {
    const dir = createRepo({ 'README.md': 'mine' }, { path: join(folder, 'repo') })
    git(dir, 'checkout', '--quiet', '--detach')
    await expect(initMemory(dir, environment)).rejects.toMatchObject({ code: 'input.invalid', message: `${dir} has no branch checked out, and a memory repo is kept on one` })
  })

  test('adopts a clean repository by one commit of one file', async () => {
    const dir = createRepo({ 'README.md': 'mine' }, { path: join(folder, 'repo'), branch: 'trunk' })
    writeFiles(dir, { 'untracked.txt': 'mine' })
    const before = fingerprint(dir)
    expect(await initMemory(dir, environment)).toMatchObject({ branch: 'trunk', created: true, commit: { kind: 'committed' } })
    expect(git(dir, 'show', '--format=', '--name-status', 'HEAD')).toBe('A\tsignalbox.yaml')
    expect(statusOf(dir)).toBe('?? untracked.txt')
    const after = fingerprint(dir)
    for (const path of Object.keys(before).filter((name) => /README|untracked|config$/.test(name))) expect(after[path]).toBe(before[path])
  })

  test('finishes what a kill between its steps left', async () => {
    const dir = join(folder, 'memory')
    run('/', 'git', ['init', '--quiet', '--initial-branch=main', dir])
    expect(await initMemory(dir, environment)).toMatchObject({ created: true, commit: { kind: 'committed' } })
  })

  test('adopts a clone of a memory repo as it is', async () => {
    const { dir } = await initMemory(join(folder, 'memory'), environment)
    git(folder, 'clone', '--quiet', dir, 'clone')
    expect(await initMemory(join(folder, 'clone'), environment)).toMatchObject({ created: false, branch: 'main' })
    expect(git(join(folder, 'clone'), 'rev-list', '--count', 'main')).toBe('1')
  })

  const refusals: [what: string, prepare: (path: string) => void, code: string, words: RegExp][] = [
    ['a file', (path) => writeFiles(path, { '../x': 'file' }), 'input.invalid', /is a file/],
    ['a folder inside another repository', (path) => createRepo({}, { path: join(path, '..') }), 'input.invalid', /inside the repository/],
    ['a bare repository', (path) => git(folder, 'init', '--quiet', '--bare', path), 'repo.bare', /bare/],
    ['a folder with files that is no repository', (path) => writeFiles(path, { 'a.txt': 'a' }), 'input.invalid', /not empty \(a\.txt\)/],
    ['a repository with uncommitted changes', (path) => writeFiles(createRepo({ a: 'a' }, { path }), { a: 'b' }), 'input.invalid', /not committed/],
    ['a detached HEAD', (path) => git(createRepo({ a: 'a' }, { path }), 'checkout', '--quiet', '--detach'), 'input.invalid', /no branch/],
    ['a source repository', (path) => createRepo({ 'README.md': 'x', 'src/app.js': 'code' }, { path }), 'input.invalid', /looks like a source repository/],
    ['a merge under way', (path) => writeFiles(createRepo({ a: 'a' }, { path }), { '.git/MERGE_HEAD': 'x' }), 'input.invalid', /merge is under way/],
    ['settings that cannot be read', (path) => createRepo({ 'signalbox.yaml': 'format: [' }, { path }), 'config.invalid', /line 1/],
    ['settings of a newer format', (path) => createRepo({ 'signalbox.yaml': 'format: 3' }, { path }), 'format.newer', /format 3/],
  ]
  test.each(refusals)('refuses %s and changes nothing', async (_, prepare, code, words) => {
    const path = join(folder, 'outer/x')
    run(folder, 'mkdir', ['-p', join(folder, 'outer')])
    prepare(path)
    const before = run(folder, 'find', ['outer', '-type', 'f', '-exec', 'sha256sum', '{}', '+'])
    await expect(initMemory(path, environment)).rejects.toMatchObject({ code, message: expect.stringMatching(words), hint: expect.any(String) })
    expect(run(folder, 'find', ['outer', '-type', 'f', '-exec', 'sha256sum', '{}', '+'])).toBe(before)
  })
})

describe('the memory repo is found', () => {
  test('by name, by environment, upwards, and by default, in this order', async () => {
    const one = (await initMemory(join(folder, 'one'), environment)).dir
    const two = (await initMemory(join(folder, 'two'), environment)).dir
    writeFiles(two, { 'tasks/x/y': '' })
    const inside = join(two, 'tasks/x')
    expect(await findMemory({ memory: '../one', cwd: two, environment })).toBe(one)
    expect(await findMemory({ cwd: inside, environment: { ...environment, SIGNALBOX_MEMORY: one } })).toBe(one)
    expect(await findMemory({ cwd: inside, environment })).toBe(two)
    expect(await findMemory({ cwd: folder, environment })).toBe(one)
  })

  test('or it is said where it was looked for', async () => {
    const missing = { code: 'memory.not_found', hint: expect.stringContaining('signalbox init') }
    await expect(findMemory({ cwd: folder, environment })).rejects.toMatchObject(missing)
    await expect(findMemory({ memory: 'nowhere', cwd: folder, environment })).rejects.toMatchObject({ ...missing, message: expect.stringContaining('nowhere') })
    const { dir } = await initMemory(join(folder, 'one'), environment)
    run(folder, 'rm', ['-r', dir])
    await expect(findMemory({ cwd: folder, environment })).rejects.toMatchObject({ ...missing, message: expect.stringContaining(dir) })
    await expect(openMemory(dir, { state: join(folder, 'state/x') })).rejects.toMatchObject(missing)
    expect(existsSync(join(folder, 'state/x'))).toBe(false)
  })
})

test('state lies in SIGNALBOX_STATE, else in the XDG state folder, else in the home folder', () => {
  expect(stateRootOf({ SIGNALBOX_STATE: '/s', XDG_STATE_HOME: '/x', HOME: '/h' })).toBe('/s')
  expect(stateRootOf({ XDG_STATE_HOME: '/x', HOME: '/h' })).toBe('/x/signalbox')
  expect(stateRootOf({ XDG_STATE_HOME: 'relative', HOME: '/h' })).toBe('/h/.local/state/signalbox')
  expect(() => stateRootOf({ SIGNALBOX_STATE: 'relative' })).toThrow(/absolute/)
})
