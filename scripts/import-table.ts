/** What the files of one package may import, besides files of the package itself. */
export interface PackageRules {
  /** Folder of the package, from the root. */
  readonly folder: string
  readonly allowed: readonly string[]
  /** What only its tests may import on top of `testImports`. */
  readonly tests?: readonly string[]
  /** Names bundled into the build instead of being a dependency. */
  readonly bundled?: readonly string[]
  /** Dependencies that none of its own files import, but something bundled into it does. */
  readonly unbundled?: readonly string[]
  /** Whether Node's own modules may be imported. */
  readonly node: boolean
  /** Files (from `src/`) with rules of their own; a trailing slash means every file of the folder. */
  readonly exceptions?: readonly { readonly files: readonly string[]; readonly allowed: readonly string[]; readonly node: boolean }[]
}

const engines = ['@signalbox/git', '@signalbox/memory', '@signalbox/orchestrator', '@signalbox/agents', '@signalbox/secrets', '@signalbox/sandbox', '@signalbox/mcp', '@signalbox/programs']
const cli = ['@signalbox/api', '@signalbox/core', '@signalbox/web', 'commander']
// Of our own, only types of core: its schemas would bring the schema library into every page.
const web = ['@signalbox/api', '@signalbox/core', 'solid-js', '@solidjs/router', '@tanstack/query-core', 'shiki', 'unified', 'remark-parse', 'remark-gfm']
const api = ['@signalbox/core', 'eventsource-parser', 'hono', 'zod', '@hono/zod-openapi']

/** The import table: the house rules of who may know whom. A package that is not listed fails the check. */
export const importTable: readonly PackageRules[] = [
  { folder: 'packages/core', allowed: ['zod'], node: false },
  { folder: 'packages/programs', allowed: [], node: true },
  { folder: 'packages/git', allowed: ['@signalbox/core', '@signalbox/programs', 'dugite'], bundled: ['dugite'], node: true },
  {
    folder: 'packages/memory',
    allowed: ['@signalbox/core', '@signalbox/programs', 'yaml', 'kysely', 'better-sqlite3'],
    // The reference that our reading of rendered packets is held against.
    tests: ['unified', 'remark-parse'],
    node: true,
  },
  { folder: 'packages/orchestrator', allowed: ['@signalbox/core', 'picomatch'], node: true },
  { folder: 'packages/agents', allowed: ['@signalbox/core'], node: true },
  { folder: 'packages/secrets', allowed: ['@secretlint/core', '@secretlint/profiler', '@secretlint/secretlint-rule-preset-recommend'], node: false },
  { folder: 'packages/sandbox', allowed: ['@signalbox/core'], node: true },
  // What tools are called by is a client of the same protocol, for tests only.
  { folder: 'packages/mcp', allowed: ['@signalbox/core', 'zod', '@modelcontextprotocol/server', '@modelcontextprotocol/node'], tests: ['@modelcontextprotocol/client'], node: true },
  { folder: 'packages/testkit', allowed: [], node: true },
  {
    folder: 'apps/api',
    allowed: api,
    tests: ['@modelcontextprotocol/client'],
    node: false,
    // The one place that knows all, and the process that watches one run, which is put together the same way.
    exceptions: [
      { files: ['compose.ts', 'compose/', 'supervisor.ts', 'supervisor/'], allowed: [...api, ...engines], node: true },
      // Listens; what it needs of the engines it is given.
      { files: ['server/'], allowed: [...api, '@hono/node-server'], node: true },
    ],
  },
  // Built into files for browsers: nothing of it is a dependency of whoever installs them.
  { folder: 'apps/web', allowed: web, bundled: web, node: false },
  { folder: 'apps/cli', allowed: cli, bundled: cli, unbundled: ['better-sqlite3'], node: true },
]

/** What test files may import on top; Node's own modules too. */
export const testImports: readonly string[] = ['vitest', 'fast-check', '@signalbox/testkit']

/** Lines at which a source file has to be split. Tests are tables and may be longer. */
export const MAX_LINES = 400
