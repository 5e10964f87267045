// Sets up a bare machine and then does what was asked: start, test, agents, bench, screenshots, setup or cli.
// No dependencies, and syntax that Node 16 can read: this file runs before anything has been installed.
import { join } from 'node:path'
import { matchesStamp, readStamp, writeStamp } from './build-stamp.mjs'
import { withLock } from './lock.mjs'
import { runChild } from './run-child.mjs'
import { ensureNode, ensurePnpm, findNode, removeDrafts, root } from './toolchain.mjs'

const cliBin = join(root, 'apps/cli/bin/signalbox.mjs')
const originalEnv = { ...process.env }
const [verb, ...rest] = process.argv.slice(2)
const args = rest[0] === '--' ? rest.slice(1) : rest

const verbs = {
  setup: async () => withLock(async () => void (await setUp())),

  start: async () => runCli(['serve', '--or-demo', '--open', ...args]),

  bench: async () => {
    const tools = await prepareCli([])
    return runChild(tools.node, ['bench/main.ts', ...args], { env: tools.env, cwd: root })
  },

  agents: async () => {
    const tools = await withLock(async () => {
      const ready = await setUp(['--filter', 'signalbox', '--filter', '@signalbox/agents...'])
      await step('build', 'turbo', ['run', 'build', '--filter=@signalbox/agents...', '--output-logs=errors-only'], ready)
      return ready
    })
    return runChild(tools.node, ['packages/agents/test/real/main.ts', ...args], { env: tools.env, cwd: root })
  },

  screenshots: async () => {
    const tools = await prepareCli([])
    return runChild(tools.node, ['e2e/screenshots.ts', ...args], { env: tools.env, cwd: root })
  },

  cli: async () => runCli(args),

  test: async () => {
    const tools = await withLock(async () => {
      const stamp = readStamp(root)
      const ready = await setUp()
      await together([
        step('build and typecheck', 'turbo', ['run', 'build', 'typecheck', 'typecheck:scripts', '--output-logs=errors-only'], ready),
        // What needs nothing built fills the time in which the build waits for one package.
        step('a browser for the tests', ready.node, ['e2e/harness/chromium.ts'], ready),
        step('import rules', ready.node, ['scripts/check-imports.ts'], ready),
      ])
      writeStamp(root, stamp)
      return ready
    })
    await together([
      step('lint', 'oxlint', ['--deny-warnings'], tools),
      step('browser bundle', tools.node, ['scripts/check-browser-bundle.ts'], tools),
    ])
    // Whoever names a test wants it, deep or not.
    const words = args.filter((arg) => arg !== '--all')
    const env = args.length === 0 ? { ...tools.env, SIGNALBOX_TESTS: 'quick' } : tools.env
    if (args.length === 0) console.log('The tests of every day; `npm test -- --all` adds the deep ones.')
    return runChild(tools.node, ['node_modules/vitest/vitest.mjs', 'run', ...words], { env, cwd: root })
  },
}

/** Installs everything, builds what the command line needs, and notes from which sources. */
async function prepareCli(filters = ['--filter', 'signalbox', '--filter', '@signalbox/cli...']) {
  return withLock(async () => {
    const stamp = readStamp(root)
    const tools = await setUp(filters)
    await step('build', 'turbo', ['run', 'build', '--filter=@signalbox/cli...', '--output-logs=errors-only'], tools, 'stderr')
    writeStamp(root, stamp)
    return tools
  })
}

/**
 * Brings Node, pnpm and the dependencies of everything, or of the packages named by `filters`, which spare whoever only
 * starts it the browser that the tests need; returns the Node to use and the environment for our own tools.
 */
async function setUp(filters = []) {
  removeDrafts()
  const [node, pnpm] = await together([ensureNode(), ensurePnpm()])
  const env = { ...toolEnv(), PATH: [node.dir, pnpm.dir, join(root, 'node_modules/.bin'), originalEnv.PATH].filter(Boolean).join(':') }
  const tools = { node: node.bin, env }
  const flags = ['--frozen-lockfile', '--prefer-offline', '--trust-lockfile', '--reporter=append-only', '--loglevel=warn']
  await step('install', pnpm.bin, ['install', ...filters, ...flags], tools, 'stderr')
  return tools
}

/** Returns the environment for our tools: quiet about telemetry, and without what npm tells its own scripts. */
function toolEnv() {
  const registry = /^npm_config_(registry|userconfig|globalconfig|cache|cafile|https?_proxy|proxy|noproxy)$/i
  const kept = Object.entries(originalEnv).filter(([name]) => !/^npm_/i.test(name) || registry.test(name))
  const env = { ...Object.fromEntries(kept), TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  if (env.npm_config_registry && !env.pnpm_config_registry) env.pnpm_config_registry = env.npm_config_registry
  return env
}

/** Waits for all of these, then throws what failed: nothing of them prints, or writes what the lock guards, after that. */
async function together(works) {
  const ends = await Promise.allSettled(works)
  const failed = ends.find(({ status }) => status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return ends.map(({ value }) => value)
}

/** Runs one step of the set-up; throws with the step's name when it fails. */
async function step(name, command, commandArgs, tools, output = 'stdout') {
  const code = await runChild(command, commandArgs, { env: tools.env, cwd: root, output })
  if (code !== 0) throw new StepFailed(name, code)
}

class StepFailed extends Error {
  constructor(name, code) {
    super(`The step "${name}" failed with exit code ${code}.`)
  }
}

/**
 * Runs the command line with the caller's own environment and terminal, built first when something changed since the
 * last time; returns its exit code.
 */
async function runCli(cliArgs) {
  const ready = matchesStamp(root) ? findNode() : undefined
  const node = ready ?? (await prepareCli()).node
  return runChild(node, [cliBin, ...cliArgs], { env: originalEnv, output: 'stdout' })
}

async function main() {
  const run = verbs[verb]
  if (run === undefined) {
    console.error(`Unknown verb ${JSON.stringify(verb ?? '')}: use start, test, agents, bench, screenshots, setup or cli.`)
    return 2
  }
  return (await run()) ?? 0
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    console.error(error instanceof StepFailed ? `signalbox: ${error.message}` : `signalbox: set-up failed: ${error.message}`)
    if (verb === 'test') console.log('0 passed, 1 failed')
    process.exitCode = verb === 'test' ? 1 : 5
  },
)
