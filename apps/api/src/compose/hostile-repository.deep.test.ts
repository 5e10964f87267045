import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { taskIdSchema, type Isolation, type RunId } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bouquets, preamble, traps, type Trap } from '../../test/hostile/traps.ts'
import { openInProcess, type InProcessPlane } from '../../test/in-process-plane.ts'
import { initMemory } from '../compose.ts'

afterAll(removeTempDirs)

const root = createTempDir('hostile')
const markers = join(root, 'markers')
const env = { PATH: process.env['PATH'], HOME: join(root, 'home'), SIGNALBOX_STATE: join(root, 'state'), GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', TZ: 'UTC' }

beforeAll(() => mkdirSync(env.HOME))
beforeEach(() => {
  rmSync(markers, { recursive: true, force: true })
  mkdirSync(markers)
})

/** Shell that lays these traps; what was sprung in laying them is forgotten. */
function toScript(laid: readonly Trap[]): string {
  return `markers='${markers}' traps='${join(root, 'traps')}'\n${preamble}\n${laid.map(({ plant }) => plant).join('\n')}\nrm -f "$markers"/*\n`
}

/** Names of the traps that somebody fell into. */
function sprung(): readonly string[] {
  return readdirSync(markers).map((name) => `${name}: ${readFileSync(join(markers, name), 'utf8')}`)
}

function createSource(path: string): string {
  createRepo({ 'a.txt': 'a\n', 'b.txt': 'b\n' }, { path })
  git(path, 'checkout', '--quiet', '-b', 'other')
  writeFiles(path, { 'a.txt': 'other\n' })
  commitAll(path, 'other')
  git(path, 'checkout', '--quiet', 'main')
  writeFiles(path, { 'a.txt': 'main\n' })
  commitAll(path, 'main')
  return path
}

/** Runs shell in a repository as its human would: with git as it is, and nothing that keeps programs from starting. */
function shell(path: string, script: string): string {
  const places = `w=$PWD c="$(git rev-parse --path-format=absolute --git-common-dir)" o="$(git rev-parse --path-format=absolute --git-dir)"\n`
  const { stdout, stderr } = spawnSync('sh', ['-c', `${places}${script}`], { cwd: path, env: { ...env, TERM: 'xterm' }, encoding: 'utf8', input: '', timeout: 20_000 })
  return stdout + stderr
}

describe('each trap is real: plain git falls into it', () => {
  const template = join(root, 'template')
  const path = join(root, 'trapped')
  beforeAll(() => {
    createSource(template)
  })

  it.each(traps)('$name', (trap) => {
    rmSync(path, { recursive: true, force: true })
    cpSync(template, path, { recursive: true, preserveTimestamps: true })
    const told = shell(path, `${toScript([trap])}\n${trap.spring}`)
    expect(existsSync(join(markers, trap.name)), told).toBe(true)
  })
})

/** Everything a human may ask of a run and its sources, one after the other; refusals are answers. */
async function askAll({ human }: InProcessPlane, id: RunId): Promise<readonly string[]> {
  const refusals: string[] = []
  const ask = async (name: string, call: () => Promise<unknown>): Promise<void> => {
    await call().catch((error: unknown) => {
      if (!(error instanceof Error) || !('code' in error)) throw error
      refusals.push(`${name}: ${String(error.code)}`)
    })
    expect(sprung(), name).toEqual([])
  }
  await ask('show', () => human.readRun(id))
  await ask('diff', () => human.diff(id))
  await ask('forecast', () => human.forecast())
  await ask('why', () => human.why({ repo: 'api', path: 'a.txt', line: 1 }))
  await ask('context', () => human.readContext(task))
  await ask('seal', () => human.sealRun(id))
  await ask('check', () => human.checkRun(id))
  await ask('gate', () => human.gate(id))
  await ask('refresh', () => human.refresh(id))
  await ask('approve', () => human.approve(id))
  await ask('merge', () => human.merge(id))
  await ask('why', () => human.why({ repo: 'api', path: 'a.txt', line: 1 }))
  await ask('undo', () => human.undo(id))
  await ask('reject', () => human.reject(id, { because: 'hostile' }))
  await ask('doctor', () => human.doctor({ fix: true }))
  await ask('clean', () => human.clean({ unlanded: true }))
  return refusals
}

const task = taskIdSchema.parse('T0001')
let made = 0

/** A memory repo with one source and one task. */
async function createWorld(prepare: (source: string) => void = () => {}) {
  made += 1
  const dir = join(root, `world${made}`)
  mkdirSync(dir)
  const source = createSource(join(dir, 'api'))
  prepare(source)
  await initMemory(join(dir, 'memory'), env)
  const plane = await openInProcess(join(dir, 'memory'), env)
  const added = await plane.human.addRepo({ path: source, name: 'api', checks: { ok: 'git status >/dev/null' } }).then(() => undefined, (error: unknown) => error)
  return { source, plane, added, start: async (script: string, isolation: Isolation) => plane.runScript((await plane.human.createTask({ title: 'Work', repos: ['api'] })).id, script, { isolation }) }
}

const places = 'w=$PWD c="$(git rev-parse --path-format=absolute --git-common-dir)" o="$(git rev-parse --path-format=absolute --git-dir)"\n'

/** `npm run test:hostile` lays every trap in all three ways; else each is laid in two of them. */
const everywhere = process.env['SIGNALBOX_TRAPS'] === 'all'

describe.each(bouquets.map((bouquet, index) => [bouquet, index % 2 === 0] as const))('traps of the bouquet "%s"', (bouquet, isEven) => {
  const laid = traps.filter((trap) => trap.bouquet === bouquet)

  it('laid by an agent in its private repository: we fall into none, from the run to the clean-up', async () => {
    const { plane, source, start } = await createWorld()
    const id = await start(`${places}${toScript(laid)}\necho work > work.txt`, 'private')
    const refusals = await askAll(plane, id)
    expect(sprung()).toEqual([])
    // It was no empty round: what can land did.
    if (bouquet === 'in the tree') expect(refusals).toContain('approve: gate.blocked')
    else expect(refusals).toEqual(['refresh: refresh.not_needed'])
    expect(git(source, 'status', '--porcelain')).toBe('')
    await plane.close()
  })

  if (everywhere || isEven) it('laid by an agent in a linked worktree: we fall into none, and each is named to its human', async () => {
    const { plane, start } = await createWorld()
    const id = await start(`${places}${toScript(laid)}\necho work > work.txt`, 'linked')
    expect(sprung(), 'run').toEqual([])
    const { sources } = await plane.human.readRun(id)
    const named = sources.flatMap(({ changes }) => changes.map(({ what, name }) => `${what} ${name}`))
    for (const { name, traces } of laid) if (traces !== undefined) expect(named, name).toContainEqual(expect.stringMatching(traces))
    const gate = await plane.human.gate(id)
    expect(gate.verdict).toBe('blocked')
    if (named.length > 0) expect(gate.blockers.map(({ code }) => code)).toContain('repo_tampered')
    expect(await askAll(plane, id)).toContain('merge: gate.blocked')
    expect(sprung()).toEqual([])
    await plane.close()
  })

  if (everywhere || !isEven) it('laid in a source: we fall into none, or do not take it', async () => {
    const { plane, added, start } = await createWorld((path) => void shell(path, toScript(laid)))
    expect(sprung()).toEqual([])
    if (added === undefined) await askAll(plane, await start('echo work > work.txt', 'private'))
    else {
      expect(added).toMatchObject({ code: expect.stringMatching(/^repo\./) })
      await layLater(laid)
    }
    expect(sprung()).toEqual([])
    await plane.close()
  })
})

/** What a source is refused for when it is registered can be set later, while a run is open. */
async function layLater(laid: readonly Trap[]): Promise<void> {
  const { plane, source, start } = await createWorld()
  const id = await start('echo work > work.txt', 'private')
  shell(source, toScript(laid))
  await askAll(plane, id)
  await plane.close()
}

describe('a git directory that lies', () => {
  it('of an agent: the review shows what it did, and that lands', async () => {
    const { plane, source, start } = await createWorld()
    const lies = String.raw`
      echo "$(git rev-parse HEAD)" > "$c/shallow"; mkdir -p "$c/info"; echo "$(git rev-parse HEAD)" > "$c/info/grafts"
      git replace HEAD "$(git commit-tree -m evil other^{tree} 2>/dev/null || git commit-tree -m evil $(git mktree </dev/null))"
      printf '# pack-refs with: peeled fully-peeled sorted\n%s refs/heads/main\n' "$(git rev-parse HEAD)" > "$c/packed-refs"
      printf '*\n' > "$c/info/exclude"; printf '*.txt -diff binary\n' > "$c/info/attributes"
      printf '/nowhere\n../../../../elsewhere\n' >> "$c/objects/info/alternates"; mkdir -p "$c/objects/info/commit-graphs"; echo lies > "$c/objects/info/commit-graph"
      printf '[core]\n\tbare = true\n\tworktree = /\n\tignoreCase = true\n\tsymlinks = false\n\tfileMode = false\n\tquotePath = true\n[extensions]\n\tevil = true\n\tobjectFormat = sha256\n[status]\n\tshowUntrackedFiles = no\n[diff]\n\tnoPrefix = true\n\tignoreSubmodules = all\n\torderFile = /nowhere\n' >> "$c/config"
      mkdir -p deep; ln -s /etc/passwd leads-out; echo 1 > "$(printf 'two\nlines')"; echo 2 > ./-dash; echo 3 > ':(exclude)x'; echo 4 > "$(printf 'esc\033[2J')"; echo 5 > deep/work.txt`
    const id = await start(`${places}${lies}`, 'private')
    const expected = ['-dash', ':(exclude)x', 'deep/work.txt', 'esc\u001b[2J', 'leads-out', 'two\nlines']
    const { repos } = await plane.human.diff(id)
    expect(repos[0]?.files.map(({ path }) => path).toSorted()).toEqual(expected)
    expect(repos[0]?.patch).toContain('+/etc/passwd')
    expect(repos[0]?.patch).not.toContain('root:')
    await plane.human.merge(id, { approve: true })
    expect(git(source, 'diff', '--name-only', '-z', 'HEAD~1', 'HEAD').split('\0').filter((path) => path !== '').toSorted()).toEqual(expected)
    expect(git(source, 'status', '--porcelain')).toBe('')
    await plane.close()
  })

  it('of a source: a commit-graph with another tree for the base does not make work vanish in a refresh', async () => {
    const { plane, source, start } = await createWorld()
    const id = await start('echo work > work.txt', 'private')
    const [saved] = (await plane.human.readRun(id)).snapshots.at(-1)?.repos ?? []
    git(source, 'commit-graph', 'write', '--reachable')
    forge(join(source, '.git/objects/info/commit-graph'), git(source, 'rev-parse', 'HEAD^{tree}'), saved?.tree ?? '')
    expect(git(source, 'log', '-1', '--format=%T'), 'plain git believes it').toBe(saved?.tree)
    writeFiles(source, { 'b.txt': 'moved on\n' })
    git(source, 'commit', '--quiet', '--all', '--message', 'moved on')
    await plane.human.refresh(id)
    const { repos } = await plane.human.diff(id)
    expect(repos[0]?.files.map(({ path }) => path)).toEqual(['work.txt'])
    await plane.close()
  })
})

/** Writes one id over another. */
function forge(path: string, id: string, other: string): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(Buffer.from(id, 'hex'))
  expect(at).toBeGreaterThan(0)
  Buffer.from(other, 'hex').copy(bytes, at)
  chmodSync(path, 0o644)
  writeFileSync(path, bytes)
}
