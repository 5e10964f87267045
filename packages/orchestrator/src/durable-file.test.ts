import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, it } from 'vitest'
import { sweepTemporaryFiles, writeDurably } from './durable-file.ts'
import { createRepoPaths } from './repo-paths.ts'
import { layoutState } from './state-layout.ts'

afterAll(removeTempDirs)

it('replaces a file whole, readable by its owner alone, and leaves nothing beside it', async () => {
  const layout = layoutState(createTempDir('durable'))
  await writeDurably(layout, layout.repoPaths, 'first')
  await writeDurably(layout, layout.repoPaths, 'second')
  expect(readFileSync(layout.repoPaths, 'utf8')).toBe('second')
  expect(statSync(layout.repoPaths).mode & 0o777).toBe(0o600)
  expect(readdirSync(layout.temporaryFolder)).toEqual([])
})

it('sweeps the temporary files of killed writers and of nobody else', async () => {
  const layout = layoutState(createTempDir('durable'))
  await sweepTemporaryFiles(layout)
  mkdirSync(layout.temporaryFolder)
  const dead = spawnSync('true').pid
  const names = [`${dead}-a`, `${process.pid}-of-an-earlier-process`, `${process.ppid}-a`]
  for (const name of names) writeFileSync(join(layout.temporaryFolder, name), 'half')
  const writing = writeDurably(layout, layout.repoPaths, 'whole')
  await sweepTemporaryFiles(layout)
  await writing
  expect(readdirSync(layout.temporaryFolder)).toEqual([`${process.ppid}-a`])
  expect(readFileSync(layout.repoPaths, 'utf8')).toBe('whole')
})

it('names a damaged file of ours and what to do about it, and tells it from none', async () => {
  const layout = layoutState(createTempDir('durable'))
  const paths = createRepoPaths(layout)
  expect(await paths.read()).toEqual({})
  for (const text of ['garbage{', '["a list"]', '']) {
    writeFileSync(layout.repoPaths, text)
    await expect(paths.read()).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining(layout.repoPaths), hint: expect.stringContaining('register') })
  }
})
