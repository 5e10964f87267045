import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Ended {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

const bin = join(import.meta.dirname, '../../bin/signalbox.mjs')

let base = ''
let told: Ended
let json: Ended
let again: Ended

/** Both forms are played once, at the same time, by the built command line: an empty home, a temp folder of their own. */
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'demo-test-')))
  await Promise.all(['home', 'tmp', 'cwd'].map((name) => mkdir(join(base, name))))
  ;[told, json] = await Promise.all([play(['demo']), play(['--json', 'demo', '../wanted'])])
  again = await play(['demo', '../wanted'])
}, 180_000)

afterAll(async () => {
  await rm(base, { recursive: true, force: true })
})

test('the whole loop ends well, and is told step by step with the commands a human would type', () => {
  expect(told.err).toBe('')
  expect(told.exitCode).toBe(0)
  expect(told.out.match(/^\$ .*/gm)?.map((line) => line.replace(/ --what .*/, ''))).toEqual([
    '$ (cd api && node --test); (cd web && node --test)',
    '$ signalbox context T0002',
    '$ signalbox run T0002 --agent demo',
    '$ signalbox show R0001',
    '$ signalbox diff R0001 --stat',
    '$ signalbox diff R0001 --repo api',
    '$ signalbox check R0001',
    '$ signalbox gate R0001',
    "$ echo 'Receipts are kept for ten years.' >> web/README.md  # you, at work there meanwhile",
    '$ signalbox merge R0001 --approve',
    '$ git -C web stash -u',
    '$ signalbox merge R0001 --approve',
    '$ git -C api log -1; git -C web log -1; git -C api status -s; git -C web status -s',
    '$ (cd api && node --test); (cd web && node --test)',
    '$ signalbox handoff new --task T0002 --run R0001',
    '$ signalbox doctor',
    '$ git -C web stash pop',
  ])
})

test('it stays short enough to be read, and plain in a pipe', () => {
  expect(told.out.split('\n').length).toBeLessThan(160)
  expect(told.out).not.toContain('\u001b')
})

test('what is empty is said, what is refused says why and what to do', () => {
  expect(told.out).toMatch(/^ {2}findings +none found$/m)
  expect(told.out).toMatch(/refused: gate\.blocked, exit code 4\n {2}✗ target_dirty {2}web\n.*README\.md\n.*\n +git -C \S+ stash -u\n/)
})

test('with --json it is one value with every path, id and result', () => {
  expect(json.err).toBe('')
  expect(json.exitCode).toBe(0)
  const dir = join(base, 'wanted')
  expect(JSON.parse(json.out)).toMatchObject({
    format: 1,
    dir,
    memory: join(dir, 'memory'),
    state: join(dir, 'state'),
    repos: { api: join(dir, 'api'), web: join(dir, 'web') },
    task: 'T0002',
    run: 'R0001',
    outcome: 'completed',
    testsBefore: { api: { failed: 1 }, web: { failed: 2 } },
    checks: [{ repo: 'api', exitCode: 0 }, { repo: 'web', exitCode: 0 }],
    gate: { verdict: 'blocked', blockers: ['approval_missing'] },
    refused: { code: 'gate.blocked', exitCode: 4, blockers: [{ code: 'target_dirty', repo: 'web' }] },
    landed: { state: 'merged', repos: [{ repo: 'api' }, { repo: 'web' }] },
    testsAfter: { api: { failed: 0 }, web: { failed: 0 } },
    humanEditKept: true,
  })
})

test('nothing is left outside its folder: the home is empty, and among the temporary files is only the demo', async () => {
  expect(await readdir(join(base, 'home'))).toEqual([])
  expect(await readdir(join(base, 'cwd'))).toEqual([])
  expect(await readdir(join(base, 'tmp'))).toEqual([expect.stringMatching(/^signalbox-demo-\w+$/)])
})

test('a folder that holds a demo is not used again', () => {
  expect(again.exitCode).toBe(2)
  expect(again.err).toContain('is not empty')
})

test('the human keeps an ignored file, a half-written sentence and the other branches', async () => {
  const web = join(base, 'wanted/web')
  expect(await readFile(join(web, '.env'), 'utf8')).toBe('SHOP_KEY=only-on-this-machine\n')
  expect(git(web, 'diff', '--numstat')).toBe('2\t0\tREADME.md\n')
  expect(git(web, 'rev-parse', 'large-type')).toBe('26f2c9d50d3011461d6688b5278ecb9f1efcf01f\n')
})

test('what it says to type next works from anywhere', async () => {
  const [name = ''] = await readdir(join(base, 'tmp'))
  expect(told.out).toContain(`cd ${join(base, 'tmp', name)}\n`)
  const shown = execFileSync(join(base, 'tmp', name, 'signalbox'), ['--json', 'show', 'R0001'], { cwd: '/', encoding: 'utf8', env: environment() })
  expect(JSON.parse(shown)).toMatchObject({ id: 'R0001', merge: { state: 'merged' } })
})

/** Plays the built command line as somebody with an empty home would. */
function play(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args], { cwd: join(base, 'cwd'), env: environment(), encoding: 'utf8' }, (_error, out, err) => resolve({ exitCode: child.exitCode ?? -1, out, err }))
  })
}

function environment(): Record<string, string> {
  return { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: join(base, 'home'), TMPDIR: join(base, 'tmp') }
}

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8' })
}
