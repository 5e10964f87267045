import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleForBrowser } from './browser-bundle.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  mkdirSync(join(folder, 'src'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

test('refuses a module of Node', async () => {
  write('src/index.ts', `import { readFileSync } from 'node:fs'\nexport const a = readFileSync`)
  expect((await bundleForBrowser(folder)).problems[0]).toContain('node:fs')
})

test('refuses a package other than the schema library', async () => {
  write('node_modules/yaml/index.js', 'export const a = 1')
  write('src/index.ts', `export { a } from 'yaml'`)
  expect((await bundleForBrowser(folder)).problems).toEqual(['node_modules/yaml/index.js would be bundled'])
})

test('refuses a package that is not there', async () => {
  expect((await bundleForBrowser(folder)).problems).toHaveLength(1)
})

test('accepts a pure package with the schema library', async () => {
  write('node_modules/zod/index.js', 'export const z = 1')
  write('src/index.ts', `export { z } from 'zod'`)
  const { bytes, problems } = await bundleForBrowser(folder)
  expect(problems).toEqual([])
  expect(bytes).toBeGreaterThan(0)
})
