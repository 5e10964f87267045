import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, createTempDir, git, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { withNewObjects } from './commit-objects.ts'

afterAll(removeTempDirs)

/** A repository whose path holds what a list of folders is cut at. */
function createStore(): { readonly dir: string; readonly objects: string; readonly objectFormat: string } {
  const dir = createRepo({ 'a.txt': 'a\n' }, { path: join(createTempDir('objects'), 'with:"colon') })
  return { dir, objects: join(dir, '.git', 'objects'), objectFormat: 'sha1' }
}

function foldersOfOurs(dir: string): readonly string[] {
  return readdirSync(join(dir, '.git')).filter((name) => name.includes('signalbox'))
}

test('what is published is in the store, whole, and can rest on what was there', async () => {
  const { dir, ...places } = createStore()
  const head = git(dir, 'rev-parse', 'HEAD')
  const commit = await withNewObjects(places, async (made) => {
    const oid = run(dir, 'git', ['commit-tree', `${head}^{tree}`, '-p', head, '-m', 'second'], { env: made.variables }).trim()
    expect(() => git(dir, 'cat-file', '-e', oid)).toThrow()
    writeFiles(join(made.variables['GIT_DIR'] ?? '', 'objects'), { 'ab/tmp_obj_x': 'half' })
    await made.publish()
    return oid
  })
  expect(git(dir, 'log', '--format=%s', commit)).toBe('second\nfirst')
  git(dir, 'fsck', '--strict')
  expect(readdirSync(places.objects, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('tmp_'))).toEqual([])
  expect(foldersOfOurs(dir)).toEqual([])
})

test('what a killed commit left, or a failed one made, is thrown away', async () => {
  const { dir, ...places } = createStore()
  const { objects } = places
  writeFiles(join(dir, '.git'), { 'signalbox-objects-x/objects/ab/tmp_obj_x': 'half', 'signalbox-objects-x/objects/ab/0123': 'never published' })
  const before = readdirSync(objects, { recursive: true })
  await expect(withNewObjects(places, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room')
  expect(readdirSync(objects, { recursive: true })).toEqual(before)
  expect(foldersOfOurs(dir)).toEqual([])
})
