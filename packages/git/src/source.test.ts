import { execFileSync } from 'node:child_process'
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { branchNameSchema, repoNameSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGit } from './exec.ts'
import { createFilters } from './filters.ts'
import { inspect } from './inspect.ts'
import { readHead, readState } from './source.ts'

afterAll(removeTempDirs)

const git = createGit()
const main = branchNameSchema.parse('main')
const filters = createFilters({ git, env: process.env, file: join(createTempDir('state'), 'filters.json') })
const look = (path: string): Promise<unknown> => inspect({ git, env: process.env, filters }, { folder: path, asked: undefined, movedFrom: undefined })
const sourceAt = (path: string) => ({ repo: repoNameSchema.parse('api'), path })

/** Runs `make` with files in the home of the test's human, and takes them away again. */
async function withUserFile<T>(name: string, content: string, make: () => Promise<T>): Promise<T> {
  const path = join(process.env['XDG_CONFIG_HOME'] ?? '', 'git', name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  try {
    return await make()
  } finally {
    rmSync(path)
  }
}

describe('inspect refuses', () => {
  const bare = (): string => {
    const path = createTempDir()
    raw(path, 'init', '--quiet', '--bare')
    return path
  }
  const unborn = (): string => {
    const path = createTempDir()
    raw(path, 'init', '--quiet')
    return path
  }
  const cloneOf = (...options: string[]): string => {
    const origin = createRepo({ 'a.txt': 'a' })
    commitAll(origin, 'second')
    raw(origin, 'config', 'uploadpack.allowFilter', 'true')
    const path = join(createTempDir(), 'clone')
    raw('/', 'clone', '--quiet', ...options, `file://${origin}`, path)
    return path
  }
  const withFilter = (path: string): string => {
    raw(path, 'config', 'filter.lfs.clean', 'git-lfs clean -- %f')
    return path
  }
  const infoAttributes = (): string => {
    const path = createRepo({ 'a.txt': 'a' })
    writeFileSync(join(path, '.git/info/attributes'), '# mine\n*.txt -diff\n*.bin filter=lfs diff=lfs\n')
    return path
  }
  const attributesFile = (): string => {
    const path = createRepo({ 'a.txt': 'a' })
    const file = join(createTempDir(), 'attrs')
    writeFileSync(file, '*.txt filter=lfs\n')
    raw(path, 'config', 'core.attributesFile', file)
    return path
  }
  const withSetting = (name: string, value: string): string => {
    const path = createRepo({ a: 'a' })
    raw(path, 'config', name, value)
    return path
  }
  const lineBreak = (): string => createRepo({ a: 'a' }, { path: join(createTempDir(), 'with\nbreak') })

  test.each([
    ['a folder that is not there', () => '/nonexistent/repo', 'repo.not_a_repository', /not a folder/],
    ['a file', () => join(createRepo({ a: 'a' }), 'a'), 'repo.not_a_repository', /not a folder/],
    ['a folder without git', createTempDir, 'repo.not_a_repository', /not a git repository/],
    ['a git directory', () => join(createRepo({ a: 'a' }), '.git'), 'repo.not_a_repository', /in a git directory/],
    ['a folder inside a git directory', () => join(createRepo({ a: 'a' }), '.git/refs'), 'repo.not_a_repository', /in a git directory/],
    ['a folder inside a bare repository', () => join(bare(), 'refs'), 'repo.bare', /bare/],
    ['a bare repository', bare, 'repo.bare', /bare/],
    ['a repository without a commit', unborn, 'repo.unborn', /no commit/],
    ['a shallow clone', () => cloneOf('--depth=1'), 'repo.shallow', /shallow/],
    ['a partial clone', () => cloneOf('--filter=blob:none'), 'repo.promisor', /partial clone/],
    ['a partial clone by one setting alone', () => withSetting('remote.origin.promisor', 'yes'), 'repo.promisor', /partial clone/],
    ['a path with a line break', lineBreak, 'input.invalid', /line break/],
    ['LFS', () => withFilter(createRepo({ '.gitattributes': '# big\n*.psd filter=lfs diff=lfs merge=lfs -text\n' })), 'repo.filter_not_allowed', /LFS.*filter=lfs in \.gitattributes:2/],
    ['a filter in a folder of the tree', () => withFilter(createRepo({ 'deep/er/.gitattributes': '"a \\"b\\".c" filter=lfs\n' })), 'repo.filter_not_allowed', /filter=lfs in deep\/er\/\.gitattributes:1/],
    ['a macro that filters', () => withFilter(createRepo({ '.gitattributes': '[attr]large filter=lfs\n*.c large\n' })), 'repo.filter_not_allowed', /filter=lfs in \.gitattributes:1/],
    ['a filter in info/attributes', () => withFilter(infoAttributes()), 'repo.filter_not_allowed', /filter=lfs in .*info\/attributes:3/],
    ['a filter in core.attributesFile', () => withFilter(attributesFile()), 'repo.filter_not_allowed', /filter=lfs in .*attrs:1/],
  ])('%s', async (_name, make, code, sentence) => {
    const path = make()
    await expect(look(path)).rejects.toMatchObject({ code, message: expect.stringMatching(sentence), hint: expect.any(String) })
  })

  test('a partial clone is none that says so itself', async () => {
    await expect(look(withSetting('remote.origin.promisor', 'off'))).resolves.toMatchObject({ branch: 'main' })
  })

  test("a filter in the human's own settings", async () => {
    const path = withFilter(createRepo({ a: 'a' }))
    await withUserFile('attributes', '*.md filter=lfs\n', () =>
      expect(look(path)).rejects.toMatchObject({ code: 'repo.filter_not_allowed', message: expect.stringMatching(/filter=lfs in .*git\/attributes:1/) }),
    )
    await expect(look(path)).resolves.toMatchObject({ path })
  })

  test('a repository it cannot read in words that are its own, not as "no repository"', async () => {
    const path = createRepo({ a: 'a' })
    writeFileSync(join(path, '.git/config'), '[broken\n')
    await expect(look(path)).rejects.toMatchObject({ code: 'git.command_failed', message: expect.stringContaining('config') })
  })
})

describe('inspect', () => {
  test('finds the top from a folder below it, and changes nothing', async () => {
    const path = createRepo({ 'src/a.ts': 'a', '.gitattributes': '*.png binary\n*.md -text diff=markdown\n' })
    raw(path, 'branch', 'release/2')
    const before = fingerprint(path)
    await expect(look(join(path, 'src'))).resolves.toEqual({ path, branch: 'main', branches: ['main', 'release/2'], filters: [] })
    expect(fingerprint(path)).toEqual(before)
  })

  test.each([
    ['line ends', { '.gitattributes': '* text=auto\n*.bat eol=crlf\n' }],
    ['idents and encodings', { '.gitattributes': '*.c ident\n*.ps1 working-tree-encoding=UTF-16\n' }],
    ['a filter without a program', { '.gitattributes': '*.psd filter=lfs\n' }],
  ])('takes a repository that converts %s', async (_name, files) => {
    const path = createRepo(files)
    raw(path, 'config', 'core.autocrlf', 'true')
    await expect(look(path)).resolves.toMatchObject({ path })
  })

  test.each(['-dash', 'with space', 'ünïcode', "quote's", 'semi;colon'])('works in a folder named %s', async (name) => {
    const path = createRepo({ a: 'a' }, { path: join(createTempDir(), name) })
    await expect(look(path)).resolves.toMatchObject({ path })
  })

  test('takes a linked worktree, a detached head and a worktree of a bare repository', async () => {
    const path = createRepo({ a: 'a' })
    const linked = join(createTempDir(), 'linked')
    raw(path, 'worktree', 'add', '--quiet', '-b', 'topic', linked)
    await expect(look(linked)).resolves.toMatchObject({ path: linked, branch: 'topic' })
    raw(linked, 'checkout', '--quiet', '--detach')
    await expect(look(linked)).resolves.toMatchObject({ path: linked, branch: null })
    const bare = join(createTempDir(), 'bare.git')
    raw('/', 'clone', '--quiet', '--bare', path, bare)
    const ofBare = join(createTempDir(), 'of-bare')
    raw(bare, 'worktree', 'add', '--quiet', ofBare, 'main')
    await expect(look(ofBare)).resolves.toMatchObject({ path: realpathSync(ofBare), branch: 'main' })
  })

  test('runs nothing of the repository: no hook, no fsmonitor, no alias', async () => {
    const path = createRepo({ a: 'a' })
    const marker = join(createTempDir(), 'ran')
    writeFiles(path, { '.git/evil': { executable: `#!/bin/sh\necho ran >> ${marker}\n` }, '.git/hooks/reference-transaction': { executable: `#!/bin/sh\necho ran >> ${marker}\n` } })
    raw(path, 'config', 'core.fsmonitor', join(path, '.git/evil'))
    await look(path)
    await readState(git, sourceAt(path))
    expect(() => execFileSync('cat', [marker], { stdio: 'pipe' })).toThrow()
  })
})

describe('readHead', () => {
  test('tells no branch from a branch that cannot be read', async () => {
    const path = createRepo({ a: 'a' })
    await expect(readHead(git, sourceAt(path), main)).resolves.toBe(raw(path, 'rev-parse', 'main'))
    await expect(readHead(git, sourceAt(path), branchNameSchema.parse('release'))).resolves.toBeUndefined()
    raw(path, 'branch', 'release/2')
    await expect(readHead(git, sourceAt(path), branchNameSchema.parse('release'))).resolves.toBeUndefined()
    writeFileSync(join(path, '.git/refs/heads/release/2'), 'garbage\n')
    await expect(readHead(git, sourceAt(path), branchNameSchema.parse('release/2'))).rejects.toMatchObject({ code: 'repo.unreachable' })
    writeFileSync(join(path, '.git/packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${'1'.repeat(40)} refs/heads/lost\n`)
    await expect(readHead(git, sourceAt(path), branchNameSchema.parse('lost'))).rejects.toMatchObject({ code: 'repo.unreachable' })
  })

  test.each(['plain', `with ${delimiter} in it`])('never answers for a repository around the one that was meant: %s', async (name) => {
    const outer = createRepo({ a: 'a' }, { path: join(createTempDir(), name) })
    const inner = createRepo({ b: 'b' }, { path: join(outer, 'inner') })
    rmSync(join(inner, '.git'), { recursive: true })
    await expect(readHead(git, sourceAt(inner), main)).rejects.toMatchObject({ code: 'repo.unreachable' })
    await expect(readState(git, sourceAt(inner))).rejects.toMatchObject({ code: 'repo.unreachable' })
    mkdirSync(join(inner, '.git'))
    await expect(readState(git, sourceAt(inner))).rejects.toMatchObject({ code: 'repo.unreachable' })
    rmSync(inner, { recursive: true })
    await expect(readHead(git, sourceAt(inner), main)).rejects.toMatchObject({ code: 'repo.unreachable', message: expect.stringContaining('does not exist') })
  })
})

describe('readState', () => {
  test('works where what parts lists of folders is in the path, in linked worktrees, too', async () => {
    const path = createRepo({ 'a.txt': 'a\n' }, { path: join(createTempDir(), `with ${delimiter} in it`, 'main') })
    const beside = join(dirname(path), 'beside')
    raw(path, 'worktree', 'add', '--quiet', '-b', 'topic', beside)
    writeFiles(beside, { 'a.txt': 'edited\n', 'dir/b.txt': 'b\n' })
    expect(await readState(git, sourceAt(path))).toMatchObject({ branch: 'main', dirty: false })
    expect(await readState(git, sourceAt(beside))).toMatchObject({ branch: 'topic', paths: ['a.txt', 'dir/b.txt'] })
  })

  test('lists staged, unstaged and untracked paths of any name, without touching the index', async () => {
    const path = createRepo({ 'staged.txt': '1', 'un staged.txt': '1', 'gone.txt': '1', '.gitignore': 'ignored\n' })
    writeFiles(path, { 'staged.txt': '2', 'line\nbreak': 'x', '-dash': 'x', 'dir/new.txt': 'x', ignored: 'x' })
    raw(path, 'add', 'staged.txt')
    writeFiles(path, { 'un staged.txt': '2', 'gone.txt': null })
    const before = fingerprint(path)
    const state = await readState(git, sourceAt(path))
    expect(state).toMatchObject({ branch: 'main', head: raw(path, 'rev-parse', 'HEAD'), dirty: true, operation: null })
    expect(state.paths.toSorted()).toEqual(['-dash', 'dir/new.txt', 'gone.txt', 'line\nbreak', 'staged.txt', 'un staged.txt'])
    expect(fingerprint(path)).toEqual(before)
  })

  test('calls a clean checkout clean', async () => {
    const path = createRepo({ a: 'a' })
    await expect(readState(git, sourceAt(path))).resolves.toMatchObject({ dirty: false, paths: [] })
  })

  const two = (): string => {
    const path = createRepo({ a: 'base\n' })
    raw(path, 'checkout', '--quiet', '-b', 'other')
    writeFiles(path, { a: 'other\n' })
    commitAll(path, 'other')
    raw(path, 'checkout', '--quiet', 'main')
    writeFiles(path, { a: 'main\n' })
    commitAll(path, 'main')
    return path
  }
  const stop = (path: string, ...args: string[]): void => void run(path, 'git', args, { okExits: [0, 1, 128] })
  test.each([
    ['merge', (path: string) => stop(path, 'merge', 'other')],
    ['rebase', (path: string) => stop(path, 'rebase', 'other')],
    ['rebase', (path: string) => stop(path, 'rebase', '--apply', 'other')],
    ['cherry-pick', (path: string) => stop(path, 'cherry-pick', 'other')],
    ['revert', (path: string) => stop(path, 'revert', 'HEAD~1')],
    ['bisect', (path: string) => stop(path, 'bisect', 'start')],
    ['am', (path: string) => void run(path, 'git', ['am', '--3way'], { input: run(path, 'git', ['format-patch', '--stdout', 'HEAD..other']), okExits: [128] })],
  ])('names a %s under way', async (operation, begin) => {
    const path = two()
    begin(path)
    await expect(readState(git, sourceAt(path))).resolves.toMatchObject({ operation })
  })
})
