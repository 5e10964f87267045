import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiFix, webFix } from './demo-agent/scripted-fix.ts'

let folder = ''

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'demo-agent-')))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('in the shop it commits api, leaves web staged, unstaged and untracked, and both suites go from red to green', () => {
  const { api, web } = makeShop()
  const { exitCode, out } = runAgent(folder)
  expect(out).toContain('node --test before: api 0 pass, 1 fails; web 0 pass, 1 fails\n')
  expect(out).toContain('node --test after: api 1 pass; web 1 pass\n')
  expect(exitCode).toBe(0)
  expect(git(api, 'status', '--porcelain')).toBe('')
  expect(git(api, 'log', '--format=%an %s')).toBe('Signalbox demo agent Round discounts to whole cents and name the currency of a quote\nHuman Start\n')
  expect(git(web, 'log', '--format=%s')).toBe('Start\n')
  expect(git(web, 'status', '--porcelain')).toBe(' M src/page.js\nM  src/receipt.js\n?? src/money.js\n')
})

test('says what the packet asks for', () => {
  makeShop()
  writeFileSync(join(folder, 'packet.md'), '# Packet\n\n## Acceptance\n\n- [ ] Every quote says its currency\n- [x] Done before\n\n## Notes\n\n- [ ] Of another task\n')
  const { out } = runAgent(folder)
  expect(out).toContain('- Every quote says its currency\n')
  expect(out).not.toMatch(/Done before|Of another task/)
})

test('ends with exit code 1 when a suite stays red', () => {
  const { web } = makeShop()
  writeFileSync(join(web, 'test/other.test.js'), "import test from 'node:test'\ntest('cannot pass', () => { throw new Error('no') })\n")
  const { exitCode, out } = runAgent(folder)
  expect(out).toContain('still red: web: cannot pass')
  expect(exitCode).toBe(1)
})

test('in other repositories it leaves a note, committed in the first and not in the others', () => {
  const [first, second] = [makeRepo('one', {}), makeRepo('two', {})]
  const { exitCode } = runAgent(folder)
  expect(exitCode).toBe(0)
  expect(git(first, 'show', '--format=%s', '--name-only')).toBe('Note R0007 of T0003\n\nSIGNALBOX-DEMO.md\n')
  expect(git(first, 'status', '--porcelain')).toBe('')
  expect(git(second, 'status', '--porcelain')).toBe('?? SIGNALBOX-DEMO.md\n')
  expect(readFileSync(join(second, 'SIGNALBOX-DEMO.md'), 'utf8')).toMatch(/^- T0003, R0007$/m)
})

test('a later run adds its line to the note and keeps the earlier ones', () => {
  const only = makeRepo('only', {})
  runAgent(only)
  runAgent(only)
  expect(git(only, 'log', '--format=%s')).toBe('Note R0007 of T0003\nNote R0007 of T0003\nStart\n')
  expect(readFileSync(join(only, 'SIGNALBOX-DEMO.md'), 'utf8').match(/^- T0003, R0007$/gm)).toHaveLength(2)
})

test('changes nothing that the script does not know, not even a file with the same name', () => {
  const { api } = makeShop()
  writeFileSync(join(api, 'src/quote.js'), 'export const mine = true\n')
  runAgent(folder)
  expect(readFileSync(join(api, 'src/quote.js'), 'utf8')).toBe('export const mine = true\n')
  expect(existsSync(join(api, 'SIGNALBOX-DEMO.md'))).toBe(true)
})

test('replaces a link instead of writing through it, and follows none out of its folder', () => {
  const outside = join(folder, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'victim.md'), 'mine\n')
  const work = join(folder, 'work')
  mkdirSync(work)
  const repo = makeRepo('work/repo', {})
  symlinkSync(join(outside, 'victim.md'), join(repo, 'SIGNALBOX-DEMO.md'))
  expect(runAgent(work).exitCode).toBe(0)
  expect(readFileSync(join(outside, 'victim.md'), 'utf8')).toBe('mine\n')
  expect(lstatSync(join(repo, 'SIGNALBOX-DEMO.md')).isFile()).toBe(true)
})

test('does not touch a shop whose folder leads elsewhere', () => {
  const { api, web } = makeShop()
  const elsewhere = join(folder, 'elsewhere-src')
  execFileSync('mv', [join(web, 'src'), elsewhere])
  symlinkSync(elsewhere, join(web, 'src'))
  const before = readdirSync(elsewhere).map((name) => readFileSync(join(elsewhere, name), 'utf8'))
  const { out } = runAgent(folder)
  expect(out).toContain('I leave a note')
  expect(readdirSync(elsewhere).map((name) => readFileSync(join(elsewhere, name), 'utf8'))).toEqual(before)
  expect(git(api, 'log', '--format=%s')).not.toContain('Round discounts')
})

test('an inherited GIT_DIR of another repository is not followed', () => {
  const other = makeRepo('other', {})
  mkdirSync(join(folder, 'work'))
  const mine = makeRepo('work/mine', {})
  runAgent(mine, { GIT_DIR: join(other, '.git'), GIT_WORK_TREE: other })
  expect(git(other, 'log', '--format=%s')).toBe('Start\n')
  expect(git(mine, 'log', '--format=%s')).toBe('Note R0007 of T0003\nStart\n')
})

test('says what is missing when it was not started by a run, and does nothing', () => {
  const repo = makeRepo('repo', {})
  const { exitCode, err } = runAgent(repo, { SIGNALBOX_PACKET: '' })
  expect(err).toContain('SIGNALBOX_PACKET is not set')
  expect(exitCode).toBe(1)
  expect(git(repo, 'status', '--porcelain')).toBe('')
})

test('says so when its folder holds no checkout', () => {
  const { exitCode, err } = runAgent(folder)
  expect(err).toContain('holds no git checkout')
  expect(exitCode).toBe(1)
})

/** Builds the smallest shop the script knows: the texts it looks for, and one red test each. */
function makeShop(): { api: string; web: string } {
  const api = makeRepo('api', {
    'package.json': '{"type":"module"}\n',
    'src/quote.js': `export function quote(order) {
  const lines = order.lines
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0)
${apiFix.edits[0].find}`,
    'test/quote.test.js': `import assert from 'node:assert/strict'
import test from 'node:test'
import { quote } from '../src/quote.js'
test('rounds', () => assert.equal(quote({ lines: [{ amount: 450 }], discountPercent: 15 }).discount, 68))
`,
  })
  const web = makeRepo('web', {
    'package.json': '{"type":"module"}\n',
    ...Object.fromEntries([...webFix.staged, ...webFix.unstaged].map(({ path, find }) => [path, find])),
    'test/web.test.js': `import assert from 'node:assert/strict'
import test from 'node:test'
import { page } from '../src/page.js'
import { receipt } from '../src/receipt.js'
const quote = { currency: 'EUR', lines: [], discount: 0, total: 382 }
test('names the currency', () => assert.match(receipt(quote) + page(quote), /EUR 3\\.82.*EUR 3\\.82/))
`,
  })
  return { api, web }
}

function makeRepo(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name)
  mkdirSync(path)
  git(path, 'init', '--quiet', '--initial-branch=main')
  for (const [file, text] of Object.entries({ 'README.md': `# ${name}\n`, ...files })) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  git(path, 'add', '--all')
  git(path, '-c', 'user.name=Human', '-c', 'user.email=human@example.invalid', 'commit', '--quiet', '-m', 'Start')
  return path
}

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8' })
}

/** Runs the agent's program from its source, the way a run starts it. */
function runAgent(cwd: string, env: Readonly<Record<string, string>> = {}): { exitCode: number | null; out: string; err: string } {
  const packet = join(folder, 'packet.md')
  if (!existsSync(packet)) writeFileSync(packet, '# Packet\n')
  const assigned = { SIGNALBOX_RUN: 'R0007', SIGNALBOX_TASK: 'T0003', SIGNALBOX_WORKSPACE: folder, SIGNALBOX_PACKET: packet }
  const child = spawnSync(process.execPath, [join(import.meta.dirname, 'demo-agent.ts')], { cwd, env: { ...process.env, ...assigned, ...env }, encoding: 'utf8' })
  return { exitCode: child.status, out: child.stdout, err: child.stderr }
}
