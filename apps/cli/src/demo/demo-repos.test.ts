import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeRepos, type DemoRepos } from './demo-repos.ts'
import { humanGit } from './human-git.ts'
import { humanTests } from './human-tests.ts'

let dir = ''

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'demo-repos-')))
})

afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

test('each repository has a history, a second branch, an ignored file, a clean checkout and a red test', async () => {
  const repos = await makeRepos(dir)
  for (const path of Object.values(repos)) {
    expect((await humanGit(path, ['log', '--format=%s', 'main'])).trim().split('\n').length).toBeGreaterThanOrEqual(4)
    expect((await humanGit(path, ['for-each-ref', '--format=%(refname:short)', 'refs/heads'])).trim().split('\n')).toHaveLength(2)
    expect(await humanGit(path, ['status', '--porcelain', '--ignored'])).toBe('!! .env\n')
    expect(await humanGit(path, ['fsck', '--strict'])).toBe('')
    expect((await humanTests(path)).failed).toBeGreaterThan(0)
  }
})

test('the same commits are made every time, whatever the settings of the user', async () => {
  const first = await heads(await makeRepos(dir))
  await rm(dir, { recursive: true })
  dir = await realpath(await mkdtemp(join(tmpdir(), 'demo-repos-')))
  const home = join(dir, '.gitconfig')
  await writeFile(home, '[core]\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n[init]\n\tdefaultBranch = trunk\n')
  process.env['GIT_CONFIG_GLOBAL'] = home
  try {
    expect(await heads(await makeRepos(dir))).toEqual(first)
  } finally {
    delete process.env['GIT_CONFIG_GLOBAL']
  }
})

test('the demo agent makes both suites green, and leaves committed, staged, edited and new work', async () => {
  const repos = await makeRepos(dir)
  const { status, stdout, stderr } = runDemoAgent(dir)
  expect(`${stdout}${stderr}`).toContain('node --test after: api 4 pass; web 4 pass')
  expect(status).toBe(0)
  expect(await humanTests(repos.api)).toEqual({ passed: 4, failed: 0 })
  expect(await humanTests(repos.web)).toEqual({ passed: 4, failed: 0 })
  expect(await humanGit(repos.api, ['status', '--porcelain'])).toBe('')
  expect(await humanGit(repos.api, ['diff', '--name-only', 'HEAD~1'])).toBe('src/quote.js\n')
  expect(await humanGit(repos.web, ['status', '--porcelain'])).toBe(' M src/page.js\nM  src/receipt.js\n?? src/money.js\n')
})

test('the web suite needs both halves of the fix, so each repository is checked with the other beside it', async () => {
  const repos = await makeRepos(dir)
  runDemoAgent(dir)
  await humanGit(repos.api, ['reset', '--quiet', '--hard', 'HEAD~1'])
  expect((await humanTests(repos.web)).failed).toBeGreaterThan(0)
})

test('the human keeps what git ignores', async () => {
  const repos = await makeRepos(dir)
  const before = await readFile(join(repos.web, '.env'), 'utf8')
  runDemoAgent(dir)
  expect(await readFile(join(repos.web, '.env'), 'utf8')).toBe(before)
})

test('a folder without tests is neither red nor green', async () => {
  await expect(humanTests(dir)).rejects.toThrow('ran no test')
})

async function heads(repos: DemoRepos): Promise<readonly string[]> {
  return Promise.all(Object.values(repos).map((path) => humanGit(path, ['for-each-ref'])))
}

/** Starts the built program of the demo agent as a run would. */
function runDemoAgent(folder: string) {
  const program = join(import.meta.dirname, '../../../../packages/agents/dist/demo-agent.js')
  const packet = join(folder, 'packet.md')
  writeFileSync(packet, '## Acceptance\n- [ ] Every quote names its currency\n')
  const env = { ...process.env, SIGNALBOX_RUN: 'R0001', SIGNALBOX_TASK: 'T0002', SIGNALBOX_WORKSPACE: folder, SIGNALBOX_PACKET: packet }
  return spawnSync(process.execPath, [program], { cwd: folder, env, encoding: 'utf8' })
}
