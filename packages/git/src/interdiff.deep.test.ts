import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { oidSchema, repoNameSchema, type Oid } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git as raw, removeTempDirs, run, writeFiles, type Files } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('')
const repo = repoNameSchema.parse('api')

/** A source, its base, and a way to make a change on any commit of it: as a snapshot, one commit on its base. */
function sourceOf(files: Files) {
  const path = createRepo(files)
  const stateDir = createTempDir('state')
  const { snapshots } = createGitEngine({ stateDir })
  const source = { repo, path }
  const changeOn = (base: Oid, change: Files) => {
    raw(path, 'checkout', '--quiet', '--force', '--detach', base)
    writeFiles(path, change)
    return { base, commit: oidSchema.parse(commitAll(path, 'change')) }
  }
  const interdiff = (older: { base: Oid; commit: Oid }, newer: { base: Oid; commit: Oid }) => snapshots.interdiff(source, older, newer)
  return { path, stateDir, source, snapshots, base: oidSchema.parse(raw(path, 'rev-parse', 'HEAD')), changeOn, interdiff }
}

describe('interdiff on one base', () => {
  test('shows what lies between two rounds, as every diff does', async () => {
    const { base, changeOn, interdiff } = sourceOf({ 'a.txt': lines(20), 'old.txt': lines(30), bin: Buffer.from([0, 1]), 'mode.sh': 'x\n', 'dos.txt': 'a\r\nb\r\n', untouched: 'u' })
    const first = { 'a.txt': lines(20).replace('line 3\n', 'first\n'), bin: Buffer.from([0, 2]) }
    const older = changeOn(base, first)
    const newer = changeOn(base, { ...first, 'a.txt': lines(20).replace('line 3\n', 'second\n'), bin: Buffer.from([0, 3]), 'old.txt': null, 'new.txt': lines(30), 'mode.sh': { executable: 'x\n' }, 'dos.txt': 'a\r\nc\r\n', link: { link: 'a.txt' } })
    const { files, patch, conflicts } = await interdiff(older, newer)
    expect(conflicts).toEqual([])
    expect(files.map(({ path, oldPath, status, insertions }) => [path, oldPath, status, insertions])).toEqual([
      ['a.txt', null, 'modified', 1],
      ['bin', null, 'modified', null],
      ['dos.txt', null, 'modified', 1],
      ['link', null, 'added', 1],
      ['mode.sh', null, 'modified', 0],
      ['new.txt', 'old.txt', 'renamed', 0],
    ])
    expect(patch).toContain('-first\n+second\n')
    expect(patch).toContain('-b\r\n+c\r\n')
    expect(patch).toContain('old mode 100644\nnew mode 100755\n')
  })

  test('is empty for a round and itself; applied to the older tree it gives the newer one, whatever both changed', async () => {
    const { path, base, changeOn, interdiff } = sourceOf({ 'a.txt': lines(9), 'b.bin': Buffer.from([0, 1]), 'c d.txt': 'c\r\n', e: 'e' })
    const content = fc.oneof(fc.constant(null), fc.string().map((text) => `${lines(4)}${text}\n`), fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)), fc.constant({ link: 'e' }), fc.constant({ executable: 'x\r\ny' }))
    const changes = fc.dictionary(fc.constantFrom('a.txt', 'b.bin', 'c d.txt', 'e', 'grün', 'deep/f.txt'), content, { noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(changes, changes, async (first, second) => {
        const [older, newer] = [changeOn(base, first), changeOn(base, second)]
        expect(await interdiff(newer, newer)).toEqual({ files: [], patch: '', conflicts: [] })
        const { patch } = await interdiff(older, newer)
        raw(path, 'checkout', '--quiet', '--force', '--detach', older.commit)
        if (patch !== '') run(path, 'git', ['apply', '--binary', '--index', '--whitespace=nowarn'], { input: patch })
        expect(raw(path, 'write-tree')).toBe(raw(path, 'rev-parse', `${newer.commit}^{tree}`))
      }),
      { numRuns: 12 },
    )
  })
})

describe('interdiff across bases', () => {
  test('leaves out what the base brought, and is empty where the author changed nothing', async () => {
    const { base, changeOn, interdiff, path } = sourceOf({ 'a.txt': lines(30), 'b.txt': 'b\n', 'move.txt': lines(40) })
    const older = changeOn(base, { 'a.txt': lines(30).replace('line 3\n', 'mine\n'), 'new.txt': 'n\n', bin: Buffer.from([0, 1]) })
    const moved = changeOn(base, { 'a.txt': lines(30).replace('line 25\n', 'theirs\n'), 'b.txt': 'theirs\n', 'move.txt': null, 'moved.txt': lines(40) }).commit
    const both = lines(30).replace('line 3\n', 'mine\n').replace('line 25\n', 'theirs\n')
    const same = changeOn(moved, { 'a.txt': both, 'new.txt': 'n\n', bin: Buffer.from([0, 1]) })
    expect(await interdiff(older, same)).toEqual({ files: [], patch: '', conflicts: [] })
    const more = changeOn(moved, { 'a.txt': both.replace('line 10\n', 'more\n'), 'new.txt': null, bin: Buffer.from([0, 2]), latin: Buffer.from('caf\xe9\n', 'latin1') })
    const { files, patch, conflicts } = await interdiff(older, more)
    expect(conflicts).toEqual([])
    expect(files.map(({ path: name, status }) => [name, status])).toEqual([['a.txt', 'modified'], ['bin', 'modified'], ['latin', 'added'], ['new.txt', 'deleted']])
    expect(patch).toContain('-line 10\n+more\n')
    expect(patch).not.toMatch(/theirs|\ufffd/)
    // The other way round: the newer round may stand on the older base, as one sealed after a refresh does.
    expect((await interdiff(same, older)).patch).toBe('')
    expect(raw(path, 'status', '--porcelain')).toBe('')
  })

  test('follows what the base renamed, where the author edits the file', async () => {
    const { base, changeOn, interdiff } = sourceOf({ 'old.txt': lines(40) })
    const older = changeOn(base, { 'old.txt': lines(40).replace('line 3\n', 'mine\n') })
    const moved = changeOn(base, { 'old.txt': null, 'new.txt': lines(40) }).commit
    const { files, patch } = await interdiff(older, changeOn(moved, { 'new.txt': lines(40).replace('line 3\n', 'mine\n').replace('line 30\n', 'more\n') }))
    expect(files.map(({ path, status }) => [path, status])).toEqual([['new.txt', 'modified']])
    expect(patch).not.toContain('mine\n-')
    expect(patch).toContain('+more\n')
  })

  test('names where the older change does not fit, and shows those paths against what git merged', async () => {
    const { base, changeOn, interdiff } = sourceOf({ 'text.txt': lines(9), 'gone.txt': 'g\n', bin: Buffer.from([0, 1]), 'fits.txt': 'f\n' })
    const older = changeOn(base, { 'text.txt': lines(9).replace('line 4\n', 'mine\n'), 'gone.txt': 'mine\n', bin: Buffer.from([0, 2]), 'fits.txt': 'mine\n' })
    const moved = changeOn(base, { 'text.txt': lines(9).replace('line 4\n', 'theirs\n'), 'gone.txt': null, bin: Buffer.from([0, 3]) }).commit
    const newer = changeOn(moved, { 'text.txt': lines(9).replace('line 4\n', 'both\n'), bin: Buffer.from([0, 4]), 'fits.txt': 'mine\n' })
    const { files, patch, conflicts } = await interdiff(older, newer)
    expect(conflicts).toEqual(['bin', 'gone.txt', 'text.txt'])
    expect(files.map(({ path, status }) => [path, status])).toEqual([['bin', 'modified'], ['gone.txt', 'deleted'], ['text.txt', 'modified']])
    expect(patch).toMatch(/-<{7} .*\n-theirs\n-={7}\n-mine\n->{7} .*\n\+both\n/)
    expect(patch).toContain('-mine\n')
  })

  test('keeps nothing of what it computes, and fails when a side cannot be read', async () => {
    const { base, changeOn, interdiff, stateDir, path } = sourceOf({ 'a.txt': lines(9), 'b.txt': 'b\n' })
    const older = changeOn(base, { 'a.txt': lines(9).replace('line 4\n', 'mine\n') })
    const moved = changeOn(base, { 'a.txt': `first\n${lines(9)}`, 'b.txt': 'moved\n' }).commit
    const newer = changeOn(moved, { 'b.txt': 'more\n' })
    await interdiff(older, newer)
    expect(filesIn(join(stateDir, 'vaults/api.git/objects')).filter((name) => !name.startsWith('info/'))).toEqual([])
    expect(filesIn(join(stateDir, 'git-work'))).toEqual([])
    const tree = raw(path, 'rev-parse', `${older.commit}^{tree}`)
    rmSync(join(path, '.git/objects', tree.slice(0, 2), tree.slice(2)))
    await expect(interdiff(older, newer)).rejects.toMatchObject({ code: 'git.command_failed' })
  })
})

describe('interdiff of a repo that one round lacks', () => {
  test('shows all of it where the older one has none, and takes it back where the newer one has none', async () => {
    const { base, changeOn, interdiff, snapshots, source } = sourceOf({ 'a.txt': 'a\n' })
    const change = changeOn(base, { 'a.txt': 'b\n', 'n.txt': 'n\n' })
    const none = { base, commit: base }
    const whole = await snapshots.diff(source, change.base, change.commit)
    expect(await interdiff(none, change)).toEqual({ ...whole, conflicts: [] })
    expect((await interdiff(change, none)).patch).toContain('-b\n+a\n')
  })
})

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())
}
