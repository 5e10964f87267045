import { Buffer } from 'node:buffer'
import { oidSchema, repoNameSchema } from '@signalbox/core'
import { createRepo, createTempDir, git as raw, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

test('the text of a saved file is found by its exact name, and what is no text or no file says so', async () => {
  const odd = 'a b/*.ts\n?[x]'
  const path = createRepo({ 'src/a.ts': 'one\r\ntwo', [odd]: 'odd\n', 'src/-c': 'dash\n', 'nul.bin': 'a\0b', 'latin.txt': Buffer.from([0x66, 0xfc, 0x72]), 'long.txt': 'x'.repeat(16 * 1024 * 1024 + 1), empty: '' })
  const commit = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const { snapshots } = createGitEngine({ stateDir: createTempDir('state') })
  const read = (name: string): Promise<unknown> => snapshots.readText({ repo: repoNameSchema.parse('api'), path }, commit, name)
  const text = (value: string): unknown => ({ kind: 'text', text: value })
  expect(await Promise.all(['src/a.ts', odd, 'src/-c', 'empty'].map(read))).toEqual(['one\r\ntwo', 'odd\n', 'dash\n', ''].map(text))
  expect(await Promise.all(['nul.bin', 'latin.txt', 'long.txt'].map(read))).toEqual(Array.from({ length: 3 }, () => ({ kind: 'unprintable' })))
  expect(await Promise.all(['src', 'src/', 'src/none', '*.ts', '../a', '/src/a.ts', './src/a.ts', '', '.'].map(read))).toEqual(Array.from({ length: 9 }, () => ({ kind: 'missing' })))
  await expect(snapshots.readText({ repo: repoNameSchema.parse('api'), path }, oidSchema.parse('7'.repeat(40)), 'src/a.ts')).rejects.toThrow(expect.objectContaining({ code: 'git.command_failed' }))
})
