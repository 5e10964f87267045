import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, git, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitMemory, statusOf, taskText } from '../test/git-memory.ts'
import { createCommitQueue } from './commit-queue.ts'
import { openMemory } from './memory-store.ts'

afterAll(removeTempDirs)

const T1 = 'tasks/T0001.md'
const T2 = 'tasks/T0002.md'
const twoTasks = { [T1]: taskText('T0001'), [T2]: taskText('T0002') }

function subjects(dir: string): readonly string[] {
  return git(dir, 'log', '--format=%s').split('\n')
}

function filesOf(dir: string, commit = 'HEAD'): string {
  return git(dir, 'show', '--format=', '--name-status', commit)
}

/** Nothing of ours may stay in git's folder, whatever became of the commit. */
function leftovers(dir: string): readonly string[] {
  return readdirSync(join(dir, '.git')).filter((name) => /signalbox|\.lock$|\.tmp$/.test(name))
}

describe('an operation is committed', () => {
  test.each(['sha1', 'sha256'] as const)('with exactly its own files and message, and git status stays clean (%s)', async (format) => {
    const { dir, store } = await createGitMemory(twoTasks, format)
    await store.edit('task', 'T0001', { status: 'active' })
    const created = await store.create('note', { title: 'Größe: 1' }, 'x')
    const outcome = await store.commit('T0001: approve R0031')
    expect(outcome).toEqual({ kind: 'committed', oid: git(dir, 'rev-parse', 'main') })
    expect(subjects(dir)).toEqual(['T0001: approve R0031', 'first'])
    expect(filesOf(dir)).toBe(`A\t${created.path}\nM\t${T1}`)
    expect(git(dir, 'log', '-1', '--format=%an <%ae>')).toBe('Human <human@example.com>')
    expect(statusOf(dir)).toBe('')
    expect(leftovers(dir)).toEqual([])
    expect(await store.pendingCommits()).toEqual([])
    git(dir, 'fsck', '--strict')
  })

  test('and known as ours, which no commit of a human’s is, whatever its message', async () => {
    const { dir, state, store } = await createGitMemory(twoTasks)
    await store.edit('task', 'T0001', { status: 'active' })
    await store.commit('T0001: start R0001')
    const ours = git(dir, 'rev-parse', 'main')
    git(dir, 'commit', '--quiet', '--allow-empty', '-m', 'T0001: approve R0001')
    writeFileSync(join(state, 'own-commits'), '\n0123', { flag: 'a' }) // torn by a kill
    await store.edit('task', 'T0001', { status: 'review' })
    await store.commit('T0001: seal R0001')
    expect(await store.ownCommits()).toEqual(new Set([ours, git(dir, 'rev-parse', 'main')]))
  })

  test('on a branch without a commit', async () => {
    const dir = join(createTempDir('memory'), 'memory')
    run('/', 'git', ['init', '--quiet', '--initial-branch=trunk', dir])
    writeFiles(dir, { 'signalbox.yaml': 'format: 1\n' })
    const store = await openMemory(dir, { state: join(dir, '../state') })
    await store.create('task', { title: 'One', status: 'ready' }, '')
    expect(await store.commit('one')).toMatchObject({ kind: 'committed' })
    expect(filesOf(dir)).toBe('A\ttasks/T0001-one.md')
    expect(statusOf(dir)).toBe('?? signalbox.yaml')
  })

  test('as the user of this machine when the human has no identity', async () => {
    const { dir, store } = await createGitMemory(twoTasks)
    git(dir, 'config', '--unset', 'user.name')
    git(dir, 'config', '--unset', 'user.email')
    await store.edit('task', 'T0001', { status: 'active' })
    await store.commit('x')
    expect(git(dir, 'log', '-1', '--format=%ae')).toMatch(/^\S+@localhost$/)
  })

  test('by whom the human is called, without what would end a name in a commit', async () => {
    const { dir, store } = await createGitMemory(twoTasks)
    git(dir, 'config', 'user.name', `."'Ann' <of> "Ünger"\nEvil <x@y>;`)
    git(dir, 'config', 'user.email', ' ann>@example.com.')
    await store.edit('task', 'T0001', { status: 'active' })
    expect(await store.commit('x')).toMatchObject({ kind: 'committed' })
    const people = (): string => git(dir, 'log', '-1', '--format=%an|%ae|%cn|%ce')
    const ours = people()
    git(dir, 'fsck', '--strict')
    run(dir, 'env', ['-u', 'GIT_AUTHOR_NAME', '-u', 'GIT_AUTHOR_EMAIL', '-u', 'GIT_COMMITTER_NAME', '-u', 'GIT_COMMITTER_EMAIL', 'git', 'commit', '--quiet', '--allow-empty', '--message', 'by git'])
    expect(ours).toBe(people())
  })

  test('whatever the names and the bytes of its files', async () => {
    const path = 'notes/N0001-"a\\b" ü.md'
    const { dir, store } = await createGitMemory({ ...twoTasks, [path]: '---\nid: N0001\ntitle: Odd\n---\n' })
    const body = 'data 5\ndone\n\nM 100644 inline x\nfrom 0000\n'
    await store.edit('note', 'N0001', {}, { body })
    expect(await store.commit('get-mark :1\ndone')).toMatchObject({ kind: 'committed' })
    expect(git(dir, '-c', 'core.quotePath=false', 'show', '--format=%B', '--name-only', '-z', 'HEAD')).toContain(path)
    expect(git(dir, 'show', `HEAD:${path}`)).toContain(body.trimEnd())
    expect(statusOf(dir)).toBe('')
  })

  test('with what a killed one wrote, though one after it was killed before it wrote anything', async () => {
    const { dir, state, store } = await createGitMemory(twoTasks)
    await store.edit('task', 'T0001', { title: 'first' })
    const written = readFileSync(join(dir, T1))
    await createCommitQueue(state).note(T1, written, Buffer.from(written.toString().replace('first', 'second')))
    const next = await openMemory(dir, { state })
    await next.edit('task', 'T0002', { title: 'other' })
    expect(await next.commit('T0002: other')).toMatchObject({ kind: 'committed' })
    expect(git(dir, 'show', `HEAD:${T1}`)).toContain('title: first')
    expect(statusOf(dir)).toBe('')
    expect(await next.pendingCommits()).toEqual([])
  })

  test('without running hooks, filters or signing of the repository', async () => {
    const { dir, store } = await createGitMemory({ ...twoTasks, '.gitattributes': '*.md filter=spy\n' })
    const marker = join(dir, '../ran')
    // A time in the future makes git distrust its index and look into the file, through the filter.
    const future = Date.now() / 1000 + 3600
    utimesSync(join(dir, T2), future, future)
    git(dir, 'update-index', '--refresh')
    git(dir, 'config', 'filter.spy.clean', `touch ${marker}-filter; cat`)
    git(dir, 'config', 'commit.gpgSign', 'true')
    git(dir, 'config', 'gpg.program', `${marker}-gpg`)
    git(dir, 'config', 'core.fsmonitor', `touch ${marker}-fsmonitor`)
    for (const hook of ['pre-commit', 'post-commit', 'reference-transaction', 'post-index-change']) writeFiles(dir, { [`.git/hooks/${hook}`]: { executable: `#!/bin/sh\ntouch ${marker}-${hook}\n` } })
    await store.edit('task', 'T0001', { status: 'active' })
    expect(await store.commit('x')).toMatchObject({ kind: 'committed' })
    expect(readdirSync(join(dir, '..')).filter((name) => name.startsWith('ran'))).toEqual([])
  })

  test('as the human stores it where git converts line ends', async () => {
    const { dir, store } = await createGitMemory()
    git(dir, 'config', 'core.autocrlf', 'true')
    writeFiles(dir, { [T1]: taskText('T0001').replaceAll('\n', '\r\n') })
    git(dir, 'add', T1)
    git(dir, 'commit', '--quiet', '--message', 'task')
    await store.edit('task', 'T0001', { status: 'active' })
    expect(readFileSync(join(dir, T1), 'utf8')).toContain('status: active\r\n')
    expect(await store.commit('x')).toMatchObject({ kind: 'committed' })
    expect(git(dir, 'show', `HEAD:${T1}`)).not.toContain('\r')
    expect(statusOf(dir)).toBe('')
  })

  test('keeping the mode of an executable file', async () => {
    const { dir, store } = await createGitMemory({ [T1]: { executable: taskText('T0001') } })
    await store.edit('task', 'T0001', { status: 'active' })
    await store.commit('x')
    expect(git(dir, 'ls-tree', 'HEAD', T1)).toMatch(/^100755 /)
    expect(statusOf(dir)).toBe('')
  })

  test('never when memory.commit is manual', async () => {
    const { dir, store } = await createGitMemory({ ...twoTasks, 'signalbox.yaml': 'format: 1\nmemory: {commit: manual}\n' })
    await store.edit('task', 'T0001', { status: 'active' })
    expect(await store.commit('x')).toEqual({ kind: 'off' })
    expect(subjects(dir)).toEqual(['first'])
    expect(statusOf(dir)).toBe(` M ${T1}`)
    expect(await store.pendingCommits()).toEqual([])
  })
})

describe('what the human staged or half-edited', () => {
  test('in other files is left exactly as it is', async () => {
    const { dir, store } = await createGitMemory({ ...twoTasks, 'notes.txt': 'a\n' })
    writeFiles(dir, { 'notes.txt': 'staged\n', 'new.txt': 'new\n' })
    git(dir, 'add', 'notes.txt')
    writeFiles(dir, { 'notes.txt': 'staged\nand more\n', [T2]: `${taskText('T0002')}half a sent` })
    const before = git(dir, 'diff', '--cached')
    await store.edit('task', 'T0001', { status: 'active' })
    expect(await store.commit('x')).toMatchObject({ kind: 'committed' })
    expect(filesOf(dir)).toBe(`M\t${T1}`)
    expect(git(dir, 'diff', '--cached')).toBe(before)
    expect(statusOf(dir).split('\n')).toEqual(['MM notes.txt', ' M tasks/T0002.md', '?? new.txt'])
  })

  const cases: [what: string, prepare: (dir: string) => void, because: RegExp][] = [
    ['an edit that was not committed', (dir) => writeFiles(dir, { [T1]: `${taskText('T0001')}mine\n` }), /held changes/],
    ['a staged edit', (dir) => (writeFiles(dir, { [T1]: `${taskText('T0001')}mine\n` }), git(dir, 'add', T1)), /staged/],
    ['a staged mode', (dir) => git(dir, 'update-index', '--chmod=+x', T1), /staged/],
  ]
  test.each(cases)('in the same file queues the commit: %s', async (_, prepare, because) => {
    const { dir, store } = await createGitMemory(twoTasks)
    prepare(dir)
    const staged = git(dir, 'diff', '--cached')
    await store.edit('task', 'T0001', { status: 'active' })
    const outcome = await store.commit('T0001: x')
    expect(outcome).toMatchObject({ kind: 'queued', because: expect.stringMatching(because) })
    expect(git(dir, 'diff', '--cached')).toBe(staged)
    expect(subjects(dir)).toEqual(['first'])
    expect(await store.pendingCommits()).toEqual([{ message: 'T0001: x', paths: [T1], because: expect.stringMatching(because), tried: true }])
    git(dir, 'commit', '--quiet', '--all', '--message', 'mine')
    expect(await store.commit('later')).toMatchObject({ kind: 'committed' })
    expect(await store.pendingCommits()).toEqual([])
    expect(subjects(dir)).toEqual(['mine', 'first'])
  })

  test('as a file git does not know is left for the human to add', async () => {
    const { dir, store } = await createGitMemory(twoTasks)
    writeFiles(dir, { 'tasks/T0009.md': taskText('T0009') })
    await store.edit('task', 'T0009', { status: 'active' })
    expect(await store.commit('x')).toMatchObject({ kind: 'queued', because: expect.stringContaining('T0009.md') })
    expect(statusOf(dir)).toBe('?? tasks/T0009.md')
  })

  test('on top of our write is not committed with it', async () => {
    const { dir, store } = await createGitMemory(twoTasks)
    await store.edit('task', 'T0001', { status: 'active' })
    writeFileSync(join(dir, T1), `${readFileSync(join(dir, T1), 'utf8')}half a sent`)
    expect(await store.commit('x')).toMatchObject({ kind: 'queued', because: expect.stringMatching(/edited by hand/) })
    expect(subjects(dir)).toEqual(['first'])
  })
})

describe('the commit is queued, and made by the next operation,', () => {
  const cases: [when: string, begin: (dir: string) => void, end: (dir: string) => void, because: RegExp][] = [
    ['another branch is checked out', (dir) => git(dir, 'checkout', '--quiet', '-b', 'other'), (dir) => git(dir, 'checkout', '--quiet', 'main'), /other is checked out/],
    ['no branch is checked out', (dir) => git(dir, 'checkout', '--quiet', '--detach'), (dir) => git(dir, 'checkout', '--quiet', 'main'), /no branch/],
    ['a merge is under way', (dir) => writeFiles(dir, { '.git/MERGE_HEAD': `${git(dir, 'rev-parse', 'HEAD')}\n` }), (dir) => writeFiles(dir, { '.git/MERGE_HEAD': null }), /merge is under way/],
    ['the index is locked by someone else', (dir) => writeFiles(dir, { '.git/index.lock': '' }), (dir) => writeFiles(dir, { '.git/index.lock': null }), /index is locked/],
    ['the ref is locked by someone else', (dir) => writeFiles(dir, { '.git/refs/heads/main.lock': '' }), (dir) => writeFiles(dir, { '.git/refs/heads/main.lock': null }), /could not be moved/],
    ['signalbox.yaml cannot be read', (dir) => writeFiles(dir, { 'signalbox.yaml': 'format: [\n' }), (dir) => writeFiles(dir, { 'signalbox.yaml': 'format: 1\n' }), /signalbox\.yaml/],
  ]
  test.each(cases)('when %s', async (_, begin, end, because) => {
    const { dir, store } = await createGitMemory(twoTasks)
    await store.edit('task', 'T0002', { priority: 1 })
    await store.commit('T0002: first')
    await store.edit('task', 'T0001', { status: 'active' })
    begin(dir)
    expect(await store.commit('T0001: queued')).toMatchObject({ kind: 'queued', because: expect.stringMatching(because) })
    expect(git(dir, 'log', '-1', '--format=%s', 'main')).toBe('T0002: first')
    end(dir)
    await store.edit('task', 'T0002', { status: 'active' })
    expect(await store.commit('T0002: next')).toMatchObject({ kind: 'committed' })
    expect(subjects(dir)).toEqual(['T0002: next', 'T0001: queued', 'T0002: first', 'first'])
    expect(statusOf(dir)).toBe('')
    expect(leftovers(dir)).toEqual([])
  })

  test('together with a later one that wrote the same file', async () => {
    const { dir, store } = await createGitMemory(twoTasks)
    writeFiles(dir, { '.git/index.lock': '' })
    await store.edit('task', 'T0001', { status: 'active' })
    await store.commit('T0001: one')
    await store.edit('task', 'T0001', { status: 'review' })
    await store.commit('T0001: two')
    writeFiles(dir, { '.git/index.lock': null })
    await store.edit('task', 'T0002', { status: 'active' })
    await store.commit('T0002: three')
    expect(subjects(dir)).toEqual(['T0002: three', 'T0001: two', 'first'])
    expect(git(dir, 'log', '-1', '--format=%b', 'HEAD~1')).toBe('Together with:\n- T0001: one\n')
  })

  test('when the process died between the write and the commit', async () => {
    const { dir, state, store } = await createGitMemory(twoTasks)
    await store.edit('task', 'T0001', { status: 'active' })
    const next = await openMemory(dir, { state })
    expect(await next.pendingCommits()).toEqual([{ message: expect.stringContaining(T1), paths: [T1], because: expect.stringContaining('interrupted'), tried: false }])
    await next.edit('task', 'T0002', { status: 'active' })
    await next.commit('T0002: next')
    expect(subjects(dir)).toEqual(['T0002: next', `Record ${T1} of an interrupted operation`, 'first'])
    expect(statusOf(dir)).toBe('')
  })
})

test('an operation that another process committed half of, as one that was killed, commits the rest', async () => {
  const { dir, store, state } = await createGitMemory(twoTasks)
  await store.edit('task', 'T0001', { status: 'active' })
  await store.edit('task', 'T0002', { status: 'active' })
  expect(await (await openMemory(dir, { state })).commit('T0003: something else')).toMatchObject({ kind: 'committed' })
  await store.edit('task', 'T0001', { status: 'review' })
  expect(await store.commit('T0001: sealed')).toMatchObject({ kind: 'committed' })
  expect(subjects(dir)).toEqual(['T0001: sealed', `Record ${T1}, ${T2} of an interrupted operation`, 'first'])
  expect(filesOf(dir)).toBe(`M\t${T1}`)
  expect(statusOf(dir)).toBe('')
  expect(await store.pendingCommits()).toEqual([])
})

test('a pull in between is no obstacle', async () => {
  const { dir, store } = await createGitMemory(twoTasks)
  const other = join(dir, '../other')
  git(dir, 'clone', '--quiet', dir, other)
  writeFiles(other, { [T2]: taskText('T0002', 'priority: 1\n') })
  git(other, '-c', 'user.name=Other', '-c', 'user.email=o@example.com', 'commit', '--quiet', '--all', '--message', 'theirs')
  await store.edit('task', 'T0001', { status: 'active' })
  git(dir, 'pull', '--quiet', '--no-rebase', other, 'main')
  expect(await store.commit('T0001: mine')).toMatchObject({ kind: 'committed' })
  expect(subjects(dir)).toEqual(['T0001: mine', 'theirs', 'first'])
  expect((await store.read('task', 'T0002')).priority).toBe(1)
  expect(statusOf(dir)).toBe('')
})

test('a same-second edit of the human stays visible to git after our commit', async () => {
  const { dir, store } = await createGitMemory({ ...twoTasks, 'notes.txt': 'aaaa\n' })
  for (let round = 0; round < 5; round += 1) {
    git(dir, 'add', 'notes.txt')
    writeFiles(dir, { 'notes.txt': round % 2 === 0 ? 'bbbb\n' : 'cccc\n' })
    await store.edit('task', 'T0001', { status: round % 2 === 0 ? 'active' : 'ready' })
    expect(await store.commit(`round ${round}`)).toMatchObject({ kind: 'committed' })
    expect(statusOf(dir)).toMatch(/^.M notes.txt$/)
  }
})
