import { Buffer } from 'node:buffer'
import { writeFileSync } from 'node:fs'
import { oidSchema, repoNameSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git as raw, removeTempDirs, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import type { AddedText, TextBounds } from './added-text.ts'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const wide: TextBounds = { file: 1_000_000, total: 10_000_000 }

async function addedBy(files: Files, change: (path: string) => void, bounds = wide): Promise<readonly AddedText[]> {
  const path = createRepo(files)
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  change(path)
  const commit = oidSchema.parse(commitAll(path, 'change'))
  return createGitEngine({ stateDir: createTempDir('state') }).snapshots.readAddedText({ repo: repoNameSchema.parse('api'), path }, base, commit, bounds)
}

/** Returns the new lines with their numbers, as the ranges name them. */
function newLines({ path, stretches }: AddedText): readonly string[] {
  return (stretches ?? []).flatMap(({ line, text, added }) => text.split('\n').flatMap((one, index) => (added.some(([from, to]) => from <= line + index && line + index <= to) ? [`${path}:${line + index} ${one}`] : [])))
}

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')

describe('added text', () => {
  test('is what is new, with its line numbers, and never what was there', async () => {
    const added = await addedBy({ 'a.txt': lines(40), 'gone.txt': 'secret\n', 'moved.txt': `${lines(20)}secret\n`, 'cut.txt': lines(9) }, (path) => {
      writeFiles(path, { 'a.txt': lines(40).replace('line 3\n', 'line 3\nnew a\nnew b\n').replace('line 30\n', '@@ -1 +1 @@\n+++ b/x\ndiff --git a/x b/x\n'), 'gone.txt': null, 'cut.txt': lines(8), 'new.txt': 'only\r\nno end' })
      raw(path, 'mv', 'moved.txt', 'to.txt')
    })
    expect(added.map(({ path }) => path)).toEqual(['a.txt', 'new.txt'])
    expect(added.flatMap(newLines)).toEqual(['a.txt:4 new a', 'a.txt:5 new b', 'a.txt:32 @@ -1 +1 @@', 'a.txt:33 +++ b/x', 'a.txt:34 diff --git a/x b/x', 'new.txt:1 only\r', 'new.txt:2 no end'])
    expect(added[0]?.stretches?.[0]).toMatchObject({ line: 1, text: 'line 1\nline 2\nline 3\nnew a\nnew b\nline 4\nline 5\nline 6\n', added: [[4, 5]] })
  })

  test('is found whatever a file is called or holds, and whatever attributes say', async () => {
    const added = await addedBy({ a: 'a\n', kind: 'x\n' }, (path) => {
      writeFiles(path, { 'line\nbreak +++ b/x': 's\n', '"quoted"\t': 's\n', '-dash': 's\n', '*[x]\\?': 's\n', '.gitattributes': '* -diff\n', kind: { link: 's' }, 'latin1.txt': Buffer.from('caf\xe9\n', 'latin1'), bin: Buffer.from('s\0s') })
      writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from('caf\xe9', 'latin1')]), 's\n')
    })
    expect(added.flatMap(newLines).toSorted()).toEqual(['"quoted"\t:1 s', '*[x]\\?:1 s', '-dash:1 s', '.gitattributes:1 * -diff', 'bin:1 s s', 'caf\ufffd:1 s', 'kind:1 s', 'latin1.txt:1 caf\ufffd', 'line\nbreak +++ b/x:1 s'])
  })

  const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')
  test.each<readonly [string, (text: string) => Buffer]>([
    ['UTF-16 with a BOM', (text) => utf16(`\ufeff${text}`)],
    ['UTF-16 the other way round with a BOM', (text) => utf16(`\ufeff${text}`).swap16()],
    ['UTF-16', utf16],
    ['UTF-16 the other way round', (text) => utf16(text).swap16()],
    ['text after a NUL', (text) => Buffer.from(`\0\n${text}`)],
    ['strings that NULs end', (text) => Buffer.from(`\x7fELF\0\0\0${text.replaceAll('\n', '\0\n')}`, 'latin1')],
    ['UTF-16 that begins as text to git', (text) => utf16(`\ufeff${'\u4e2d'.repeat(5_000)}\n${text}`)],
  ])('is read in %s, and only what is new of it', async (_what, encode) => {
    const [old, more] = [`${lines(9)}word=old\n`, `${lines(4)}word=new\n${lines(9)}word=old\n`]
    const added = await addedBy({ 'a.bin': encode(old), 'gone.bin': encode(`word=gone\n`) }, (path) => writeFiles(path, { 'a.bin': encode(more), 'gone.bin': null, 'new.bin': encode(old) }))
    const words = added.flatMap(newLines).map((line) => line.replaceAll(/ +/g, ' ').trim()).filter((line) => line.includes('word='))
    expect(words).toEqual([expect.stringMatching(/^a\.bin:\d+ word=new$/), expect.stringMatching(/^new\.bin:\d+ word=old$/)])
  })

  test('of bytes with NULs past a bound is named, and not read', async () => {
    const bytes = (count: number): Buffer => Buffer.alloc(count, 'a\0b')
    const added = await addedBy({ '4': bytes(60) }, (path) => writeFiles(path, { '1': bytes(101), '2': bytes(90), '3': Buffer.concat([bytes(20), Buffer.from('\n')]), '4': bytes(61) }), { file: 100, total: 150 })
    expect(added.map(({ path, bytes: size, stretches }) => [path, size, stretches === undefined])).toEqual([['1', 101, true], ['2', 90, false], ['3', 21, false], ['4', 61, true]])
  })

  test('past a bound is named with its size, and the rest is still read', async () => {
    const bounds = { file: 100, total: 150 }
    const added = await addedBy({ a: 'a\n' }, (path) => writeFiles(path, { '1': 'x'.repeat(101), '2': 'x'.repeat(90), '3': 'x'.repeat(90), '4': 'short' }), bounds)
    expect(added.map(({ path, bytes, stretches }) => [path, bytes, stretches === undefined])).toEqual([['1', 102, true], ['2', 91, false], ['3', 91, true], ['4', 6, false]])
  })
})
