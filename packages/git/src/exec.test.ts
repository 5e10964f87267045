import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createGit } from './exec.ts'

const root = mkdtempSync(join(tmpdir(), 'signalbox-exec-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A folder for PATH whose `git` is this script. */
function fakeGit(name: string, script: string): string {
  const bin = join(root, name, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, 'git'), 0o755)
  return bin
}

/** A git that answers for itself and whose other commands are `script`. */
function wrapper(name: string, script: string): string {
  const exec = join(root, name, 'libexec', 'git-core')
  mkdirSync(exec, { recursive: true })
  return fakeGit(name, `case "$1" in --version) echo "git version 2.45.1";; --exec-path) echo "${exec}";; var) echo /etc/gitconfig;; *) ${script};; esac`)
}

describe('finding git', () => {
  test.each([
    ['no git on PATH', '', 'git.not_found', /not found on PATH/],
    ['a git below 2.38', fakeGit('old', 'echo "git version 2.30.2"'), 'git.too_old', /2\.30\.2.*needs 2\.38/],
    ['a git of the same major that is older', fakeGit('older', 'echo "git version 2.9.5"'), 'git.too_old', /2\.9\.5/],
    ['a program that is not git', fakeGit('other', 'echo hello'), 'git.not_found', /hello/],
    ['a git whose programs are nowhere', fakeGit('nowhere', '[ "$1" = --version ] && echo "git version 2.45.1" || echo /nonexistent/x'), 'git.not_found', /folder/],
    ['a git that fails', fakeGit('failing', 'exit 3'), 'git.not_found', /did not answer/],
  ])('refuses %s', async (_name, path, code, sentence) => {
    const git = createGit({ env: { PATH: `${path}${path === '' ? '' : ':'}${path === '' ? '/nonexistent' : '/bin'}` } })
    await expect(git('vault', ['version'], { cwd: root })).rejects.toMatchObject({ code, message: expect.stringMatching(sentence), hint: expect.stringContaining('2.38') })
  })

  test('finds a git installed after a first failed look', async () => {
    const env = { PATH: '/nonexistent' }
    const git = createGit({ env })
    await expect(git('vault', ['version'], { cwd: root })).rejects.toMatchObject({ code: 'git.not_found' })
    env.PATH = process.env['PATH'] ?? ''
    await expect(git('vault', ['version'], { cwd: root })).resolves.toMatchObject({ exitCode: 0 })
  })
})

describe('a git process', () => {
  test('sees nothing of an inherited environment but what the human reads settings by', async () => {
    const inherited = {
      GIT_DIR: '/elsewhere', GIT_WORK_TREE: '/elsewhere', GIT_INDEX_FILE: '/elsewhere', GIT_CONFIG_PARAMETERS: "'core.pager=evil'", GIT_EXTERNAL_DIFF: 'evil',
      GIT_OBJECT_DIRECTORY: '/elsewhere', GIT_TEMPLATE_DIR: '/elsewhere', GIT_TRACE: '1', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'alias.x', GIT_CONFIG_VALUE_0: '!evil',
      EDITOR: 'evil', SECRET_TOKEN: 'hush', HOME: '/home/someone', XDG_CONFIG_HOME: '/home/someone/.xdg',
    }
    Object.assign(process.env, inherited)
    try {
      const path = `${wrapper('env', 'env')}:${process.env['PATH'] ?? ''}`
      for (const profile of ['vault', 'source'] as const) {
        const { text } = await createGit({ env: { ...process.env, PATH: path } })(profile, ['status'], { cwd: root })
        expect(text).not.toMatch(/elsewhere|evil|hush|GIT_TRACE|GIT_DIR=|GIT_CONFIG_PARAMETERS/)
        expect(text.includes('HOME=/home/someone')).toBe(profile === 'source')
        expect(text).toContain('GIT_NO_REPLACE_OBJECTS=1')
        expect(text).toContain('LC_ALL=C')
      }
    } finally {
      for (const name of Object.keys(inherited)) delete process.env[name]
    }
  })

  test('that may leave this machine has the human’s ssh and helpers, cannot ask them anything, and speaks no other protocol', async () => {
    const env = { PATH: `${wrapper('remote', 'env')}:/usr/bin:/bin`, HOME: '/home/someone', SSH_AUTH_SOCK: '/agent', GIT_SSH_COMMAND: 'ssh -i key', GIT_DIR: '/elsewhere', GIT_ASKPASS: 'ask', SECRET_TOKEN: 'hush' }
    const { text } = await createGit({ env })('remote', ['status'], { cwd: root })
    for (const line of ['HOME=/home/someone', 'SSH_AUTH_SOCK=/agent', 'GIT_SSH_COMMAND=ssh -i key', 'GIT_TERMINAL_PROMPT=0', 'GIT_ASKPASS=false', 'SSH_ASKPASS=false', 'SSH_ASKPASS_REQUIRE=force', 'GIT_ALLOW_PROTOCOL=file:https:ssh']) expect(text.split('\n')).toContain(line)
    expect(text).not.toMatch(/elsewhere|hush/)
    const without = await createGit({ env: { PATH: env.PATH } })('remote', ['status'], { cwd: root })
    expect(without.text).not.toMatch(/^GIT_SSH_COMMAND=/m)
  })

  test('drops relative folders of PATH', async () => {
    const bin = wrapper('path', 'echo "$PATH"')
    const { text } = await createGit({ env: { PATH: `.:node_modules/.bin::${bin}:/usr/bin:/bin` } })('source', ['status'], { cwd: root })
    expect(text.trim()).toBe(`${bin}:/usr/bin:/bin`)
  })

  test('throws on every exit that the caller did not name, with command, exit and the last words', async () => {
    const git = createGit()
    await expect(git('vault', ['rev-parse', 'HEAD'], { cwd: root })).rejects.toMatchObject({
      code: 'git.command_failed',
      message: expect.stringContaining('git rev-parse in'),
      data: { command: 'rev-parse', exitCode: 128, stderr: expect.stringContaining('not a git repository') },
    })
    await expect(git('vault', ['rev-parse', 'HEAD'], { cwd: root, okExits: [0, 128] })).resolves.toMatchObject({ exitCode: 128 })
  })

  test('keeps what git says first of a failure, however much advice follows it', async () => {
    const git = createGit()
    const cwd = join(root, 'locked')
    await git('source', ['init', '--quiet', cwd], { cwd: root })
    writeFileSync(join(cwd, '.git/index.lock'), '')
    const failed = git('source', ['add', '--all'], { cwd })
    await expect(failed).rejects.toMatchObject({ message: expect.stringMatching(/: fatal: Unable to create '.*index\.lock': File exists\.\n[^]*remove the file manually to continue\.$/) })
  })

  test('is stopped when it does not end', async () => {
    const git = createGit({ env: { PATH: `${wrapper('hang', 'exec sleep 60')}:/usr/bin:/bin` } })
    const started = Date.now()
    await expect(git('vault', ['status'], { cwd: root, timeoutMs: 300 })).rejects.toMatchObject({ code: 'git.timed_out', message: expect.stringContaining('0.3 s') })
    expect(Date.now() - started).toBeLessThan(10_000)
  })

  test('names a folder that does not exist', async () => {
    await expect(createGit()('vault', ['status'], { cwd: join(root, 'gone') })).rejects.toMatchObject({ code: 'git.command_failed', message: expect.stringContaining('gone does not exist') })
  })

  test('reads its input to the end and never waits for more', async () => {
    const git = createGit()
    const { text } = await git('vault', ['hash-object', '--stdin'], { cwd: root, stdin: 'hello\n' })
    expect(text.trim()).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
    await expect(git('vault', ['hash-object', '--stdin'], { cwd: root })).resolves.toMatchObject({ exitCode: 0 })
  })
})
