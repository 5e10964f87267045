import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { matchesStamp, readStamp, writeStamp } from './build-stamp.mjs'

let root: string
const put = (path: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), 'x')
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stamp-'))
  const rootFiles = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'turbo.json', 'tsconfig.base.json', 'tsup.base.ts']
  const cli = ['package.json', 'src/main.ts', 'src/main.test.ts', 'dist/main.js', 'node_modules/x'].map((name) => `apps/cli/${name}`)
  const core = ['package.json', 'src/deep/a.ts', 'dist/index.js', 'node_modules/x'].map((name) => `packages/core/${name}`)
  for (const path of [...rootFiles, ...cli, ...core, 'node_modules/.modules.yaml']) put(path)
  writeStamp(root, readStamp(root))
})
afterEach(() => rmSync(root, { recursive: true }))

test('holds while nothing changed', () => {
  expect(matchesStamp(root)).toBe(true)
})

test.each(['packages/core/src/deep/a.ts', 'pnpm-lock.yaml', 'apps/cli/package.json'])('is broken by a change of %s', (path) => {
  utimesSync(join(root, path), 1, 1)
  expect(matchesStamp(root)).toBe(false)
})

test('is broken by a new source file', () => {
  put('packages/core/src/new.ts')
  expect(matchesStamp(root)).toBe(false)
})

test.each(['apps/cli/dist', 'packages/core/dist', 'packages/core/node_modules', 'node_modules'])('is broken when %s is gone', (path) => {
  rmSync(join(root, path), { recursive: true })
  expect(matchesStamp(root)).toBe(false)
})

test('does not care about tests', () => {
  utimesSync(join(root, 'apps/cli/src/main.test.ts'), 1, 1)
  expect(matchesStamp(root)).toBe(true)
})
