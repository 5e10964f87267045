import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, type Busy, type Oid, type TargetFacts } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, run, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const main = branchNameSchema.parse('main')
const quiet: TargetFacts['checkout'] = { path: '', staged: [], unstaged: [], untracked: [], untrackedInTheWay: [], ignoredInTheWay: [], conflicted: [], announced: [], submodules: [] }

/** A repository on `main`, and a change on its head that lies on no branch. */
function startTarget(files: Files, change: Files) {
  const path = createRepo(files)
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  raw(path, 'checkout', '--quiet', '--detach')
  writeFiles(path, change)
  raw(path, 'add', '--all', '--force')
  const commit = oidSchema.parse(commitAll(path, 'change'))
  raw(path, 'checkout', '--quiet', 'main')
  const engine = createGitEngine({ stateDir: createTempDir('state') })
  const source = { repo: repoNameSchema.parse('api'), path }
  const read = (branch = main): Promise<TargetFacts> => engine.sources.readTarget(source, branch, { base, commit })
  return { path, base, commit, engine, source, read }
}

const simple = () => startTarget({ 'a.txt': 'a\n', '.gitignore': '*.log\n.env\n' }, { 'a.txt': 'changed\n', 'new.txt': 'n\n' })
const linked = (path: string, ...args: string[]): string => {
  const folder = join(createTempDir(), 'linked')
  raw(path, 'worktree', 'add', '--quiet', folder, ...args)
  return folder
}

describe('a target', () => {
  test('that is clean and at the base raises nothing, and is not touched', async () => {
    const { path, base, read } = simple()
    const before = fingerprint(path)
    expect(await read()).toEqual({ head: base, checkout: { ...quiet, path }, busy: [], conflicts: [] })
    expect(fingerprint(path)).toEqual(before)
  })

  test('lists dirt by kind', async () => {
    const { path, read } = simple()
    writeFiles(path, { 'staged.txt': 's' })
    raw(path, 'add', 'staged.txt')
    writeFiles(path, { 'a.txt': 'edited\n', 'un\ntracked': 'u', 'x.log': 'ignored' })
    expect((await read()).checkout).toEqual({ ...quiet, path, staged: ['staged.txt'], unstaged: ['a.txt'], untracked: ['un\ntracked'] })
  })

  test('tells what a stash there would refuse or pass over: conflicts, announced files, submodules at another commit', async () => {
    const { path, read } = simple()
    const library = createRepo({ 'lib.txt': 'lib\n' })
    raw(path, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'lib')
    commitAll(path, 'with a library')
    commitAll(join(path, 'lib'), 'newer')
    writeFiles(path, { 'a.txt': 'stashed\n' })
    raw(path, 'stash')
    writeFiles(path, { 'a.txt': 'committed\n' })
    raw(path, 'commit', '--quiet', '--message=other', 'a.txt')
    run(path, 'git', ['stash', 'pop'], { okExits: [1] })
    writeFiles(path, { 'announced.txt': 'x' })
    raw(path, 'add', '--intent-to-add', 'announced.txt')
    const { busy, checkout } = await read()
    expect(busy).toEqual([])
    expect(checkout).toEqual({ ...quiet, path, staged: ['a.txt'], unstaged: ['announced.txt', 'lib', 'a.txt'], conflicted: ['a.txt'], announced: ['announced.txt'], submodules: ['lib'] })
  })

  test('has no head when the branch is gone, and no checkout when it is checked out nowhere', async () => {
    const { path, base, read } = simple()
    expect(await read(branchNameSchema.parse('gone'))).toMatchObject({ head: undefined, checkout: undefined })
    raw(path, 'checkout', '--quiet', '-b', 'elsewhere')
    expect(await read()).toMatchObject({ head: base, checkout: undefined })
    raw(path, 'checkout', '--quiet', '--detach')
    expect(await read()).toMatchObject({ head: base, checkout: undefined })
  })

  test('is looked at in the worktree that has it, not in the registered folder', async () => {
    const { path, read } = simple()
    raw(path, 'checkout', '--quiet', '-b', 'elsewhere')
    writeFiles(path, { 'dirt.txt': 'not its dirt' })
    const folder = linked(path, 'main')
    writeFiles(folder, { 'a.txt': 'edited there\n' })
    expect((await read()).checkout).toEqual({ ...quiet, path: folder, unstaged: ['a.txt'] })
  })

  test('whose worktree folder is gone counts as checked out nowhere; one that only lost its link does not', async () => {
    const { path, base, read } = simple()
    raw(path, 'checkout', '--quiet', '-b', 'elsewhere')
    const folder = linked(path, 'main')
    renameSync(folder, `${folder}-away`)
    expect(await read()).toMatchObject({ head: base, checkout: undefined })
    renameSync(`${folder}-away`, folder)
    rmSync(join(folder, '.git'))
    await expect(read()).rejects.toMatchObject({ code: 'repo.unreachable' })
  })

  test.each(['HEAD', 'gitdir', 'commondir'])('where a pipe lies for %s of a worktree is an error at once, and git is not left waiting', async (name) => {
    const { path, read } = simple()
    linked(path, '--detach')
    run(path, 'sh', ['-c', `rm -f .git/worktrees/linked/${name}; mkfifo .git/worktrees/linked/${name}`])
    await expect(read()).rejects.toMatchObject({ code: 'repo.unreachable', message: expect.stringContaining('no plain file') })
  })

  test('that cannot be read is an error, never an empty answer', async () => {
    const { path, read } = simple()
    writeFileSync(join(path, '.git/index'), 'garbage')
    await expect(read()).rejects.toMatchObject({ code: 'repo.unreachable' })
    rmSync(join(path, '.git'), { recursive: true })
    await expect(read()).rejects.toMatchObject({ code: 'repo.unreachable' })
    rmSync(path, { recursive: true })
    await expect(read()).rejects.toMatchObject({ code: 'repo.unreachable' })
  })
})

describe('a round that cannot be read', () => {
  test('leaves the target as it was found, and says that nobody knows what it meets there', async () => {
    const { path, engine, source } = simple()
    const head = oidSchema.parse(raw(path, 'rev-parse', 'main'))
    writeFiles(path, { 'a.txt': 'edited\n' })
    const lost = oidSchema.parse('1'.repeat(40))
    const read = engine.sources.readTarget(source, main, { base: head, commit: lost })
    await expect(read).resolves.toEqual({ head, checkout: { ...quiet, path, unstaged: ['a.txt'] }, busy: [], conflicts: [], unread: expect.stringContaining(lost) })
  })
})

describe('in the way of a landing are', () => {
  test.each<{ name: string; files?: Files; change: Files; there: (path: string) => void; untracked?: string[]; ignored?: string[] }>([
    { name: 'an untracked file of the same name', change: { 'new.txt': 'n' }, there: (path) => writeFiles(path, { 'new.txt': 'mine', 'other.txt': 'mine' }), untracked: ['new.txt'] },
    { name: 'an untracked file of the same bytes too', change: { 'new.txt': 'n' }, there: (path) => writeFiles(path, { 'new.txt': 'n' }), untracked: ['new.txt'] },
    { name: 'an ignored file', change: { '.env': 'theirs' }, there: (path) => writeFiles(path, { '.env': 'SECRET' }), ignored: ['.env'] },
    { name: 'a file that info/exclude hides', change: { hidden: 'h' }, there: (path) => writeFiles(path, { '.git/info/exclude': 'hidden\n', hidden: 'mine' }), ignored: ['hidden'] },
    { name: 'a dead link', change: { x: 'x' }, there: (path) => writeFiles(path, { x: { link: 'nowhere' } }), untracked: ['x'] },
    { name: 'an ignored file where a folder will be', change: { '.env/x': 'x' }, there: (path) => writeFiles(path, { '.env': 'SECRET' }), ignored: ['.env'] },
    { name: 'an untracked link where a folder will be', change: { 'dir/x': 'x' }, there: (path) => writeFiles(path, { dir: { link: '/tmp' } }), untracked: ['dir'] },
    { name: 'files in a folder where a file will be', change: { out: 'x' }, there: (path) => writeFiles(path, { 'out/a.log': 'i', 'out/b.txt': 'u' }), untracked: ['out/b.txt'], ignored: ['out/a.log'] },
    { name: 'an ignored file in a tracked folder that becomes a file', files: { 'dir/x': 'x' }, change: { dir: 'now a file' }, there: (path) => writeFiles(path, { 'dir/a.log': 'i' }), ignored: ['dir/a.log'] },
    { name: 'nothing when a tracked folder becomes a file', files: { 'dir/x': 'x' }, change: { dir: 'now a file' }, there: () => {} },
    { name: 'nothing when a tracked file becomes a folder', files: { thing: 'x' }, change: { thing: null, 'thing/x': 'x' }, there: () => {} },
    { name: 'nothing ignored that the change does not write', change: { 'new.txt': 'n' }, there: (path) => writeFiles(path, { '.env': 'SECRET', 'x.log': 'i' }) },
    { name: 'a repository of its own', change: { 'vendor/x': 'x', vendor2: 'x' }, there: (path) => void createRepo({ y: 'y' }, { path: join(path, 'vendor2') }), untracked: ['vendor2'] },
  ])('$name', async ({ files = {}, change, there, untracked = [], ignored = [] }) => {
    const { path, read } = startTarget({ 'a.txt': 'a\n', '.gitignore': '*.log\n.env\n', ...files }, change)
    there(path)
    const { checkout } = await read()
    expect(checkout?.ignoredInTheWay).toEqual(ignored)
    if (untracked[0] === 'vendor2') expect(checkout?.untrackedInTheWay.every((each) => each.startsWith('vendor2/'))).toBe(true)
    else expect(checkout?.untrackedInTheWay).toEqual(untracked)
  })
})

describe('a target is busy during', () => {
  const diverged = () => {
    const target = simple()
    const { path } = target
    raw(path, 'checkout', '--quiet', '-b', 'other')
    writeFiles(path, { 'a.txt': 'other\n' })
    commitAll(path, 'other')
    raw(path, 'checkout', '--quiet', 'main')
    writeFiles(path, { 'a.txt': 'main\n' })
    commitAll(path, 'main')
    return target
  }
  const wordsOf = (busy: Busy): string => (busy.kind === 'operation' ? busy.what : busy.kind === 'lock' ? busy.path : busy.paths.join(' and '))
  const stop = (path: string, ...args: string[]): void => void run(path, 'git', args, { okExits: [0, 1, 128] })

  test.each<[string, RegExp, (path: string) => void]>([
    ['a merge', /^merge in /, (path) => stop(path, 'merge', 'other')],
    ['a cherry-pick', /^cherry-pick in /, (path) => stop(path, 'cherry-pick', 'other')],
    ['a rebase of the branch', /^rebase of main in /, (path) => stop(path, 'rebase', 'other')],
    ['a rebase of the branch by patches', /^rebase of main in /, (path) => stop(path, 'rebase', '--apply', 'other')],
    ['a bisect', /^bisect in /, (path) => stop(path, 'bisect', 'start')],
    ['a bisect that went away from the branch', /^bisect of main in /, (path) => stop(path, 'bisect', 'start', 'HEAD', 'HEAD~1') ?? stop(path, 'checkout', '--quiet', '--detach')],
    ['a rebase in another worktree', /^rebase of main in .*linked/, (path) => {
      raw(path, 'checkout', '--quiet', '-b', 'elsewhere')
      stop(linked(path, 'main'), 'rebase', 'other')
    }],
    ['an index lock', /index\.lock/, (path) => writeFileSync(join(path, '.git/index.lock'), '')],
    ['an ORIG_HEAD lock', /ORIG_HEAD\.lock/, (path) => writeFileSync(join(path, '.git/ORIG_HEAD.lock'), '')],
    ['a HEAD lock', /HEAD\.lock/, (path) => writeFileSync(join(path, '.git/HEAD.lock'), '')],
    ['a lock of the branch', /refs\/heads\/main\.lock/, (path) => writeFileSync(join(path, '.git/refs/heads/main.lock'), '')],
    ['a lock of the packed refs', /packed-refs\.lock/, (path) => writeFileSync(join(path, '.git/packed-refs.lock'), '')],
    ['two checkouts of one branch', /^.+ and .*linked$/, (path) => void linked(path, '--force', 'main')],
  ])('%s', async (_name, sentence, begin) => {
    const { path, read } = diverged()
    begin(path)
    const { busy } = await read()
    expect(busy.map(wordsOf)).toEqual([expect.stringMatching(sentence)])
  })

  test('nothing that another branch is in the middle of', async () => {
    const { path, read } = diverged()
    const folder = linked(path, 'other')
    stop(folder, 'merge', 'main')
    mkdirSync(join(path, '.git/refs/heads/topic'), { recursive: true })
    writeFileSync(join(path, '.git/refs/heads/topic/x.lock'), '')
    expect((await read()).busy).toEqual([])
  })
})

describe('a target that moved', () => {
  const move = (path: string, files: Files): Oid => {
    writeFiles(path, files)
    return oidSchema.parse(commitAll(path, 'moved'))
  }

  test('says its new head, and no conflict when the change still fits', async () => {
    const { path, read } = simple()
    const head = move(path, { 'b.txt': 'b\n' })
    expect(await read()).toMatchObject({ head, conflicts: [] })
  })

  test('names the conflicting paths, also where a merge driver of the repository would hide them', async () => {
    const { path, read } = startTarget({ 'a.txt': 'a\n', '.gitattributes': '*.txt merge=hide\n' }, { 'a.txt': 'changed\n' })
    const marker = join(createTempDir(), 'ran')
    raw(path, 'config', 'merge.hide.driver', `touch ${marker}`)
    const head = move(path, { 'a.txt': 'theirs\n' })
    expect(await read()).toMatchObject({ head, conflicts: ['a.txt'] })
    expect(existsSync(marker)).toBe(false)
  })

  test('is compared with the base of the round even when the branch was rewound', async () => {
    const path = createRepo({ 'a.txt': 'one\n' })
    const before = raw(path, 'rev-parse', 'HEAD')
    const base = move(path, { 'b.txt': 'added later\n' })
    const commit = move(path, { 'b.txt': 'changed\n' })
    raw(path, 'reset', '--quiet', '--hard', before)
    const engine = createGitEngine({ stateDir: createTempDir('state') })
    const facts = await engine.sources.readTarget({ repo: repoNameSchema.parse('api'), path }, main, { base, commit })
    expect(facts).toMatchObject({ head: before, conflicts: ['b.txt'] })
  })

  test('whose new head cannot be read is an error', async () => {
    const { path, read } = simple()
    const head = move(path, { 'b.txt': 'b\n' })
    rmSync(join(path, '.git/objects', head.slice(0, 2), head.slice(2)))
    await expect(read()).rejects.toMatchObject({ code: 'repo.unreachable' })
  })
})
