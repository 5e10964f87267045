import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '@signalbox/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder, writeLauncher } from './demo-folder.ts'

let dir = ''

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'demo-folder-')))
})

afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

test('a folder that is missing or empty is taken', async () => {
  await mkdir(join(dir, 'empty'))
  expect((await makeFolder(join(dir, 'empty'), {})).dir).toBe(join(dir, 'empty'))
  expect((await makeFolder(join(dir, 'not/yet'), {})).dir).toBe(join(dir, 'not/yet'))
})

test('a folder with anything in it is refused and left alone', async () => {
  await writeFile(join(dir, '.hidden'), 'mine')
  await expect(makeFolder(dir, {})).rejects.toSatisfy((error) => codeOf(error) === 'input.invalid')
  expect(await readdir(dir)).toEqual(['.hidden'])
})

test('a file in place of the folder is refused with the reason', async () => {
  await writeFile(join(dir, 'file'), 'mine')
  await expect(makeFolder(join(dir, 'file'), {})).rejects.toSatisfy((error) => codeOf(error) === 'disk.unwritable')
})

test('without a name every demo gets a folder of its own', async () => {
  const [one, two] = await Promise.all([makeFolder(undefined, {}), makeFolder(undefined, {})])
  expect(one.dir).not.toBe(two.dir)
  await Promise.all([one, two].map((folder) => rm(folder.dir, { recursive: true })))
})

test('state lies in the folder unless the user has set a place for it', async () => {
  expect((await makeFolder(join(dir, 'a'), {})).state).toBe(join(dir, 'a/state'))
  expect((await makeFolder(join(dir, 'b'), { SIGNALBOX_STATE: '/elsewhere' })).state).toBe('/elsewhere')
})

test('the launcher finds memory and state from anywhere, also where paths hold spaces and quotes', async () => {
  const folder = await makeFolder(join(dir, "it's here"), {})
  const print = ['-e', 'console.log(JSON.stringify([process.env.SIGNALBOX_MEMORY, process.env.SIGNALBOX_STATE, process.argv.slice(1)]))'] as const
  await writeLauncher(folder, [process.execPath, ...print, '--'], '/first')
  const out = execFileSync(folder.launcher, ['show', 'R 1'], { cwd: '/', encoding: 'utf8' })
  expect(JSON.parse(out)).toEqual([folder.memory, folder.state, ['show', 'R 1']])
})
