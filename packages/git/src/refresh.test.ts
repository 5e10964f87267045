import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const lines = (count: number, prefix = 'line'): string => Array.from({ length: count }, (_, index) => `${prefix} ${index}\n`).join('')

/** A run's snapshot of `change`, on a repository whose branch then moves by `moved`. */
async function refreshed(files: Files, change: Files, moved: Files, afterwards: (path: string) => void = () => {}) {
  const path = createRepo(files)
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const run = runIdSchema.parse('R0002')
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
  writeFiles(checkout.path, change)
  const { commit, exactTree } = await engine.snapshots.capture(checkout, base, 1)
  afterwards(path)
  writeFiles(path, moved)
  const newBase = oidSchema.parse(commitAll(path, 'moved'))
  const before = fingerprint(path)
  const result = await engine.snapshots.refresh(source, run, 2, { base, commit, exactTree }, newBase)
  expect(fingerprint(path)).toEqual(before)
  return { path, engine, source, base, commit, newBase, result, vault: join(stateDir, 'vaults', 'api.git') }
}

describe('refresh', () => {
  test('puts a change on the new tip as a snapshot of its own, and says that it is the same change', async () => {
    const { result, vault, newBase, engine, source, base, commit } = await refreshed({ 'a.txt': lines(9), 'b.txt': 'b\n' }, { 'a.txt': `${lines(9)}mine\n`, 'new.bin': Buffer.from([0, 1]) }, { 'b.txt': 'theirs\n' })
    if (result.kind !== 'clean') throw new Error('expected a clean refresh')
    expect(result).toMatchObject({ sameChange: true, captured: { files: 2, insertions: 1, deletions: 0, missing: [] } })
    expect(raw(vault, '--git-dir', vault, 'rev-parse', 'refs/signalbox/runs/R0002/s2', `${result.captured.commit}^`, `${result.captured.commit}^{tree}`)).toBe(`${result.captured.commit}\n${newBase}\n${result.captured.tree}`)
    expect(raw(vault, '--git-dir', vault, 'show', `${result.captured.tree}:b.txt`)).toBe('theirs')
    expect((await engine.snapshots.diff(source, newBase, result.captured.commit)).files).toEqual((await engine.snapshots.diff(source, base, commit)).files)
  })

  test('calls a change the same where only its place in the file moved', async () => {
    const { result } = await refreshed({ 'a.txt': lines(40) }, { 'a.txt': lines(40).replace('line 30\n', 'mine\n') }, { 'a.txt': `first\n${lines(40)}` })
    expect(result).toMatchObject({ kind: 'clean', sameChange: true })
  })

  test('calls it another where its surroundings changed, or only part of it is left', async () => {
    const near = await refreshed({ 'a.txt': lines(40) }, { 'a.txt': lines(40).replace('line 30\n', 'mine\n') }, { 'a.txt': lines(40).replace('line 28\n', 'theirs\n') })
    expect(near.result).toMatchObject({ kind: 'clean', sameChange: false })
    const part = await refreshed({ 'a.txt': lines(40) }, { 'a.txt': lines(40).replace('line 30\n', 'mine\n').replace('line 3\n', 'mine\n') }, { 'a.txt': lines(40).replace('line 3\n', 'mine\n') })
    expect(part.result).toMatchObject({ kind: 'clean', sameChange: false, captured: { insertions: 1 } })
    const returns = await refreshed({ 'a.txt': lines(40).replace('line 28\n', 'line 28\r@@ ours\n') }, { 'a.txt': lines(40).replace('line 28\n', 'line 28\r@@ ours\n').replace('line 30\n', 'mine\n') }, { 'a.txt': lines(40).replace('line 28\n', 'line 28\r@@ theirs\n') })
    expect(returns.result).toMatchObject({ kind: 'clean', sameChange: false })
    const space = await refreshed({ 'a.txt': lines(40) }, { 'a.txt': lines(40).replace('line 30\n', 'x  y\n') }, { 'b.txt': 'b' })
    expect(space.result).toMatchObject({ kind: 'clean', sameChange: true })
  })

  test('saves an empty change when the branch already holds it', async () => {
    const { result } = await refreshed({ 'a.txt': 'a\n' }, { 'a.txt': 'same\n' }, { 'a.txt': 'same\n' })
    expect(result).toMatchObject({ kind: 'clean', captured: { files: 0 } })
  })

  test('names the paths that conflict and saves nothing', async () => {
    const { result, vault } = await refreshed({ 'a.txt': 'a\n', 'line\nbreak': 'l\n' }, { 'a.txt': 'mine\n', 'line\nbreak': 'mine\n' }, { 'a.txt': 'theirs\n', 'line\nbreak': null })
    expect(result).toEqual({ kind: 'conflict', paths: ['a.txt', 'line\nbreak'] })
    expect(raw(vault, '--git-dir', vault, 'for-each-ref', '--format=%(refname)', 'refs/signalbox/runs/R0002')).toBe('refs/signalbox/runs/R0002/s1')
  })

  test('pins the new base, so that the round stays readable when the branch is rewritten', async () => {
    const { result, path, engine, source, newBase } = await refreshed({ 'a.txt': 'a\n' }, { 'new.txt': 'n\n' }, { 'b.txt': 'b\n' })
    if (result.kind !== 'clean') throw new Error('expected a clean refresh')
    raw(path, 'reset', '--quiet', '--hard', 'HEAD~1')
    raw(path, 'reflog', 'expire', '--expire=now', '--all')
    raw(path, 'gc', '--quiet', '--prune=now')
    expect(await engine.snapshots.isReadable(source, newBase, result.captured.commit)).toBe(true)
  })

  test('fails, and does not take a folder for empty, when one of the change cannot be read', async () => {
    const { engine, source, base, commit, newBase, vault } = await refreshed({ 'src/a.txt': 'a\n', 'b.txt': 'b\n' }, { 'src/a.txt': 'mine\n' }, { 'b.txt': 'theirs\n' })
    const folder = raw(vault, '--git-dir', vault, 'rev-parse', `${commit}:src`)
    rmSync(join(vault, 'objects', folder.slice(0, 2), folder.slice(2)))
    await expect(engine.snapshots.refresh(source, runIdSchema.parse('R0002'), 3, { base, commit }, newBase)).rejects.toMatchObject({ code: 'git.command_failed' })
    await expect(engine.snapshots.preview(source, { base, commit }, newBase)).rejects.toMatchObject({ code: 'git.command_failed' })
  })

  test('fails, not conflicts, when the new tip cannot be read', async () => {
    const { engine, source, base, commit, path } = await refreshed({ 'a.txt': 'a\n' }, { 'a.txt': 'mine\n' }, { 'b.txt': 'b\n' })
    const gone = oidSchema.parse('1'.repeat(40))
    await expect(engine.snapshots.refresh(source, runIdSchema.parse('R0002'), 3, { base, commit }, gone)).rejects.toMatchObject({ code: 'git.command_failed' })
    const tree = raw(path, 'rev-parse', 'HEAD^{tree}')
    rmSync(join(path, '.git/objects', tree.slice(0, 2), tree.slice(2)))
    await expect(engine.snapshots.refresh(source, runIdSchema.parse('R0002'), 3, { base, commit }, oidSchema.parse(raw(path, 'rev-parse', 'HEAD')))).rejects.toMatchObject({ code: 'git.command_failed' })
  })

  const crlf = 'one\r\ntwo\r\n'
  test.each<readonly [string, Files, Files, Files, readonly string[]]>([
    ['converts what the author wrote', { 'a.txt': 'a\n' }, { 'a.csv': crlf }, { 'data/.gitattributes': 'x text\n', '.gitattributes': '*.csv text\n' }, ['.gitattributes', 'data/.gitattributes']],
    ['converts other files', { 'a.txt': 'a\n' }, { 'a.csv': crlf }, { '.gitattributes': '*.md text\n' }, []],
    ['converts what needs no converting', { 'a.txt': 'a\n' }, { 'a.csv': 'one\n' }, { '.gitattributes': '*.csv text eol=crlf\n' }, []],
    ['converts as before, in other words', { '.gitattributes': '*.csv text eol=crlf\n' }, { 'a.csv': crlf }, { '.gitattributes': '# tables\n*.csv eol=crlf\n' }, []],
    ['does not convert any more', { '.gitattributes': '*.csv text eol=crlf\n', 'a.txt': 'a\n' }, { 'a.csv': crlf }, { '.gitattributes': '# none\n' }, ['.gitattributes']],
  ])('says where a new base %s', async (_name, files, change, moved, reported) => {
    const { path, newBase, result } = await refreshed(files, change, moved)
    if (result.kind !== 'clean') throw new Error('expected a clean refresh')
    expect(result.captured.missing).toEqual(reported.map((name) => ({ path: name, reason: 'converting_attributes' })))
    const hand = join(createTempDir('hand'), 'checkout')
    raw(path, 'worktree', 'add', '--quiet', '--detach', hand, newBase)
    writeFiles(hand, change)
    raw(hand, 'add', '--all')
    expect(raw(hand, 'write-tree') === result.captured.tree).toBe(reported.length === 0)
  })

  test('refuses a new base whose files go through a program that is not allowed', async () => {
    const program = ['filter.lfs.clean', 'cat'] as const
    await expect(refreshed({ 'a.txt': 'a\n' }, { 'a.big': 'b' }, { '.gitattributes': '*.big filter=lfs\n' }, (path) => raw(path, 'config', ...program))).rejects.toMatchObject({ code: 'repo.filter_not_allowed' })
  })
})
