import { oidSchema, repoNameSchema, type Oid } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git as raw, removeTempDirs, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

/** A repository on `main`, and a change on its head that lies on no branch. */
function start(files: Files, change: Files) {
  const path = createRepo(files)
  const base = oidSchema.parse(raw(path, 'rev-parse', 'main'))
  const commit = (next: Files): Oid => {
    writeFiles(path, next)
    return oidSchema.parse(commitAll(path, 'next'))
  }
  raw(path, 'checkout', '--quiet', '--detach')
  const changed = commit(change)
  raw(path, 'checkout', '--quiet', 'main')
  const { sources, snapshots } = createGitEngine({ stateDir: createTempDir('state') })
  const source = { repo: repoNameSchema.parse('memory'), path }
  return { path, base, changed, commit, sources, snapshots, source }
}

describe('how a branch came from one commit to a later one', () => {
  test('is told by its commits and every path that any of them touched', async () => {
    const { base, commit, sources, source } = start({ 'a.txt': 'a\n', 'b.txt': 'b\n' }, { 'x.txt': 'x\n' })
    const first = commit({ 'a.txt': 'changed\n', 'ü/ñ.txt': 'n\n' })
    const second = commit({ 'a.txt': 'a\n', 'b.txt': null, 'new/b.txt': 'b\n' })
    const advance = await sources.readAdvance(source, base, second)
    expect(advance?.commits).toEqual([second, first])
    expect(advance?.paths.toSorted()).toEqual(['a.txt', 'b.txt', 'new/b.txt', 'ü/ñ.txt'].toSorted())
  })

  test('is not known over a merge, back in history, beside it, or where nothing happened', async () => {
    const { path, base, changed, commit, sources, source } = start({ 'a.txt': 'a\n' }, { 'x.txt': 'x\n' })
    const first = commit({ 'a.txt': 'changed\n' })
    expect(await sources.readAdvance(source, first, base)).toBeUndefined()
    expect(await sources.readAdvance(source, changed, first)).toBeUndefined()
    raw(path, 'merge', '--quiet', '--no-edit', changed)
    expect(await sources.readAdvance(source, base, oidSchema.parse(raw(path, 'rev-parse', 'main')))).toBeUndefined()
    // Its other parent is in the history of the base already, so that history lists one commit.
    const odd = oidSchema.parse(raw(path, 'commit-tree', '-p', first, '-p', base, '-m', 'odd', `${changed}^{tree}`))
    expect(await sources.readAdvance(source, first, odd)).toBeUndefined()
    expect(await sources.readAdvance(source, base, base)).toEqual({ commits: [], paths: [] })
  })

  test('hides no commit and no path, whatever somebody makes git believe of its history', async () => {
    const { path, base, commit, sources, source } = start({ 'a.txt': 'a\n' }, { 'x.txt': 'x\n' })
    const hidden = commit({ 'hidden.txt': 'somebody else’s\n' })
    const last = commit({ 'b.txt': 'b\n' })
    writeFiles(path, { '.git/info/grafts': `${last} ${base}\n` })
    expect(raw(path, 'rev-list', 'main')).not.toContain(hidden)
    expect(await sources.readAdvance(source, base, last)).toEqual({ commits: [last, hidden], paths: expect.arrayContaining(['hidden.txt']) as unknown })
  })
})

describe('a change that is carried', () => {
  test('is entry for entry the same beside what came since', async () => {
    const { path, base, changed, commit, snapshots, source } = start(
      { 'a.txt': 'a\n', 'gone.txt': 'g\n', 'turns/b.txt': 'b\n', tool: 'x\n', 'kept.txt': 'k\n' },
      { 'a.txt': 'changed\n', 'gone.txt': null, turns: 'now a file\n', tool: { executable: 'x\n' }, link: { link: 'a.txt' }, 'new/deep.txt': 'd\n' },
    )
    const onto = commit({ 'kept.txt': 'later\n', 'new/other.txt': 'o\n', 'record.md': 'r\n' })
    const carried = await snapshots.carry(source, { base, commit: changed }, onto)
    // The vault borrows the source; the source has the change itself, so both trees can be made there.
    raw(path, 'checkout', '--quiet', '--detach', onto)
    raw(path, 'cherry-pick', '--allow-empty', changed)
    expect(carried.tree).toBe(raw(path, 'rev-parse', 'HEAD^{tree}'))
    expect((await snapshots.listPaths(source, { base, commit: changed })).toSorted()).toEqual(['a.txt', 'gone.txt', 'link', 'new/deep.txt', 'tool', 'turns', 'turns/b.txt'])
  })

  test.each<readonly [string, Files]>([
    ['the same path', { 'a.txt': 'theirs\n' }],
    ['the same path in the same way', { 'a.txt': 'changed\n' }],
    ['a file below it', { 'new.txt/x': 'x\n' }],
  ])('is refused where what came since touches %s', async (_name, since) => {
    const { base, changed, commit, snapshots, source } = start({ 'a.txt': 'a\n' }, { 'a.txt': 'changed\n', 'new.txt': 'n\n' })
    await expect(snapshots.carry(source, { base, commit: changed }, commit(since))).rejects.toMatchObject({ code: 'merge.stopped' })
  })
})
