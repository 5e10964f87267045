import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeBelow } from './write-below.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-below-'))
  for (const name of ['home', 'human', 'temporary']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'human/settings.json'), 'mine\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string): Promise<void> => writeBelow({ temporaryFolder: join(folder, 'temporary') }, join(folder, 'home'), { path: join(folder, 'home', name), text: 'ours\n' })

it('makes the folders it needs, and writes again', async () => {
  for (const name of ['a/b/settings.json', 'settings.json', 'a/b/settings.json']) await write(name)
  expect(readFileSync(join(folder, 'home/a/b/settings.json'), 'utf8')).toBe('ours\n')
})

it('follows no link that an agent left on the way, and replaces one that it left in the place of a file', async () => {
  symlinkSync(join(folder, 'human'), join(folder, 'home/gemini'))
  mkdirSync(join(folder, 'home/deep'))
  symlinkSync(join(folder, 'human'), join(folder, 'home/deep/er'))
  symlinkSync(join(folder, 'human/settings.json'), join(folder, 'home/file.json'))
  for (const name of ['gemini/settings.json', 'gemini/.keep', 'deep/er/settings.json', 'deep/er/new/.keep']) await expect(write(name)).rejects.toMatchObject({ code: 'disk.unwritable' })
  await write('file.json')
  expect(readdirSync(join(folder, 'human'))).toEqual(['settings.json'])
  expect(readFileSync(join(folder, 'human/settings.json'), 'utf8')).toBe('mine\n')
})
