// Tries this checkout as a stranger would: a fresh clone of what is committed, in a folder whose name has a space and a
// letter beyond ASCII, an empty HOME, the machine's own Node, and `npm start` and `npm test` twice each. Prints a table.
// It is not part of `npm test`, which is what it runs. `npm run test:clone -- start` leaves the tests out.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const asked = process.argv.slice(2)

/** The only folders that npm, pnpm and the test runner may leave in a home: caches, a store, the time of a last look around, a token. */
const cachesOfTools = ['.npm', '.cache/pnpm', '.cache/node', '.local/share/pnpm', '.local/state/pnpm', '.config/pnpm', '.local/share/vitest']

/** Settings without which the machine could not reach its registry. */
const network = /^(https?_proxy|no_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|p?npm_config_(registry|cafile|https?_proxy|proxy|noproxy))$/i

/** The link that `npm start` prints and then serves until it is stopped. */
const link = /^ *(http:\/\/127\.0\.0\.1:\d+\/#code=\S+)$/m

const shows = {
  start: (lines) => lines.some((line) => line === 'The page answered') || 'printed no link that a page answers at',
  test: (lines) => /^[1-9]\d* passed, 0 failed$/.test(lines.at(-1) ?? '') || `ended with ${JSON.stringify(lines.at(-1) ?? '')}`,
}

/** Makes the folders of one trial: the clone and its home. */
function prepare() {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-clone-')))
  const trial = { dir, clone: join(dir, 'fresh clône'), home: join(dir, 'home') }
  mkdirSync(trial.home)
  git(dir, 'clone', '--quiet', '--no-local', root, trial.clone)
  return trial
}

function git(cwd, ...args) {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`)
  return stdout
}

/** Returns the environment of somebody who just logged in: no tool that this checkout brought along is on the PATH. */
function environmentOf({ home }) {
  const path = (process.env.PATH ?? '').split(':').filter((dir) => dir.startsWith('/') && !dir.includes('node_modules'))
  const kept = Object.entries(process.env).filter(([name]) => network.test(name))
  return { ...Object.fromEntries(kept), PATH: path.join(':'), HOME: home, LANG: 'C.UTF-8' }
}

/** Runs one of the two commands and returns what is said of it in the table; its whole output goes to a log. */
async function play(trial, verb, turn) {
  const load = loadavg()[0] ?? 0
  const begun = performance.now()
  const { code, output } = await npm(trial, verb)
  const seconds = (performance.now() - begun) / 1000
  const log = join(trial.dir, `${verb}-${turn}.log`)
  writeFileSync(log, output.all)
  const ending = shows[verb](output.out.trimEnd().split('\n'))
  const dirt = git(trial.clone, 'status', '--porcelain').trim()
  const foreign = findForeign(trial.home)
  const faults = [
    // A server is ended by us; npm then says so in its own way.
    ...(code === 0 || verb === 'start' ? [] : [`exited ${code}`]),
    ...(ending === true ? [] : [ending]),
    ...(dirt === '' ? [] : [`the clone is not clean: ${dirt.replace(/\n/g, ', ')}`]),
    ...(foreign.length === 0 ? [] : [`left in the home: ${foreign.join(', ')}`]),
  ]
  return { command: `npm ${verb}`, turn, seconds: seconds.toFixed(1), load: load.toFixed(1), result: faults.join('; ') || 'ok', log }
}

function npm(trial, verb) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', [verb], { cwd: trial.clone, env: environmentOf(trial), stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const output = { out: '', all: '' }
    const watch = verb === 'start' ? watchForPage(child, output) : () => {}
    child.stdout.on('data', (chunk) => {
      output.out += chunk
      output.all += chunk
      watch()
    })
    child.stderr.on('data', (chunk) => {
      output.all += chunk
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }))
  })
}

/** Returns what looks for the link in the output: once it is there, the page is asked for and the whole process group ended. */
function watchForPage(child, output) {
  let found = false
  return () => {
    const [, url] = link.exec(output.out) ?? []
    if (found || url === undefined) return
    found = true
    fetch(url).then(
      (answer) => {
        output.out += answer.ok ? '\nThe page answered\n' : `\nThe page answered ${answer.status}\n`
        process.kill(-child.pid, 'SIGTERM')
      },
      (error) => {
        output.out += `\nThe page did not answer: ${error.message}\n`
        process.kill(-child.pid, 'SIGTERM')
      },
    )
  }
}

/** Returns the files of a home that are no cache of npm or pnpm. */
function findForeign(home, folder = '') {
  return readdirSync(join(home, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (cachesOfTools.includes(path)) return []
    return entry.isDirectory() ? findForeign(home, path) : [path]
  })
}

async function main() {
  const verbs = asked.length === 0 ? ['start', 'test'] : asked
  const unknown = verbs.find((verb) => !Object.hasOwn(shows, verb))
  if (unknown !== undefined) throw new Error(`Unknown command ${JSON.stringify(unknown)}: use start, test, or nothing for both.`)
  const trial = prepare()
  const node = spawnSync('node', ['--version'], { env: environmentOf(trial), encoding: 'utf8' }).stdout.trim()
  console.log(`Node ${node}, commit ${git(trial.clone, 'rev-parse', '--short', 'HEAD').trim()}, in ${trial.clone}`)
  const rows = []
  for (const verb of verbs) {
    for (const turn of ['first', 'second']) rows.push(await play(trial, verb, turn))
  }
  console.log(`command\tturn\tseconds\tload of ${availableParallelism()}\tresult`)
  for (const row of rows) console.log([row.command, row.turn, row.seconds, row.load, row.result].join('\t'))
  const bad = rows.filter((row) => row.result !== 'ok')
  if (bad.length === 0) rmSync(trial.dir, { recursive: true, force: true, maxRetries: 3 })
  else console.log(`Everything was kept; what was printed is in ${bad.map((row) => row.log).join(', ')}`)
  process.exitCode = bad.length === 0 ? 0 : 1
}

await main()
