import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { landingJournalSchema, parseBranchName, parseOid, parseRepoName, parseRunId, type LandingJournal } from '@signalbox/core'
import { createTarget, createTempDir, git, removeTempDirs, run, type Files, type Target } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGit } from './exec.ts'
import { readGitDir } from './git-dir.ts'
import { createFilters } from './filters.ts'
import { createLanding } from './landing.ts'
import { layoutOf } from './layout.ts'
import { createVaults } from './vault.ts'

/** How many landings are killed: fifty with those that are killed through the whole program. `npm run test:crash` kills more. */
const KILLS = Number(process.env['SIGNALBOX_KILLS'] ?? 44)

/** One seed gives one sequence of moments, as far as the machine's clock allows. */
const SEED = Number(process.env['SIGNALBOX_SEED'] ?? Date.now() % 100_000)

/** What the landing runs in: a process of its own that says each failpoint it passes. */
const CHILD = `
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createGit } from ${JSON.stringify(new URL('./exec.ts', import.meta.url).href)}
import { createFilters } from ${JSON.stringify(new URL('./filters.ts', import.meta.url).href)}
import { createLanding } from ${JSON.stringify(new URL('./landing.ts', import.meta.url).href)}
import { layoutOf } from ${JSON.stringify(new URL('./layout.ts', import.meta.url).href)}
import { createVaults } from ${JSON.stringify(new URL('./vault.ts', import.meta.url).href)}
flushCompileCache() // a killed process would not write it at its end
const [, , state, to] = process.argv
const git = createGit()
const filters = createFilters({ git, env: process.env, file: layoutOf(state).filters })
const landing = createLanding({ git, env: process.env, filters, vaults: createVaults(git, layoutOf(state)), failpoint: (name) => void writeSync(1, name + '\\n') })
const write = async (journal) => {
  const file = openSync(to + '.tmp', 'w')
  writeSync(file, JSON.stringify(journal))
  fsyncSync(file)
  closeSync(file)
  renameSync(to + '.tmp', to)
}
process.stdin.on('data', (line) => {
  const { mode, from } = JSON.parse(String(line))
  landing[mode](JSON.parse(readFileSync(from, 'utf8')), { write }).then(({ state, repos }) => {
    writeSync(1, ['ended ' + state, ...repos.flatMap((repo) => repo.because ?? [])].join(', because ') + '\\n')
  })
})
`

/** Enough files for git to be at work for a while, few enough to be copied back quickly. */
const COUNT = 80
const bulk = (word: string): string => `${word}\n`.repeat(4000)
const FILES: Files = {
  'README.md': 'read me\n',
  '.gitignore': '.env\n',
  '.gitattributes': 'src/1*.txt text eol=crlf\nsrc/added/*.txt text eol=crlf\n',
  'turns/into-file': 'folder\n',
  becomes: 'file\n',
  tool: { executable: '#!/bin/sh\n' },
  link: { link: '.gitignore' },
  ...Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`src/${index}.txt`, bulk(`old ${index}`)])),
}
const CHANGE: Files = {
  'turns/into-file': null,
  turns: 'a file now\n',
  becomes: null,
  'becomes/folder.txt': 'a folder now\n',
  tool: '#!/bin/sh\n',
  link: { link: 'src/1.txt' },
  ...Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`src/${index}.txt`, index % 5 === 0 ? null : bulk(`new ${index}`)])),
  ...Object.fromEntries(Array.from({ length: COUNT / 4 }, (_, index) => [`src/added/${index}.txt`, bulk(`added ${index}`)])),
}

/** Files that lie on disk with other line ends than git stores. */
const CONVERTED = /^src\/(1|added\/)/

/** Bytes of the human's that no landing may touch. */
const HUMAN = { 'notes.txt': 'untracked\n', '.env': 'SECRET=1\n' }
const EDITED = { 'README.md': 'edited after the crash\n' }

const folder = createTempDir('kill')
const work = join(folder, 'work')
const template = join(folder, 'template')
const script = join(folder, 'child.mjs')
const journalPath = join(work, 'journal.json')
const targets: Record<string, Target> = {}
let random = SEED
let working: Child
let spare: Child

beforeAll(async () => {
  for (const [name, main] of Object.entries({ here: 'here', linked: 'linked', nowhere: 'nowhere' } as const)) {
    targets[name] = createTarget(work, name, { main, files: FILES, change: CHANGE })
    git(targets[name].path, 'gc', '--quiet')
    const { checkout } = targets[name]
    if (checkout !== null) {
      // As a clone would have written them: what was committed lies there as it was stored.
      git(checkout, 'rm', '--quiet', '-r', '--cached', '.')
      git(checkout, 'reset', '--quiet', '--hard')
      for (const [file, text] of Object.entries(HUMAN)) writeFileSync(join(checkout, file), text)
    }
  }
  writeFileSync(join(work, 'prepared.json'), JSON.stringify(await prepare()))
  writeFileSync(script, CHILD)
  working = startChild()
  spare = startChild()
  cpSync(work, template, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
})
afterAll(async () => {
  for (const child of [working, spare]) await end(child, 'group')
  removeTempDirs()
})

describe(`a landing in three repositories killed ${KILLS} times (seed ${SEED})`, () => {
  const seen: Record<string, number> = {}

  test(
    'ends all or nothing, with every byte of the human’s, no lock and no scratch file',
    async () => {
      const span = await measure()
      for (let round = 0; round < KILLS; round += 1) {
        reset()
        const how = round % 4 === 3 ? 'node' : 'group'
        await kill('publish', { how, span })
        count('killed at', describeMoment())
        for (const [file, text] of Object.entries(EDITED)) writeFileSync(join(target('here').path, file), text)
        if (round % 5 === 4 && existsSync(journalPath)) {
          await kill('recover', { how: 'group', span })
          count('killed again at', describeMoment())
        }
        const outcome = existsSync(journalPath) ? await recover() : 'nothing begun'
        count('ended', outcome)
        await verify(outcome, `round ${round}, seed ${SEED}`, { isEdited: true, isSampled: round % 5 === 0 })
      }
      if (process.env['SIGNALBOX_KILLS'] !== undefined) console.log(Object.entries(seen).map(([moment, times]) => `${moment}: ${times}`).toSorted((a, b) => (a < b ? -1 : 1)).join('\n'))
      // Kills that hit nothing would prove nothing.
      const midway = Object.entries(seen).flatMap(([moment, times]) => (/^killed at .*(publishing|published .*prepared)/.test(moment) ? times : []))
      expect(midway.reduce((sum, times) => sum + times, 0)).toBeGreaterThanOrEqual(Math.floor(KILLS / 4))
    },
    600_000,
  )

  function count(what: string, moment: string): void {
    seen[`${what} ${moment}`] = (seen[`${what} ${moment}`] ?? 0) + 1
  }
})

function target(name: string): Target {
  const found = targets[name]
  if (found === undefined) throw new Error(name)
  return found
}

function placesOf({ path, checkout }: Target): readonly string[] {
  return [...new Set([path, ...(checkout === null ? [] : [checkout])])]
}

function createService(): ReturnType<typeof createLanding> {
  const door = createGit()
  const layout = layoutOf(join(work, 'state'))
  return createLanding({ git: door, env: process.env, filters: createFilters({ git: door, env: process.env, file: layout.filters }), vaults: createVaults(door, layout) })
}

async function prepare(): Promise<LandingJournal> {
  const requests = Object.entries(targets).map(([name, { path, base, snapshotCommit, tree }]) => ({
    source: { repo: valid(parseRepoName(name)), path },
    branch: valid(parseBranchName('main')),
    base: valid(parseOid(base)),
    snapshotCommit: valid(parseOid(snapshotCommit)),
    tree: valid(parseOid(tree)),
  }))
  const runId = valid(parseRunId('R0001'))
  const repos = await createService().prepare(runId, requests, { message: 'Say hello\n', strategy: 'squash' })
  return { format: 1, run: runId, kind: 'merge', owner: { pid: 1, startTime: '0', bootId: 'boot' }, tag: `kill-${process.pid}`, repos: [...repos] }
}

function valid<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not valid')
  return value
}

function reset(): void {
  run(folder, 'sh', ['-c', `rm -rf ${work} && cp -a ${template} ${work}`])
}

/** A process with everything loaded that does one job after another until it is killed. */
interface Child {
  readonly process: ChildProcess
  readonly lines: AsyncIterator<string>
  readonly closed: Promise<unknown>
}

function startChild(): Child {
  const child = spawn(process.execPath, [script, join(work, 'state'), journalPath], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  child.stdin.on('error', () => undefined) // one that failed to load is told by the end of its lines
  return { process: child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](), closed: new Promise((resolve) => child.once('exit', resolve)) }
}

/** Gives the working process a job and yields each failpoint it passes and how the job ended. */
async function* doJob(mode: 'publish' | 'recover'): AsyncGenerator<string> {
  const { process: child, lines } = working
  child.stdin?.write(`${JSON.stringify({ mode, from: mode === 'publish' ? join(work, 'prepared.json') : journalPath })}\n`)
  for (;;) {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the process of a landing ended by itself')
    yield value
    if (value.startsWith('ended ')) return
  }
}

/** Milliseconds one publish takes in a landing that is left alone. */
async function measure(): Promise<number> {
  reset()
  let begun = 0
  let span = 0
  for await (const name of doJob('publish')) {
    if (name === 'landing.before_publish:here') begun = performance.now()
    if (name === 'landing.after_publish:here') span = performance.now() - begun
  }
  await verify('done', 'left alone', { isEdited: false, isSampled: true })
  return span
}

/** How many failpoints a landing passes before it is killed: most often it is left at work in a checkout. */
const AFTER = { publish: [0, 1, 1, 1, 2, 3, 3, 3, 4, 5], recover: [0, 1, 2, 3] } as const

/** Kills a landing up to a publish's length after a random failpoint; does nothing if it ends before. */
async function kill(mode: 'publish' | 'recover', { how, span }: { readonly how: 'group' | 'node'; readonly span: number }): Promise<void> {
  let left = AFTER[mode][Math.floor(next() * AFTER[mode].length)] ?? 0
  for await (const name of doJob(mode)) {
    if (name.startsWith('ended ')) return
    if (left-- > 0) continue
    await waitForMoment(name, span)
    await end(working, how)
    working = spare
    spare = startChild()
    return
  }
}

/** Waits for a random time; before a checkout is published more often only until git has begun to write in it. */
async function waitForMoment(name: string, span: number): Promise<void> {
  const checkout = name.startsWith('landing.before_publish:') ? target(name.split(':')[1] ?? '').checkout : null
  const isAimed = checkout !== null && next() < 0.6
  if (isAimed) await waitForLock(join(readGitDir(checkout), 'index.lock'), span)
  await new Promise((resolve) => setTimeout(resolve, next() * (isAimed ? 10 : span * 1.2)))
}

async function waitForLock(path: string, patience: number): Promise<void> {
  const deadline = performance.now() + patience
  while (!existsSync(path) && performance.now() < deadline) await new Promise(setImmediate)
}

async function end({ process: child, closed }: Child, how: 'group' | 'node'): Promise<void> {
  if (child.pid !== undefined) process.kill(how === 'group' ? -child.pid : child.pid, 'SIGKILL')
  await closed
}

/** A number from 0 to 1; the same sequence for the same seed. */
function next(): number {
  random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
  return random / 2_147_483_648
}

function readJournal(): LandingJournal {
  return landingJournalSchema.parse(JSON.parse(readFileSync(journalPath, 'utf8')))
}

function describeMoment(): string {
  if (!existsSync(journalPath)) return 'before the journal'
  const half = Object.values(targets).some(({ checkout }) => checkout !== null && isHalf(checkout))
  return `${readJournal().repos.map(({ step }) => step).join(' ')}${half ? ', a checkout half-written' : ''}`
}

function isHalf(checkout: string): boolean {
  const found = contentOf(checkout)
  return [...found].some(([path, text]) => text !== EXPECTED.from.get(path)) && [...found].some(([path, text]) => text !== EXPECTED.to.get(path))
}

function contentOf(checkout: string): ReadonlyMap<string, string | null> {
  return new Map(Object.keys(CHANGE).map((path) => [path, readText(join(checkout, path))]))
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // not there, or a folder: the other side's
  }
}

/** What the paths of the change hold at each side, links followed. */
const EXPECTED = { from: textsOf(FILES), to: textsOf({ ...FILES, ...CHANGE }) } as const

function textsOf(files: Files): ReadonlyMap<string, string | null> {
  const textOf = (path: string): string | null => {
    const content = files[path] ?? null
    if (content === null) return null
    if (typeof content === 'string') return CONVERTED.test(path) ? content.replaceAll('\n', '\r\n') : content
    return 'executable' in content ? content.executable : 'link' in content ? textOf(content.link) : null
  }
  return new Map(Object.keys(CHANGE).map((path) => [path, textOf(path)]))
}

/** Recovers in a process of its own and returns how that ended, with any reasons. */
async function recover(): Promise<string> {
  let outcome = ''
  for await (const line of doJob('recover')) if (line.startsWith('ended ')) outcome = line.slice('ended '.length)
  return outcome
}

/** Looks at everything of all three repositories, when sampled at their objects too, which publishing does not write. One shell asks git, because a start from this large process is slow. */
async function verify(outcome: string, hint: string, { isEdited, isSampled }: { readonly isEdited: boolean; readonly isSampled: boolean }): Promise<void> {
  expect(['done', 'undone', 'nothing begun'], hint).toContain(outcome)
  const side = outcome === 'done' ? 'to' : 'from'
  const { here, linked, nowhere } = { here: target('here'), linked: target('linked'), nowhere: target('nowhere') }
  const repos = landingJournalSchema.parse(JSON.parse(readFileSync(join(work, 'prepared.json'), 'utf8'))).repos
  const asked = [here, linked, nowhere].map(({ path, checkout }) => `git -C ${path} rev-parse main; git -C ${checkout ?? path} status --porcelain -uall; git -C ${path} status --porcelain${isSampled ? `; git -C ${path} fsck --no-dangling --no-progress` : ''}`)
  const clean = '?? notes.txt\n'
  const dirty = isEdited ? ` M README.md\n${clean}` : clean
  const answers = [`${dirty}${dirty}`, clean, '']
  expect(run(work, 'sh', ['-c', asked.join('\n')]), hint).toBe(repos.map((repo, index) => `${repo[side]}\n${answers[index]}`).join(''))
  for (const { checkout } of [here, linked]) if (checkout !== null) verifyBytes(checkout, side, { ...HUMAN, ...(isEdited && checkout === here.path ? EDITED : {}) }, hint)
  expect([...placesOf(here), ...placesOf(linked), ...placesOf(nowhere)].flatMap(leftovers), hint).toEqual([])
}

function verifyBytes(checkout: string, side: 'from' | 'to', human: Readonly<Record<string, string>>, hint: string): void {
  const wrong = [...contentOf(checkout)].filter(([path, text]) => text !== EXPECTED[side].get(path)).map(([path]) => path)
  expect(wrong, hint).toEqual([])
  for (const [file, text] of Object.entries(human)) expect(readFileSync(join(checkout, file), 'utf8'), hint).toBe(text)
}

function leftovers(place: string): readonly string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => /\.lock$|\.signalbox|(^|\/)tmp_/.test(name))
}
