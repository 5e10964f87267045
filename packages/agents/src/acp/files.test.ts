import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createFiles, type Files } from './files.ts'

let [root, outside] = ['', '']
let files: Files

beforeEach(() => {
  root = createTempDir('files')
  outside = createTempDir('outside')
  writeFiles(root, { 'api/a.txt': 'one\ntwo\nthree\n' })
  writeFiles(outside, { 'secret.txt': 'secret\n' })
  symlinkSync(join(root, 'api'), join(root, 'inside'))
  symlinkSync(outside, join(root, 'out'))
  symlinkSync(join(outside, 'secret.txt'), join(root, 'file-out'))
  symlinkSync(join(outside, 'new.txt'), join(root, 'dangling'))
  files = createFiles(root)
})

afterAll(removeTempDirs)

test('reads a file, or some lines of it, also through a link that stays in the folder', async () => {
  expect(await files.read(join(root, 'api/a.txt'), undefined, undefined)).toBe('one\ntwo\nthree\n')
  expect(await files.read(join(root, 'inside/a.txt'), 2, 1)).toBe('two')
})

test('writes over a file, and a new one with its folders', async () => {
  await files.write(join(root, 'inside/a.txt'), 'less\n')
  await files.write(join(root, 'web/src/new.txt'), 'new\n')
  expect(readFileSync(join(root, 'api/a.txt'), 'utf8')).toBe('less\n')
  expect(readFileSync(join(root, 'web/src/new.txt'), 'utf8')).toBe('new\n')
})

test.each([['out/secret.txt'], ['file-out'], ['dangling'], ['out/new/deep.txt'], ['../x.txt'], ['api/../../x.txt'], [''], ['.'], ['/etc/hostname'], ['inside/../../x']])('neither reads nor writes %s, which is not in the folder', async (path) => {
  const before = [contentOf(root), contentOf(outside)]
  await expect(files.read(path.startsWith('/') ? path : `${root}/${path}`, undefined, undefined)).rejects.toThrow()
  await expect(files.write(path.startsWith('/') ? `${outside}/x` : `${root}/${path}`, 'mine\n')).rejects.toThrow()
  expect([contentOf(root), contentOf(outside)]).toEqual(before)
})

test('says of a file that is not there that it is not found, as agents expect', async () => {
  await expect(files.read(join(root, 'none.txt'), undefined, undefined)).rejects.toMatchObject({ code: -32002 })
  await expect(files.read(join(root, 'api'), undefined, undefined)).rejects.toMatchObject({ code: -32602 })
})

test('a folder exchanged for a link out of it again and again is never written through', async () => {
  const [moving, before] = [join(root, 'moving'), contentOf(outside)]
  let isOver = false
  async function exchange(): Promise<void> {
    for (;;) {
      if (isOver) return
      try {
        rmSync(moving, { recursive: true, force: true })
        symlinkSync(outside, moving)
        await new Promise((next) => setImmediate(next))
        rmSync(moving, { recursive: true, force: true })
        mkdirSync(moving)
      } catch {
        // A write made it anew in between: the next round exchanges that.
      }
      await new Promise((next) => setImmediate(next))
    }
  }
  const exchanging = exchange()
  // Most of these are refused; none may get out.
  await Promise.allSettled(Array.from({ length: 60 }, (_, at) => files.write(join(moving, `${at}.txt`), 'mine\n')))
  isOver = true
  await exchanging
  expect(contentOf(outside)).toEqual(before)
})

/** Every file below a folder with its text; what is no file by its kind alone. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
  return Object.fromEntries(names.map((name) => [name, lstatSync(join(folder, name)).isFile() ? readFileSync(join(folder, name), 'utf8') : 'no file']))
}
