import { expect, test } from 'vitest'
import { importTable, type PackageRules } from './import-table.ts'
import { findProblems } from './source-rules.ts'

const rulesOf = (folder: string): PackageRules => importTable.find((rules) => rules.folder === folder) ?? raise(folder)

function raise(folder: string): never {
  throw new Error(`${folder} is not in the table`)
}

const refused: readonly (readonly [rule: string, folder: string, path: string, text: string, problem: string])[] = [
  ['core may not import Node', 'packages/core', 'src/a.ts', `import fs from 'node:fs'`, 'imports node:fs'],
  ['a bare builtin is a builtin', 'packages/core', 'src/a.ts', `import fs from 'fs'`, 'imports fs'],
  ['core may only import zod', 'packages/core', 'src/a.ts', `import { parse } from 'yaml'`, 'imports yaml'],
  ['type imports count', 'packages/core', 'src/a.ts', `import type { A } from '@signalbox/git'`, 'imports @signalbox/git'],
  ['inline type imports count', 'packages/core', 'src/a.ts', `export type A = import('@signalbox/git').A`, 'imports @signalbox/git'],
  ['dynamic imports count', 'packages/git', 'src/a.ts', `export const a = () => import('@signalbox/memory')`, 'imports @signalbox/memory'],
  ['an import() nobody can read is refused', 'packages/git', 'src/a.ts', 'export const a = (b: string) => import(b)', 'not a plain string'],
  ['re-exports count', 'packages/memory', 'src/a.ts', `export { a } from '@signalbox/git'`, 'imports @signalbox/git'],
  ['require counts', 'packages/memory', 'src/a.ts', `const a = require('@signalbox/git')`, 'imports @signalbox/git'],
  ['import = require counts', 'packages/memory', 'src/a.ts', `import a = require('execa')`, 'imports execa'],
  ['sub-paths belong to their package', 'packages/git', 'src/a.ts', `import a from '@signalbox/agents/x'`, 'imports @signalbox/agents/x'],
  ['the api knows no engine', 'apps/api', 'src/routes.ts', `import { a } from '@signalbox/git'`, 'imports @signalbox/git'],
  ['the api is free of Node', 'apps/api', 'src/routes.ts', `import 'node:path'`, 'imports node:path'],
  ['the cli goes through the client', 'apps/cli', 'src/main.ts', `import { a } from '@signalbox/orchestrator'`, 'imports @signalbox/orchestrator'],
  ['no path leads out of the package', 'apps/cli', 'src/main.ts', `import { a } from '../../api/src/index.ts'`, 'outside its package'],
  ['relative imports name the file', 'packages/core', 'src/a.ts', `import { b } from './b'`, 'without its extension'],
  ['no source imports a test', 'packages/core', 'src/a.ts', `import { b } from './b.test.ts'`, 'imports the test'],
  ['the testkit is for tests', 'packages/git', 'src/a.ts', `import { b } from '@signalbox/testkit'`, 'imports @signalbox/testkit'],
  ['a test may not reach across either', 'packages/git', 'src/a.test.ts', `import { b } from '@signalbox/memory'`, 'imports @signalbox/memory'],
  ['names are listed', 'packages/core', 'src/index.ts', `export * from './a.ts'`, 'export *'],
  ['no default export', 'packages/core', 'src/index.ts', 'export default 1', 'default export'],
  ['long files are split', 'packages/core', 'src/a.ts', '\n'.repeat(401), 'has 401 lines'],
  ['work is finished', 'packages/core', 'src/a.ts', '// FIXME later', 'contains the word FIXME'],
  ['broken files are no clean files', 'packages/core', 'src/a.ts', 'const = 1', 'cannot be parsed'],
]

test.each(refused)('refuses: %s', (_rule, folder, path, text, problem) => {
  const problems = findProblems({ path, text }, rulesOf(folder))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`${folder}/${path}: `)
  expect(problems[0]).toContain(problem)
})

const allowed: readonly (readonly [rule: string, folder: string, path: string, text: string])[] = [
  ['zod in core', 'packages/core', 'src/a.ts', `import { z } from 'zod'\nimport { b } from './b/c.ts'`],
  ['dugite and Node in git', 'packages/git', 'src/exec.ts', `import 'node:fs'\nimport { exec } from 'dugite'\nimport '@signalbox/core'`],
  ['everything where it is put together', 'apps/api', 'src/compose.ts', `import 'node:fs'\nimport '@signalbox/git'\nimport '@signalbox/memory'`],
  ['Node and vitest in a test', 'packages/core', 'src/a.test.ts', `import 'node:fs'\nimport { test } from 'vitest'\nimport '@signalbox/testkit'`],
  ['a long test', 'packages/core', 'src/a.test.ts', '\n'.repeat(900)],
  ['an import in a string', 'packages/core', 'src/a.ts', `export const a = "import fs from 'node:fs'"`],
  ['a sub-path of an allowed package', 'apps/api', 'src/a.ts', `import { hc } from 'hono/client'`],
]

test.each(allowed)('allows: %s', (_rule, folder, path, text) => {
  expect(findProblems({ path, text }, rulesOf(folder))).toEqual([])
})
