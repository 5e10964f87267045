import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { oidSchema, repoNameSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git as raw, removeTempDirs, run, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

/** A base, a change on it, and the diff between them. */
async function diffOf(files: Files, change: (path: string) => void) {
  const path = createRepo(files)
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  change(path)
  const commit = oidSchema.parse(commitAll(path, 'change'))
  const engine = createGitEngine({ stateDir: createTempDir('state') })
  const source = { repo: repoNameSchema.parse('api'), path }
  return { path, base, commit, engine, source, diff: await engine.snapshots.diff(source, base, commit) }
}

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('')

describe('diff', () => {
  test('lists files with their kind and lines', async () => {
    const { diff } = await diffOf({ 'edit.txt': lines(20), 'gone.txt': 'x\ny\n', 'old name.txt': lines(30), 'mode.sh': 'x\n', kind: 'x\n', bin: Buffer.from([0, 1]), same: 'same' }, (path) => {
      writeFiles(path, { 'edit.txt': lines(20).replace('line 3\n', '--- not a header\n+++ nor this\ndiff --git a/x b/x\n'), 'gone.txt': null, 'new.txt': 'n\n', 'mode.sh': { executable: 'x\n' }, kind: { link: 'same' }, bin: Buffer.from([0, 2]), empty: '' })
      raw(path, 'mv', 'old name.txt', 'new name.txt')
    })
    expect(diff.files).toEqual([
      { path: 'bin', oldPath: null, status: 'modified', insertions: null, deletions: null },
      { path: 'edit.txt', oldPath: null, status: 'modified', insertions: 3, deletions: 1 },
      { path: 'empty', oldPath: null, status: 'added', insertions: 0, deletions: 0 },
      { path: 'gone.txt', oldPath: null, status: 'deleted', insertions: 0, deletions: 2 },
      { path: 'kind', oldPath: null, status: 'type_changed', insertions: 1, deletions: 1 },
      { path: 'mode.sh', oldPath: null, status: 'modified', insertions: 0, deletions: 0 },
      { path: 'new name.txt', oldPath: 'old name.txt', status: 'renamed', insertions: 0, deletions: 0 },
      { path: 'new.txt', oldPath: null, status: 'added', insertions: 1, deletions: 0 },
    ])
  })

  test('is empty for equal trees', async () => {
    expect((await diffOf({ a: 'a' }, () => {})).diff).toEqual({ files: [], patch: '' })
  })

  test.each<[string, Files, (path: string) => void]>([
    ['text, binary, modes, links, renames and no end of line', { 'a.txt': lines(9), bin: Buffer.from([0, 1, 2]), 'r.txt': lines(40), 'm.sh': 'x' }, (path) => {
      writeFiles(path, { 'a.txt': `${lines(9)}no newline`, bin: Buffer.from([0, 9, 255]), 'm.sh': { executable: 'x' }, link: { link: 'a.txt' } })
      raw(path, 'mv', 'r.txt', 'moved.txt')
      writeFiles(path, { 'moved.txt': `${lines(40)}and more\n` })
    }],
    ['odd names', { 'with space': 'x\n', 'line\nbreak': 'x\n', 'quote"d': 'x\n' }, (path) => writeFiles(path, { 'with space': 'y\n', 'line\nbreak': 'y\n', 'quote"d': 'y\n', '-dash': 'n\n', 'ünï': 'n\n', 'tab\t': 'n\n' })],
    ['carriage returns', { 'dos.txt': 'a\r\nb\r\n' }, (path) => writeFiles(path, { 'dos.txt': 'a\r\nc\r\n', 'mac.txt': 'a\rb\r' })],
    ['text that is no UTF-8', { 'latin1.txt': Buffer.from('caf\xe9\n', 'latin1'), 'plain.txt': 'p\n', 'to move.txt': Buffer.from(`${lines(30)}\xe9\n`, 'latin1') }, (path) => {
      writeFiles(path, { 'latin1.txt': Buffer.from('caf\xe9 cr\xe8me\n', 'latin1'), 'plain.txt': 'q\n', '*[odd]\\"name"?.txt': Buffer.from('\xe9\n', 'latin1') })
      raw(path, 'mv', 'to move.txt', 'moved.txt')
      writeFileSync(join(path, 'moved.txt'), Buffer.from(`${lines(30)}\xe9\xe8\n`, 'latin1'))
    }],
  ])('gives a patch that git applies to the same bytes: %s', async (_name, files, change) => {
    const { path, base, commit, diff } = await diffOf(files, change)
    raw(path, 'checkout', '--quiet', '--detach', base)
    run(path, 'git', ['apply', '--binary', '--index', '--whitespace=nowarn'], { input: diff.patch })
    expect(raw(path, 'write-tree')).toBe(raw(path, 'rev-parse', `${commit}^{tree}`))
  })

  test('keeps files readable beside one that is no UTF-8', async () => {
    const { diff } = await diffOf({ 'plain.txt': 'p\n' }, (path) => writeFiles(path, { 'latin1.txt': Buffer.from('\xe9\n', 'latin1'), 'plain.txt': 'q\n' }))
    expect(diff.patch).toContain('-p\n+q\n')
    expect(diff.patch).toContain('GIT binary patch')
    expect(diff.files).toEqual([
      { path: 'latin1.txt', oldPath: null, status: 'added', insertions: 1, deletions: 0 },
      { path: 'plain.txt', oldPath: null, status: 'modified', insertions: 1, deletions: 1 },
    ])
  })

  test('shows names that are no UTF-8 in a patch that applies', async () => {
    const { path, base, commit, diff } = await diffOf({ a: 'a' }, (folder) => writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('caf\xe9', 'latin1')]), 'x\n'))
    expect(diff.files).toHaveLength(1)
    raw(path, 'checkout', '--quiet', '--detach', base)
    run(path, 'git', ['apply', '--binary', '--index'], { input: diff.patch })
    expect(raw(path, 'write-tree')).toBe(raw(path, 'rev-parse', `${commit}^{tree}`))
  })

  test('shows what attributes, settings and the environment would hide', async () => {
    Object.assign(process.env, { GIT_EXTERNAL_DIFF: 'true', GIT_DIFF_OPTS: '--unified=0' })
    try {
      const { diff } = await diffOf({ 'a.txt': lines(9), '.gitattributes': '*.txt -diff\n*.md diff=none\n' }, (path) => {
        for (const setting of ['diff.noprefix', 'diff.mnemonicPrefix']) raw(path, 'config', setting, 'true')
        raw(path, 'config', 'diff.none.textconv', 'true')
        writeFiles(path, { 'a.txt': lines(9).replace('line 4\n', 'changed\n'), 'b.md': 'secret\n' })
      })
      expect(diff.patch).toContain('diff --git a/a.txt b/a.txt')
      expect(diff.patch).toContain('-line 4\n+changed\n')
      expect(diff.patch).toContain('+secret')
    } finally {
      delete process.env['GIT_EXTERNAL_DIFF']
      delete process.env['GIT_DIFF_OPTS']
    }
  })

  test('agrees with what a capture counts, and with itself for ever', async () => {
    const { base, commit, engine, source, diff, path } = await diffOf({ 'a.txt': lines(50) }, (folder) => {
      raw(folder, 'mv', 'a.txt', 'b.txt')
      writeFiles(folder, { 'b.txt': `${lines(50)}more\n`, 'c.bin': Buffer.from([0]) })
    })
    expect(diff.files).toHaveLength(2)
    execFileSync('git', ['config', 'diff.renames', 'false'], { cwd: path })
    rmSync(join(path, 'b.txt'))
    expect(await engine.snapshots.diff(source, base, commit)).toEqual(diff)
  })
})
