import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { createRepo, createTempDir, git as raw, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { createGit, type Git } from './exec.ts'
import { pinBase } from './pin-base.ts'

afterAll(removeTempDirs)

const run = runIdSchema.parse('R0007')

function prepare() {
  const path = createRepo({ 'a.txt': 'a\n' })
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const ref = `refs/signalbox/pins/R0007/base-${base}`
  const calls: string[] = []
  const real = createGit()
  const git: Git = (profile, args, call) => {
    calls.push(args[0])
    return real(profile, args, call)
  }
  const pin = (from = path): Promise<void> => pinBase(git, { run, source: { repo: repoNameSchema.parse('api'), path: from } }, base)
  const pinned = (): string => raw(path, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/signalbox/')
  return { path, base, ref, pin, pinned, calls, wanted: `${ref} ${base}` }
}

test.each([
  ['a plain repository', () => undefined],
  ['a linked worktree of one', (path: string) => {
    const linked = join(createTempDir(), 'linked')
    raw(path, 'worktree', 'add', '--quiet', '--detach', linked)
    return linked
  }],
  ['one that says how it keeps its refs, which is left to git', (path: string) => void raw(path, 'config', 'extensions.refStorage', 'files')],
  ['one where a killed start left its lock', (path: string) => {
    const lock = join(path, '.git', `refs/signalbox/pins/R0007/base-${raw(path, 'rev-parse', 'HEAD')}.lock`)
    mkdirSync(dirname(lock), { recursive: true })
    writeFileSync(lock, '')
    return undefined
  }],
])('keeps a base in %s', async (name, change) => {
  const { path, base, ref, pin, pinned, wanted, calls } = prepare()
  const from = change(path) ?? path
  await pin(from)
  expect(calls).toEqual(name.includes('left to git') ? ['update-ref'] : [])
  expect(pinned()).toBe(wanted)
  expect(existsSync(join(path, '.git', `${ref}.lock`))).toBe(false)
  // What git made of it since is the same to us.
  raw(path, 'pack-refs', '--all', '--prune')
  await pin(from)
  expect(pinned()).toBe(wanted)
  raw(path, 'update-ref', '-d', 'refs/heads/main')
  raw(path, 'gc', '--quiet', '--prune=now')
  expect(raw(path, 'cat-file', '-t', base)).toBe('commit')
})

test('one that is there is not written again', async () => {
  const { path, ref, pin } = prepare()
  await pin()
  const { ino, mtimeMs } = statSync(join(path, '.git', ref))
  await pin()
  expect(statSync(join(path, '.git', ref))).toMatchObject({ ino, mtimeMs })
})

test('what keeps it from being written is said', async () => {
  const { path, pin } = prepare()
  mkdirSync(join(path, '.git/refs/signalbox'), { recursive: true })
  writeFileSync(join(path, '.git/refs/signalbox/pins'), 'in the way\n')
  await expect(pin()).rejects.toMatchObject({ code: 'git.command_failed', message: expect.stringMatching(/^api could not be told to keep [0-9a-f]{10}: .*(EEXIST|ENOTDIR)/), hint: expect.stringContaining(path) })
})
