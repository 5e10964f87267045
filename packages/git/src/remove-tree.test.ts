import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, removeTempDirs, run } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { removeTree } from './remove-tree.ts'

afterAll(removeTempDirs)

/** A folder in a folder and so on, each with a file; a shell goes down, for no path is long enough to name the last. */
const nest = (folder: string, depth: number, name: string): string => run(folder, 'sh', ['-c', `i=0; while [ $i -lt ${depth} ]; do mkdir "${name}" && cd -P "${name}" && echo x > f || exit 1; i=$((i+1)); done`])

test.each([
  ['too deep to be named', (root: string) => nest(root, 60, 'd'.repeat(200))],
  ['too deep, in two places', (root: string) => [nest(root, 25, 'd'.repeat(200)), nest(root, 25, 'e'.repeat(200))]],
  ['of names that are no UTF-8, without permission to write', (root: string) => run(root, 'sh', ['-c', String.raw`mkdir -p "$(printf 'd\351p')/x"; chmod 555 "$(printf 'd\351p')"`])],
])('a folder is removed with folders %s', async (_what, fill) => {
  const root = join(createTempDir(), 'root')
  mkdirSync(root)
  fill(root)
  await removeTree(root)
  expect(existsSync(root)).toBe(false)
})
