import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { createSandbox, type Confined } from './sandbox.ts'
import type { ConfinedCommand } from './view.ts'

afterAll(removeTempDirs)

interface Stage {
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  readonly confine: (script: string, more?: Partial<ConfinedCommand>) => Promise<Confined>
}

function createStage(path = process.env['PATH'] ?? ''): Stage {
  const dir = createTempDir('sandbox')
  const at = (...names: readonly string[]): string => join(dir, ...names)
  for (const folder of ['home/.ssh', 'home/.cache', 'state', 'work', 'own']) mkdirSync(at(folder), { recursive: true })
  const env = { PATH: path, HOME: at('home'), SSH_AUTH_SOCK: at('home', 'agent.sock') }
  const sandbox = createSandbox({ env, hide: [at('state')], programs: [] })
  return {
    dir,
    env,
    confine: (script, more = {}) => sandbox.confine({ argv: ['/bin/sh', '-c', script], cwd: at('work'), env: { ...env, TOLD: 'yes' }, inside: { INSIDE: 'tag' }, folder: at('own'), write: [at('work')], read: [], policy: { network: 'deny', write: [] }, ...more }),
  }
}

/** What this machine can do, found out without the code under test. */
const isAvailable = spawnSync('bwrap', ['--unshare-user', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '--proc', '/proc', 'true']).status === 0

/** Starts what `confine` returned and returns what it said. */
async function said(confined: Promise<Confined>): Promise<string> {
  const { argv: [file, ...args], env } = await confined
  return execFileSync(file, args, { env, encoding: 'utf8' })
}

describe('a machine', () => {
  it.each([
    ['of another system', 'darwin', process.env['PATH'], process.env['HOME'], /Linux only.*darwin/],
    ['without bubblewrap', 'linux', '/nowhere', process.env['HOME'], /bwrap\) is not installed/],
    ['without a home', 'linux', process.env['PATH'], '/nowhere', /HOME names none/],
    ['whose root is the home', 'linux', process.env['PATH'], '/', /HOME names none/],
  ] as const)('%s is told why it has no sandbox, and what helps', async (_, platform, path, home, why) => {
    const sandbox = createSandbox({ env: { PATH: path, HOME: home }, hide: [], programs: [], platform })
    expect(await sandbox.findHindrance()).toMatchObject({ because: expect.stringMatching(why), hint: expect.stringMatching(/./) })
    const refusal = await sandbox.confine({ argv: ['true'], cwd: '/', env: {}, inside: {}, folder: '/', write: [], read: [], policy: { network: 'deny', write: [] } }).catch((error: unknown) => error)
    expect(hasCode(refusal, 'sandbox.unavailable') ? String(refusal) : refusal).toMatch(why)
  })

  it('whose kernel refuses is told so in its own words', async () => {
    const bin = createTempDir('bin')
    writeFileSync(join(bin, 'bwrap'), '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n', { mode: 0o755 })
    const hindrance = await createSandbox({ env: { PATH: bin, HOME: process.env['HOME'] }, hide: [], programs: [] }).findHindrance()
    expect(hindrance).toMatchObject({ because: expect.stringMatching(/No permissions to create/), hint: expect.stringMatching(/user namespaces/) })
  })

  it('is found able exactly when it is', async () => {
    const hindrance = await createSandbox({ env: { PATH: process.env['PATH'], HOME: process.env['HOME'] }, hide: [], programs: [] }).findHindrance()
    expect(hindrance === undefined).toBe(isAvailable)
  })
})

/** A bubblewrap that shows what it was told, so that this is looked at on every machine. */
function fakeBubblewrap(): string {
  const bin = createTempDir('bin')
  writeFileSync(join(bin, 'bwrap'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  return bin
}

describe('a confined command', () => {
  it('keeps its environment, but not what leads to other programs, and its tag is for the inside only', async () => {
    const { confine } = createStage(fakeBubblewrap())
    const { argv, env } = await confine('true')
    expect(env).toMatchObject({ TOLD: 'yes' })
    expect(Object.keys(env)).not.toContain('SSH_AUTH_SOCK')
    expect(Object.keys(env)).not.toContain('INSIDE')
    expect(argv.join(' ')).toMatch(/--setenv INSIDE tag .*-- \/bin\/sh -c true$/)
    expect(argv).toContain('--unshare-net')
    expect((await confine('true', { policy: { network: 'allow', write: [] } })).argv).not.toContain('--unshare-net')
  })

  it('is not started when a link was put where it may write', async () => {
    const { dir, confine } = createStage(fakeBubblewrap())
    symlinkSync(join(dir, 'home'), join(dir, 'link'))
    await expect(confine('true', { write: [join(dir, 'link')] })).rejects.toMatchObject({ code: 'sandbox.unavailable', message: expect.stringMatching(/link is no folder any more/) })
  })

  it('is given of folders in each other only the outer one, for a link could be put in place of the inner one', async () => {
    const { dir, confine } = createStage(fakeBubblewrap())
    mkdirSync(join(dir, 'home/.cache/npm'))
    const { argv } = await confine('true', { policy: { network: 'deny', write: ['~/.cache/npm', '~/.cache', '~/.missing'] } })
    expect(argv.filter((word, index) => argv[index - 1] === '--bind' && word.startsWith(join(dir, 'home')))).toEqual([join(dir, 'home/.cache')])
  })

  it('writes where it may and nowhere else, and reads no secrets; where nothing can be confined, nothing is started', async () => {
    const { dir, confine } = createStage()
    for (const name of ['home/.ssh/id', 'state/key', 'home/.bashrc']) writeFileSync(join(dir, name), 'mine\n')
    const script = `cat ~/.ssh/id ${dir}/state/key; for file in ${dir}/work/in ~/.cache/in ~/new ~/.bashrc ~/.ssh/in ${dir}/state/in /usr/in; do echo x > $file && echo wrote $(basename $file); done; exit 0`
    const running = said(confine(`exec 2>/dev/null; ${script}`, { policy: { network: 'deny', write: ['~/.cache'] } }))
    if (!isAvailable) return expect(running).rejects.toThrow()
    expect(await running).toBe('wrote in\nwrote in\nwrote new\n')
    expect(['work/in', 'home/.cache/in', 'own/home/new', 'home/new', 'home/.ssh/in', 'state/in'].filter((name) => existsSync(join(dir, name)))).toEqual(['work/in', 'home/.cache/in', 'own/home/new'])
    expect(readFileSync(join(dir, 'home/.bashrc'), 'utf8')).toBe('mine\n')
    // Not opened, a cache is one of its own.
    expect(await said(confine('ls ~/.cache; echo x > ~/.cache/own && cat ~/.cache/own'))).toBe('x\n')
    expect(existsSync(join(dir, 'home/.cache/own'))).toBe(false)
    await said(confine(`rm -r ~/.cache; ln -s ${dir}/home/linked ~/.cache`))
    expect(await said(confine('echo on'))).toBe('on\n')
    expect(existsSync(join(dir, 'home/linked'))).toBe(false)
  })
})
