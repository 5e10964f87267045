import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const root = import.meta.dirname

/** Folders whose children are one test project each. */
const groups = ['packages', 'apps']

const members = groups.flatMap((group) =>
  readdirSync(join(root, group))
    .map((name) => join(group, name))
    .filter((folder) => existsSync(join(root, folder, 'package.json'))),
)

/** Tests of what is deep rather than daily: left out where only the quick ones are asked for, as `npm test` does by itself. */
const deep = process.env['SIGNALBOX_TESTS'] === 'quick' ? ['**/*.deep.test.ts'] : []

/** Returns one project: its tests run in its folder, each file in a process with an environment of its own. */
function project(folder: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    root: join(root, folder),
    test: { name: basename(folder), include: ['**/*.test.ts'], exclude: ['**/node_modules/**', '**/dist/**', ...deep] },
  }
}

export default defineConfig({
  test: {
    projects: [...members, 'e2e', 'bench', 'scripts'].map(project),
    setupFiles: [join(root, 'scripts/test-environment.ts')],
    reporters: ['default', join(root, 'scripts/plain-reporter.ts')],
    pool: 'forks',
    isolate: false,
    // Twice the cores of a small machine: most tests wait for a program they started.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
