import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync, writeFileSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { landingRepoSchema, type LandingRepo } from '@signalbox/core'
import { createRepo, git, removeTempDirs } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { clearOwnLocks, couldBeOurs } from './landing-locks.ts'

afterAll(removeTempDirs)

const from = 'a'.repeat(40)
const to = 'b'.repeat(40)

function createScene(): { readonly path: string; readonly repo: LandingRepo; readonly lock: string } {
  const path = createRepo({ 'a.txt': 'a\n' })
  const repo = landingRepoSchema.parse({ repo: 'api', source: path, branch: 'main', from, to, tree: to, checkout: path, step: 'publishing' })
  return { path, repo, lock: join(path, '.git/index.lock') }
}

describe('a lock in a checkout whose step was interrupted', () => {
  test.each(['index.lock', 'HEAD.lock', 'ORIG_HEAD.lock', 'refs/heads/main.lock'])('is removed when our git could have left it: %s', async (name) => {
    const { path, repo } = createScene()
    const lock = join(path, '.git', name)
    writeFileSync(lock, name === 'index.lock' ? readFileSync(join(path, '.git/index')).subarray(0, 30) : to.slice(0, 7))
    expect(await clearOwnLocks(repo)).toBeUndefined()
    expect(existsSync(lock)).toBe(false)
  })

  test('is left and named when somebody else wrote it', async () => {
    const { repo, lock } = createScene()
    writeFileSync(lock, 'locked by an editor')
    expect(await clearOwnLocks(repo, 200)).toBe(lock)
    expect(readFileSync(lock, 'utf8')).toBe('locked by an editor')
  })

  test('is left while a living process has it open', async () => {
    const { repo, lock, path } = createScene()
    writeFileSync(lock, '')
    const holder = spawn('sleep', ['60'], { cwd: '/', stdio: ['ignore', 'ignore', 'ignore', openSync(lock, 'r')] })
    try {
      expect(await clearOwnLocks(repo, 200)).toBe(lock)
      expect(existsSync(lock)).toBe(true)
    } finally {
      holder.kill('SIGKILL')
    }
    await new Promise((resolve) => holder.once('exit', resolve))
    expect(await clearOwnLocks(repo)).toBeUndefined()
    expect(git(path, 'status', '--porcelain')).toBe('')
  })

  test('is left while a git that writes is at work in the repository, not for one that only reads', async () => {
    const { repo, lock, path } = createScene()
    writeFileSync(lock, '')
    const hash = spawn('git', ['hash-object', '--stdin'], { cwd: path, stdio: ['pipe', 'ignore', 'ignore'] })
    await new Promise((resolve) => hash.once('spawn', resolve))
    expect(await clearOwnLocks(repo, 200)).toBe(lock)
    hash.stdin.end()
    await new Promise((resolve) => hash.once('exit', resolve))
    const reader = spawn('git', ['cat-file', '--batch'], { cwd: path, stdio: ['pipe', 'ignore', 'ignore'] })
    await new Promise((resolve) => reader.once('spawn', resolve))
    expect(await clearOwnLocks(repo)).toBeUndefined()
    reader.kill('SIGKILL')
  })

  test('is left where another git takes it after none was seen', async () => {
    const { repo, lock } = createScene()
    const clearing = clearOwnLocks(repo)
    writeFileSync(lock, '') // as ours would be: only that nobody saw it tells
    await clearing
    expect(existsSync(lock)).toBe(true)
  })

  test('is none where the branch cannot be, as one of its human lies on the way to it', async () => {
    const { path, repo } = createScene()
    writeFileSync(join(path, '.git/refs/heads/feature'), `${git(path, 'rev-parse', 'HEAD')}\n`)
    expect(await clearOwnLocks(landingRepoSchema.parse({ ...repo, branch: 'feature/a', checkout: null }))).toBeUndefined()
  })

  test('is waited for when it goes away by itself', async () => {
    const { repo, lock, path } = createScene()
    const file = openSync(lock, 'w')
    closeSync(file)
    const holder = spawn('sh', ['-c', 'exec 3<"$0"; sleep 0.3; rm "$0"', lock], { cwd: path })
    await new Promise((resolve) => holder.once('spawn', resolve))
    expect(await clearOwnLocks(repo)).toBeUndefined()
  })
})

test.each<['index' | 'ref', string, boolean]>([
  ['index', '', true],
  ['index', 'DI', true],
  ['index', 'DIRC\0\0\0\x02', true],
  ['index', 'x', false],
  ['ref', '', true],
  ['ref', to.slice(0, 39), true],
  ['ref', `${to}\n`, true],
  ['ref', `${from}\n`, true],
  ['ref', `${'c'.repeat(40)}\n`, false],
  ['ref', `${to}\nmore`, false],
  ['ref', 'DIRC', false],
])('the content of a lock on the %s tells whose it could be: %j', (kind, content, answer) => {
  expect(couldBeOurs(kind, Buffer.from(content, 'latin1'), { from: landingRepoSchema.shape.from.parse(from), to: landingRepoSchema.shape.to.parse(to) })).toBe(answer)
})
