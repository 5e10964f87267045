import { Buffer } from 'node:buffer'
import { oidSchema, repoNameSchema } from '@signalbox/core'
import { createRepo, createTempDir, git as raw, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

test('texts of saved files are found by their exact names, and what is no text or no file says so', async () => {
  const odd = 'a b/*.ts\n?[x]'
  const colons = [':/empty', ':(top)empty', ':!empty', ':empty']
  const path = createRepo({ ...Object.fromEntries(colons.map((name) => [name, `${name}\n`])), 'src/a.ts': 'one\r\ntwo', [odd]: 'odd\n', 'src/-c': 'dash\n', 'nul.bin': 'a\0b', 'latin.txt': Buffer.from([0x66, 0xfc, 0x72]), 'long.txt': 'x'.repeat(16 * 1024 * 1024 + 1), empty: '' })
  const commit = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const { snapshots } = createGitEngine({ stateDir: createTempDir('state') })
  const read = (...names: readonly string[]): Promise<readonly unknown[]> => snapshots.readTexts({ repo: repoNameSchema.parse('api'), path }, commit, names)
  const text = (value: string): unknown => ({ kind: 'text', text: value })
  expect(await read('src/a.ts', odd, 'src/-c', 'empty', odd)).toEqual(['one\r\ntwo', 'odd\n', 'dash\n', '', 'odd\n'].map(text))
  expect(await read(...colons)).toEqual(colons.map((name) => text(`${name}\n`)))
  expect(await read('nul.bin', 'latin.txt', 'long.txt')).toEqual(Array.from({ length: 3 }, () => ({ kind: 'unprintable' })))
  expect(await read('src', 'src/', 'src/none', '*.ts', '../a', '/src/a.ts', './src/a.ts', '', '.')).toEqual(Array.from({ length: 9 }, () => ({ kind: 'missing' })))
  expect([await read(), await read('none', 'empty'), await read('.')]).toEqual([[], [{ kind: 'missing' }, text('')], [{ kind: 'missing' }]])
  await expect(snapshots.readTexts({ repo: repoNameSchema.parse('api'), path }, oidSchema.parse('7'.repeat(40)), ['src/a.ts'])).rejects.toThrow(expect.objectContaining({ code: 'git.command_failed' }))
})
