import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, run as exec, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import type { CapturedRepo } from './save-tree.ts'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const main = branchNameSchema.parse('main')
const runId = runIdSchema.parse('R0001')

const BASE: Files = {
  'a.txt': 'a\n',
  'dir/b.txt': 'b\n',
  'dir/c.txt': 'c\n',
  'tool.sh': { executable: '#!/bin/sh\n' },
  link: { link: 'a.txt' },
  '.gitignore': '*.log\nbuild/\n',
}

/** A run on a repository of these files: everything the tests of this file start from. */
async function startRun(files: Files = BASE, options: { readonly objectFormat?: 'sha1' | 'sha256' } = {}) {
  const path = createRepo(files, options)
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run: runId, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  const vault = join(stateDir, 'vaults', 'api.git')
  const capture = (number = 1): Promise<CapturedRepo> => engine.snapshots.capture(checkout, base, number)
  return { engine, path, stateDir, source, base, checkout, work: checkout.path, vault, gitDir: join(stateDir, 'runs', 'R0001', 'git', 'api.git'), capture }
}

/** Lists a tree as `MODE PATH: CONTENT`, read with plain git from the vault. */
function contentOf(vault: string, tree: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const line of exec(vault, 'git', ['--git-dir', vault, 'ls-tree', '-r', '-z', tree]).split('\0')) {
    const [, mode = '', oid = '', path = ''] = /^(\d+) \w+ (\w+)\t(.*)$/s.exec(line) ?? []
    if (path !== '') found[path] = `${mode} ${mode === '160000' ? oid : exec(vault, 'git', ['--git-dir', vault, 'cat-file', 'blob', oid])}`
  }
  return found
}

const unchanged = {
  'a.txt': '100644 a\n',
  'dir/b.txt': '100644 b\n',
  'dir/c.txt': '100644 c\n',
  'tool.sh': '100755 #!/bin/sh\n',
  link: '120000 a.txt',
  '.gitignore': '100644 *.log\nbuild/\n',
}

/** Returns the files of the base with these changes; undefined takes one away. */
function withChanges(changes: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const result: Record<string, string> = {}
  for (const [path, content] of Object.entries({ ...unchanged, ...changes })) if (content !== undefined) result[path] = content
  return result
}

interface State {
  readonly name: string
  readonly act: (work: string) => void
  readonly changes: Readonly<Record<string, string | undefined>>
  /** What the capture says it lacks, though the files are saved as they lie. */
  readonly missing?: CapturedRepo['missing']
}

const states: readonly State[] = [
  { name: 'nothing', act: () => {}, changes: {} },
  { name: 'an unstaged edit', act: (work) => writeFiles(work, { 'a.txt': 'edited\n' }), changes: { 'a.txt': '100644 edited\n' } },
  {
    name: 'a staged edit with another one on top',
    act: (work) => {
      writeFiles(work, { 'a.txt': 'staged\n' })
      raw(work, 'add', 'a.txt')
      writeFiles(work, { 'a.txt': 'on top\n' })
    },
    changes: { 'a.txt': '100644 on top\n' },
  },
  { name: 'untracked files', act: (work) => writeFiles(work, { 'new.txt': 'n\n', 'deep/er/new.txt': 'n\n' }), changes: { 'new.txt': '100644 n\n', 'deep/er/new.txt': '100644 n\n' } },
  { name: 'ignored files left out', act: (work) => writeFiles(work, { 'x.log': 'x', 'build/out.js': 'x' }), changes: {} },
  {
    name: 'deleted files, staged and not',
    act: (work) => {
      rmSync(join(work, 'a.txt'))
      raw(work, 'rm', '--quiet', 'dir/b.txt')
    },
    changes: { 'a.txt': undefined, 'dir/b.txt': undefined },
  },
  { name: 'a rename', act: (work) => void raw(work, 'mv', 'dir/b.txt', 'moved.txt'), changes: { 'dir/b.txt': undefined, 'moved.txt': '100644 b\n' } },
  { name: 'links, dead ones too', act: (work) => writeFiles(work, { link: { link: '/etc/passwd' }, dead: { link: 'no/such' } }), changes: { link: '120000 /etc/passwd', dead: '120000 no/such' } },
  { name: 'a folder become a link', act: (work) => writeFiles(work, { dir: { link: '/etc' } }), changes: { 'dir/b.txt': undefined, 'dir/c.txt': undefined, dir: '120000 /etc' } },
  { name: 'a file become a folder', act: (work) => writeFiles(work, { 'a.txt': null, 'a.txt/x': 'x' }), changes: { 'a.txt': undefined, 'a.txt/x': '100644 x' } },
  {
    name: 'the executable bit',
    act: (work) => {
      chmodSync(join(work, 'a.txt'), 0o755)
      chmodSync(join(work, 'tool.sh'), 0o644)
    },
    changes: { 'a.txt': '100755 a\n', 'tool.sh': '100644 #!/bin/sh\n' },
  },
  {
    name: 'odd names',
    act: (work) => writeFiles(work, { 'line\nbreak': '1', '-dash': '2', ' space ': '3', 'tab\t"quote"': '4', ':(exclude)a': '5', 'ünï': '6', '*': '7' }),
    changes: { 'line\nbreak': '100644 1', '-dash': '100644 2', ' space ': '100644 3', 'tab\t"quote"': '100644 4', ':(exclude)a': '100644 5', 'ünï': '100644 6', '*': '100644 7' },
  },
  {
    name: 'ignored files added by force',
    act: (work) => {
      writeFiles(work, { 'kept.log': 'k\n', 'other.log': 'o\n' })
      raw(work, 'add', '--force', 'kept.log')
      writeFiles(work, { 'kept.log': 'edited after\n' })
    },
    changes: { 'kept.log': '100644 edited after\n' },
  },
  {
    name: 'ignored files committed by force, and taken out of the index again',
    act: (work) => {
      writeFiles(work, { 'build/kept.js': 'k\n' })
      raw(work, 'add', '--force', 'build/kept.js')
      raw(work, 'commit', '--quiet', '-m', 'kept')
      raw(work, 'rm', '--quiet', '--cached', 'build/kept.js')
    },
    changes: { 'build/kept.js': '100644 k\n' },
  },
  {
    name: 'edits the agent told git to overlook',
    act: (work) => {
      raw(work, 'update-index', '--assume-unchanged', 'a.txt')
      raw(work, 'update-index', '--skip-worktree', 'dir/b.txt')
      writeFiles(work, { 'a.txt': 'hidden\n', 'dir/b.txt': 'hidden\n' })
    },
    changes: { 'a.txt': '100644 hidden\n', 'dir/b.txt': '100644 hidden\n' },
  },
  {
    name: 'a file only intended to be added',
    act: (work) => {
      writeFiles(work, { 'soon.txt': 's\n', 'soon.log': 's\n' })
      raw(work, 'add', '--force', '--intent-to-add', 'soon.txt', 'soon.log')
    },
    changes: { 'soon.txt': '100644 s\n', 'soon.log': '100644 s\n' },
  },
  {
    name: 'commits, one amended, and an edit on top',
    act: (work) => {
      writeFiles(work, { 'a.txt': 'one\n' })
      commitAll(work, 'one')
      writeFiles(work, { 'new.txt': 'two\n' })
      raw(work, 'add', '.')
      raw(work, 'commit', '--quiet', '--amend', '-m', 'amended')
      writeFiles(work, { 'a.txt': 'three\n' })
    },
    changes: { 'a.txt': '100644 three\n', 'new.txt': '100644 two\n' },
  },
  {
    name: 'a rebase',
    act: (work) => {
      raw(work, 'checkout', '--quiet', '-b', 'side')
      writeFiles(work, { 'side.txt': 's\n' })
      commitAll(work, 'side')
      raw(work, 'checkout', '--quiet', 'signalbox/r0001')
      writeFiles(work, { 'a.txt': 'mine\n' })
      commitAll(work, 'mine')
      raw(work, 'rebase', '--quiet', 'side')
    },
    changes: { 'a.txt': '100644 mine\n', 'side.txt': '100644 s\n' },
  },
  {
    name: 'a detached head',
    act: (work) => {
      raw(work, 'checkout', '--quiet', '--detach')
      writeFiles(work, { 'a.txt': 'detached\n' })
      commitAll(work, 'detached')
    },
    changes: { 'a.txt': '100644 detached\n' },
  },
  {
    name: 'another branch checked out, its refs packed',
    act: (work) => {
      raw(work, 'checkout', '--quiet', '-b', 'topic/x')
      writeFiles(work, { 'a.txt': 'topic\n' })
      commitAll(work, 'topic')
      raw(work, 'pack-refs', '--all')
    },
    changes: { 'a.txt': '100644 topic\n' },
  },
  {
    name: 'a merge stopped by a conflict',
    act: (work) => {
      raw(work, 'checkout', '--quiet', '-b', 'side')
      writeFiles(work, { 'a.txt': 'theirs\n', 'theirs.txt': 't\n' })
      commitAll(work, 'theirs')
      raw(work, 'checkout', '--quiet', 'signalbox/r0001')
      writeFiles(work, { 'a.txt': 'ours\n' })
      commitAll(work, 'ours')
      exec(work, 'git', ['merge', '--quiet', 'side'], { okExits: [1] })
    },
    changes: { 'a.txt': '100644 <<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> side\n', 'theirs.txt': '100644 t\n' },
    missing: [{ path: 'a.txt', reason: 'conflict_unsettled' }],
  },
  {
    name: 'a sparse checkout with an edit in sight',
    act: (work) => {
      writeFiles(work, { 'dir/b.txt': 'committed\n' })
      commitAll(work, 'before')
      raw(work, 'sparse-checkout', 'set', '--cone', '--sparse-index')
      writeFiles(work, { 'a.txt': 'edited\n' })
    },
    changes: { 'a.txt': '100644 edited\n', 'dir/b.txt': '100644 committed\n' },
  },
  {
    name: 'an index of another form',
    act: (work) => {
      raw(work, 'update-index', '--index-version', '4')
      raw(work, 'update-index', '--split-index')
      writeFiles(work, { 'forced.log': 'f\n', 'dir/long/er.log': 'f\n' })
      raw(work, 'add', '--force', 'forced.log', 'dir/long/er.log')
    },
    changes: { 'forced.log': '100644 f\n', 'dir/long/er.log': '100644 f\n' },
  },
  {
    name: 'a .git that is gone',
    act: (work) => {
      rmSync(join(work, '.git'))
      writeFiles(work, { 'a.txt': 'still here\n' })
    },
    changes: { 'a.txt': '100644 still here\n' },
  },
  {
    name: 'a .git replaced by a repository of its own',
    act: (work) => {
      rmSync(join(work, '.git'))
      raw(work, 'init', '--quiet')
      writeFiles(work, { 'a.txt': 'still here\n' })
      commitAll(work, 'mine')
    },
    changes: { 'a.txt': '100644 still here\n' },
    missing: [{ path: '.git', reason: 'nested_repository' }],
  },
  {
    name: 'everything deleted but .git',
    act: (work) => writeFiles(work, { 'a.txt': null, dir: null, 'tool.sh': null, link: null, '.gitignore': null }),
    changes: { 'a.txt': undefined, 'dir/b.txt': undefined, 'dir/c.txt': undefined, 'tool.sh': undefined, link: undefined, '.gitignore': undefined },
  },
]

describe('capture saves', () => {
  test.each(states)('$name', async ({ act, changes, missing = [] }) => {
    const { capture, work, vault, engine, checkout, source, base } = await startRun()
    act(work)
    const before = exec(work, 'find', ['.', '-path', './.git', '-prune', '-o', '-printf', '%p %m %s %T@ %i\\n'])
    const captured = await capture()
    expect(captured.missing).toEqual(missing)
    expect(contentOf(vault, captured.tree)).toEqual(withChanges(changes))
    expect(raw(vault, '--git-dir', vault, 'rev-parse', `${captured.commit}^`)).toBe(base)
    expect(raw(vault, '--git-dir', vault, 'rev-parse', 'refs/signalbox/runs/R0001/s1')).toBe(captured.commit)
    expect(await engine.snapshots.changedSince(checkout, captured)).toEqual([])
    expect(await engine.snapshots.isReadable(source, base, captured.commit)).toBe(true)
    expect(exec(work, 'find', ['.', '-path', './.git', '-prune', '-o', '-printf', '%p %m %s %T@ %i\\n'])).toBe(before)
  })

  test('an edit of the same second and size as what was saved before', async () => {
    const { capture, work, vault } = await startRun()
    const file = join(work, 'a.txt')
    const secondOf = (time: number): number => Math.floor(time / 1000)
    // Into the second, for a file's times come from a clock that lags a few milliseconds.
    const waitForSecondAfter = (second: number): Promise<void> => delay((second + 1) * 1000 + 20 - Date.now())
    let number = 0
    let inOneSecond = false
    // A machine that is busy may need more than the second it has.
    for (let tries = 0; tries < 20 && !inOneSecond; tries += 1) {
      await waitForSecondAfter(secondOf(Date.now()))
      writeFileSync(file, 'one\n')
      const second = secondOf(statSync(file).mtimeMs)
      await capture((number += 1))
      writeFileSync(file, 'two\n')
      inOneSecond = secondOf(statSync(file).mtimeMs) === second
      await waitForSecondAfter(second)
    }
    expect(inOneSecond).toBe(true)
    const { tree } = await capture((number += 1))
    expect(contentOf(vault, tree)['a.txt']).toBe('100644 two\n')
  })

  test('names that are no UTF-8', async () => {
    const { capture, work, vault } = await startRun()
    writeFileSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from('caf\xe9', 'latin1')]), 'x')
    writeFileSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from('caf\xe9.log', 'latin1')]), 'x')
    execFileSync('sh', ['-c', 'git add --force caf*.log'], { cwd: work })
    const { tree } = await capture()
    const names = execFileSync('git', ['--git-dir', vault, 'ls-tree', '-z', '--name-only', tree]).toString('latin1').split('\0')
    expect(names).toEqual(expect.arrayContaining(['caf\xe9', 'caf\xe9.log']))
  })

  test('the same in a repository with SHA-256 ids', async () => {
    const { capture, work, vault } = await startRun(BASE, { objectFormat: 'sha256' })
    writeFiles(work, { 'a.txt': 'edited\n', 'forced.log': 'f\n' })
    raw(work, 'add', '--force', 'forced.log')
    commitAll(work, 'mine')
    const captured = await capture()
    expect(contentOf(vault, captured.tree)).toEqual(withChanges({ 'a.txt': '100644 edited\n', 'forced.log': '100644 f\n' }))
    expect(captured).toMatchObject({ files: 2, insertions: 2, deletions: 1, missing: [] })
  })

  test('each round anew, with what was forced before and no longer is left out', async () => {
    const { capture, work, vault } = await startRun()
    writeFiles(work, { 'kept.log': 'k\n', 'a.txt': 'one\n' })
    raw(work, 'add', '--force', 'kept.log')
    const first = await capture(1)
    raw(work, 'rm', '--quiet', '--cached', 'kept.log')
    writeFiles(work, { 'a.txt': 'two\n' })
    const second = await capture(2)
    expect(contentOf(vault, first.tree)).toEqual(withChanges({ 'kept.log': '100644 k\n', 'a.txt': '100644 one\n' }))
    expect(contentOf(vault, second.tree)).toEqual(withChanges({ 'a.txt': '100644 two\n' }))
  })

  test('the same state as the same commit, and a snapshot whose saving was cut off again', async () => {
    const { capture, work, vault } = await startRun()
    writeFiles(work, { 'a.txt': 'one\n' })
    const first = await capture()
    expect(await capture()).toEqual(first)
    writeFiles(work, { 'a.txt': 'two\n' })
    writeFileSync(join(vault, 'refs/signalbox/runs/R0001/s1.lock'), '')
    const again = await capture()
    expect(raw(vault, '--git-dir', vault, 'rev-parse', 'refs/signalbox/runs/R0001/s1')).toBe(again.commit)
  })

  test("the agent's own commits, though its branch and git directory go", async () => {
    const { capture, work, vault, engine, checkout } = await startRun()
    writeFiles(work, { 'a.txt': 'one\n' })
    const first = commitAll(work, 'one')
    writeFiles(work, { 'a.txt': 'two\n' })
    const second = commitAll(work, 'two')
    await capture()
    await engine.workspaces.remove(checkout)
    expect(raw(vault, '--git-dir', vault, 'log', '--format=%H %s', '-2', 'refs/signalbox/runs/R0001/s1-head')).toBe(`${second} two\n${first} one`)
  })
})

describe('capture names what it cannot hold', () => {
  test('repositories inside the checkout, filled or empty', async () => {
    const { capture, work, vault } = await startRun()
    createRepo({ x: 'x' }, { path: join(work, 'nested') })
    mkdirSync(join(work, 'empty'))
    raw(join(work, 'empty'), 'init', '--quiet')
    writeFiles(work, { 'a.txt': 'edited\n' })
    const captured = await capture()
    expect(captured.missing.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'empty', reason: 'nested_repository' },
      { path: 'nested', reason: 'nested_repository' },
    ])
    expect(contentOf(vault, captured.tree)).toEqual(withChanges({ 'a.txt': '100644 edited\n' }))
    rmSync(join(work, 'nested/.git'), { recursive: true })
    rmSync(join(work, 'empty'), { recursive: true })
    const later = await capture(2)
    expect(later.missing).toEqual([])
    expect(contentOf(vault, later.tree)).toEqual(withChanges({ 'a.txt': '100644 edited\n', 'nested/x': '100644 x' }))
  })

  test('submodules that moved, whose files were edited or got company, or in which something was staged, and not those left alone or only filled', async () => {
    const library = createRepo({ l: 'l' })
    const path = createRepo(BASE)
    for (const name of ['moved', 'filled', 'edited', 'more', 'staged', 'alone', 'plain']) exec(path, 'git', ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, name])
    commitAll(path, 'submodules')
    const stateDir = createTempDir('state')
    const engine = createGitEngine({ stateDir })
    const source = { repo: repoNameSchema.parse('api'), path }
    const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
    const checkout = { run: runId, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
    await engine.workspaces.create(checkout, base, main)
    expect((await engine.snapshots.capture(checkout, base, 1)).missing).toEqual([])
    for (const name of ['moved', 'filled', 'edited', 'more', 'staged']) raw('/', 'clone', '--quiet', library, join(checkout.path, name))
    writeFiles(join(checkout.path, 'moved'), { l: 'edited' })
    commitAll(join(checkout.path, 'moved'), 'moved on')
    writeFiles(checkout.path, { 'plain/file': 'x', 'edited/l': 'longer', 'more/deep/new': 'new', 'staged/new': 'new' })
    raw(join(checkout.path, 'staged'), 'add', 'new')
    const captured = await engine.snapshots.capture(checkout, base, 2)
    expect(captured.missing.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'edited', reason: 'submodule_changed' },
      { path: 'more', reason: 'submodule_changed' },
      { path: 'moved', reason: 'submodule_changed' },
      { path: 'plain', reason: 'submodule_changed' },
      { path: 'staged', reason: 'submodule_changed' },
    ])
    expect(captured.files).toBe(0)
    expect(captured.reported).toEqual([{ reason: 'submodule', paths: ['filled'], more: 0 }])
    for (const name of ['moved', 'plain', 'edited', 'more', 'staged']) rmSync(join(checkout.path, name), { recursive: true })
    for (const name of ['moved', 'plain', 'edited', 'more', 'staged']) mkdirSync(join(checkout.path, name))
    expect(await engine.snapshots.capture(checkout, base, 3)).toMatchObject({ missing: [], reported: [{ paths: ['filled'] }] })
    // Whoever removes the workspace is told all the same.
    expect((await engine.snapshots.findUnsaved(checkout, { base, commit: captured.commit })).missing).toEqual([{ path: 'filled', reason: 'submodule_filled' }])
    rmSync(join(checkout.path, 'filled', 'l'))
    expect(await engine.snapshots.capture(checkout, base, 4)).toMatchObject({ missing: [{ path: 'filled', reason: 'submodule_changed' }] })
  })

  test('a file become something that is no file', async () => {
    const { capture, work } = await startRun()
    rmSync(join(work, 'a.txt'))
    execFileSync('mkfifo', [join(work, 'a.txt')])
    writeFiles(work, { 'dir/b.txt': 'edited\n' })
    expect(await capture()).toMatchObject({ files: 1, missing: [{ path: 'a.txt', reason: 'unreadable' }] })
  })

  test.each([
    ['a HEAD that names no commit', (dir: string) => writeFileSync(join(dir, 'HEAD'), 'garbage\n'), '.git/HEAD'],
    ['a HEAD whose commit is not there', (dir: string) => writeFileSync(join(dir, 'HEAD'), `${'1'.repeat(40)}\n`), '.git/HEAD'],
    ['a HEAD that leads out', (dir: string) => writeFileSync(join(dir, 'HEAD'), 'ref: refs/heads/../../../../x\n'), '.git/HEAD'],
    ['a HEAD that is a pipe', (dir: string) => [rmSync(join(dir, 'HEAD')), execFileSync('mkfifo', [join(dir, 'HEAD')])], '.git/HEAD'],
    ['a broken index', (dir: string) => writeFileSync(join(dir, 'index'), 'DIRC broken'), '.git/index'],
    ['an index whose shared part is gone', (dir: string, work: string) => [raw(work, 'update-index', '--split-index'), exec(dir, 'sh', ['-c', 'rm sharedindex.*'])], '.git/index'],
    ['a git directory that is gone', (dir: string) => rmSync(dirname(dirname(dir)), { recursive: true }), '.git/HEAD'],
  ])('%s', async (_name, damage, path) => {
    const { capture, work, gitDir, vault } = await startRun()
    damage(join(gitDir, 'worktrees/checkout'), work)
    writeFiles(work, { 'a.txt': 'edited\n' })
    const captured = await capture()
    expect(captured.missing).toEqual([{ path, reason: 'unreadable' }])
    expect(contentOf(vault, captured.tree)).toEqual(withChanges({ 'a.txt': '100644 edited\n' }))
  })

  test('attributes that would convert what lands', async () => {
    const { capture, work, vault } = await startRun()
    writeFiles(work, { '.gitattributes': '*.txt text eol=crlf\n', 'dir/.gitattributes': '*.bin -text\n', 'a.txt': 'crlf\r\n' })
    const captured = await capture()
    expect(captured.missing).toEqual(['.gitattributes', 'dir/.gitattributes'].map((path) => ({ path, reason: 'converting_attributes' })))
    expect(contentOf(vault, captured.tree)['a.txt']).toBe('100644 crlf\r\n')
  })

  test.each([
    ['its folder removed', (work: string) => rmSync(work, { recursive: true })],
    ['everything in it removed', (work: string) => execFileSync('find', [work, '-mindepth', '1', '-delete'])],
    ['a file in its place', (work: string) => [rmSync(work, { recursive: true }), writeFileSync(work, '')]],
  ])('a workspace lost: %s', async (_name, lose) => {
    const { capture, work, base, vault, engine, checkout } = await startRun()
    const first = await capture(1)
    lose(work)
    const captured = await capture(2)
    expect(captured).toMatchObject({ files: 0, missing: [{ path: '.', reason: 'workspace_lost' }] })
    expect(captured.tree).toBe(raw(vault, '--git-dir', vault, 'rev-parse', `${base}^{tree}`))
    expect(await engine.snapshots.changedSince(checkout, first)).toEqual([])
  })

  test('nothing when git fails: the snapshot before stands', async () => {
    const { capture, work, vault, engine, checkout, source, base } = await startRun()
    writeFiles(work, { 'a.txt': 'one\n' })
    const first = await capture(1)
    writeFiles(work, { 'a.txt': 'two\n', '.gitignore': '' })
    rmSync(join(vault, 'objects', 'pack'), { recursive: true, force: true })
    renameSync(join(vault, 'config'), join(vault, 'config.away'))
    writeFileSync(join(vault, 'config'), '[broken\n')
    await expect(capture(2)).rejects.toMatchObject({ code: 'git.command_failed' })
    renameSync(join(vault, 'config.away'), join(vault, 'config'))
    expect(await engine.snapshots.isReadable(source, base, first.commit)).toBe(true)
    expect(await engine.snapshots.changedSince(checkout, first)).toEqual(['.gitignore', 'a.txt'])
  })
})

describe('an agent cannot make our git run its code', () => {
  /** Every way known to have git start a program, each writing to the marker. */
  function plant(work: string, gitDir: string, marker: string): void {
    const evil = join(gitDir, 'evil')
    writeFiles(gitDir, { evil: { executable: `#!/bin/sh\necho "$0 $*" >> ${marker}\ncat\n` } })
    for (const hook of ['pre-commit', 'post-index-change', 'reference-transaction', 'post-checkout', 'fsmonitor-watchman', 'pre-auto-gc']) {
      writeFiles(gitDir, { [`hooks/${hook}`]: { executable: `#!/bin/sh\necho ${hook} >> ${marker}\n` } })
    }
    appendFileSync(
      join(gitDir, 'config'),
      `[core]\n\tfsmonitor = ${evil}\n\thooksPath = ${gitDir}/hooks\n\tpager = ${evil}\n\teditor = ${evil}\n\talternateRefsCommand = ${evil}\n` +
        `[filter "evil"]\n\tclean = ${evil}\n\tsmudge = ${evil}\n\tprocess = ${evil}\n\trequired = true\n[diff "evil"]\n\tcommand = ${evil}\n\ttextconv = ${evil}\n[diff]\n\texternal = ${evil}\n` +
        `[merge "evil"]\n\tdriver = ${evil}\n[gpg]\n\tprogram = ${evil}\n[commit]\n\tgpgSign = true\n[extensions]\n\tpartialClone = evil\n[remote "evil"]\n\turl = ext::${evil}\n\tpromisor = true\n\tuploadpack = ${evil}\n`,
    )
    writeFiles(gitDir, { 'info/attributes': '* filter=evil diff=evil merge=evil\n' })
    writeFiles(work, { '.gitattributes': '* filter=evil diff=evil merge=evil text eol=crlf ident\n', 'a.txt': '$Id$\r\n' })
  }

  test('hooks, helpers, filters and drivers in its git directory and its tree', async () => {
    const { capture, work, gitDir, vault, engine, checkout, source, base, path } = await startRun()
    const marker = join(createTempDir(), 'ran')
    writeFiles(work, { 'dir/b.txt': 'committed\n' })
    commitAll(work, 'before')
    plant(work, gitDir, marker)
    const captured = await capture()
    await engine.snapshots.diff(source, base, captured.commit)
    await engine.snapshots.changedSince(checkout, captured)
    await engine.snapshots.isReadable(source, base, captured.commit)
    writeFiles(path, { 'a.txt': 'moved on\n' })
    const head = oidSchema.parse(commitAll(path, 'moved on'))
    await engine.sources.readTarget(source, main, { base, commit: captured.commit })
    await engine.snapshots.refresh(source, runId, 2, { base, commit: captured.commit }, head)
    const folder = join(createTempDir(), 'check')
    await engine.workspaces.resetCheckFolder(source, folder, captured.commit)
    plant(folder, join(folder, '.git'), marker)
    await engine.workspaces.readCheckTree(source, folder)
    await engine.workspaces.resetCheckFolder(source, folder, captured.commit)
    expect(existsSync(marker) ? readFileSync(marker, 'utf8') : '').toBe('')
    expect(contentOf(vault, captured.tree)['a.txt']).toBe('100644 $Id$\r\n')
    // What git itself converts is as it would be in the human's checkout.
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toMatch(/^\$Id: [0-9a-f]{40} \$\r\n$/)
  })

  test('the traps are real: plain git in the checkout falls into them', async () => {
    const { work, gitDir } = await startRun()
    const marker = join(createTempDir(), 'ran')
    plant(work, gitDir, marker)
    exec(work, 'git', ['status'], { okExits: [0, 1, 128] })
    expect(existsSync(marker)).toBe(true)
  })

  test('borrowed objects led elsewhere are not followed', async () => {
    const { capture, work, gitDir } = await startRun()
    const other = createRepo({ secret: 's' })
    const commit = raw(other, 'rev-parse', 'HEAD')
    appendFileSync(join(gitDir, 'objects/info/alternates'), `${other}/.git/objects\n`)
    writeFileSync(join(gitDir, 'worktrees/checkout/HEAD'), `${commit}\n`)
    writeFiles(work, { 'a.txt': 'edited\n' })
    expect(await capture()).toMatchObject({ files: 1, missing: [{ path: '.git/HEAD', reason: 'unreadable' }] })
  })
})

describe('private isolation', () => {
  test("leaves the source as it was, whatever an agent does through git", async () => {
    const path = createRepo(BASE)
    raw(path, 'branch', 'other')
    writeFiles(path, { 'a.txt': 'stashed\n' })
    raw(path, 'stash')
    writeFiles(path, { 'dir/c.txt': 'dirty\n', 'untracked.txt': 'u\n' })
    const before = fingerprint(path)
    const stateDir = createTempDir('state')
    const engine = createGitEngine({ stateDir })
    const source = { repo: repoNameSchema.parse('api'), path }
    const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
    const checkout = { run: runId, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
    await engine.workspaces.create(checkout, base, main)
    const work = checkout.path
    const attempt = (...args: string[]): void => void exec(work, 'git', args, { okExits: [0, 1, 2, 5, 128, 129] })
    writeFiles(work, { 'a.txt': 'agent\n' })
    commitAll(work, 'agent')
    attempt('branch', '-f', 'main', 'HEAD')
    attempt('update-ref', 'refs/heads/main', 'HEAD')
    attempt('branch', '-D', 'other')
    attempt('stash', 'drop')
    attempt('stash', 'clear')
    attempt('push', path, 'HEAD:refs/heads/pushed-nowhere', '--dry-run')
    attempt('config', 'core.hooksPath', '/tmp/evil')
    attempt('config', 'core.bare', 'true')
    attempt('config', 'core.worktree', '/tmp')
    attempt('config', '--unset', 'core.bare')
    attempt('config', '--unset', 'core.worktree')
    attempt('replace', base, 'HEAD')
    attempt('worktree', 'prune', '--expire=now')
    attempt('reflog', 'expire', '--expire=now', '--all')
    attempt('gc', '--quiet', '--prune=now')
    const dir = raw(work, 'rev-parse', '--path-format=absolute', '--git-common-dir')
    writeFiles(dir, { 'hooks/pre-commit': { executable: '#!/bin/sh\nexit 1\n' }, 'info/exclude': '*\n' })
    expect(raw(work, 'remote')).toBe('')
    expect(fingerprint(path)).toEqual(before)
    await engine.snapshots.capture(checkout, base, 1)
    expect(fingerprint(path)).toEqual(before)
  })
})

describe('saved means saved', () => {
  const collect = (dir: string): void => {
    raw('/', '--git-dir', dir, 'reflog', 'expire', '--expire=now', '--expire-unreachable=now', '--all')
    raw('/', '--git-dir', dir, 'gc', '--quiet', '--prune=now')
  }

  test('the diff is the same after workspace and branches are gone and everything was collected', async () => {
    const { capture, work, engine, checkout, source, base, path, vault } = await startRun()
    raw(path, 'checkout', '--quiet', '-b', 'feature')
    writeFiles(path, { 'coincidence.txt': 'the same bytes on both sides\n', 'same/tree.txt': 'equal folder\n' })
    commitAll(path, 'feature')
    raw(path, 'checkout', '--quiet', 'main')
    writeFiles(work, { 'a.txt': 'one\n', 'dir/b.txt': null, 'bin.dat': Buffer.from([0, 1, 2, 255]) })
    commitAll(work, 'mine')
    writeFiles(work, { 'coincidence.txt': 'the same bytes on both sides\n', 'same/tree.txt': 'equal folder\n', 'a.txt': 'two\n' })
    const { commit } = await capture()
    const before = await engine.snapshots.diff(source, base, commit)
    expect(before.files).toHaveLength(5)
    await engine.workspaces.remove(checkout)
    // The human rewrites the branch, so that nothing of theirs leads to the base any more.
    raw(path, 'checkout', '--quiet', '--orphan', 'fresh')
    commitAll(path, 'fresh start')
    raw(path, 'branch', '-D', 'main', 'feature')
    collect(join(path, '.git'))
    collect(vault)
    expect(await engine.snapshots.isReadable(source, base, commit)).toBe(true)
    expect(await engine.snapshots.diff(source, base, commit)).toEqual(before)
    expect(exec(vault, 'git', ['--git-dir', vault, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'])).toBe('')
    expect(() => raw(path, 'cat-file', '-e', raw(vault, '--git-dir', vault, 'rev-parse', `${commit}:coincidence.txt`))).toThrow()
  })

  test('a snapshot with an object lost is not readable', async () => {
    const { capture, work, engine, source, base, vault } = await startRun()
    writeFiles(work, { 'a.txt': 'one\n' })
    const { commit } = await capture()
    const blob = raw(vault, '--git-dir', vault, 'rev-parse', `${commit}:a.txt`)
    rmSync(join(vault, 'objects', blob.slice(0, 2), blob.slice(2)))
    expect(await engine.snapshots.isReadable(source, base, commit)).toBe(false)
  })
})

