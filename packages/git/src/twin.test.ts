import { mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { parseRepoName, type RepoName } from '@signalbox/core'
import { createRepo, createTempDir, git, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { findTwin } from './twin.ts'

afterAll(removeTempDirs)

const [gone, other, api] = ['gone', 'other', 'api'].map((name) => parseRepoName(name) ?? fail(name)) as [RepoName, RepoName, RepoName]

function fail(name: string): never {
  throw new Error(`not valid: ${name}`)
}

test('all worktrees of a repository are one, also where a link leads to its git directory', () => {
  const folder = createTempDir('twin')
  const path = createRepo({ 'a.txt': 'a\n' }, { path: join(folder, 'main') })
  git(path, 'worktree', 'add', '--quiet', '--detach', join(folder, 'linked'))
  mkdirSync(join(folder, 'again'))
  symlinkSync(join(path, '.git'), join(folder, 'again/.git'))
  const [lost, left] = [createRepo({ 'a.txt': 'a\n' }, { path: join(folder, 'lost') }), join(folder, 'left')]
  git(lost, 'worktree', 'add', '--quiet', '--detach', left)
  renameSync(lost, join(folder, 'lost too'))
  const sources = [{ repo: gone, path: join(folder, 'gone') }, { repo: gone, path: left }, { repo: other, path: createRepo({ 'a.txt': 'a\n' }) }, { repo: api, path }]
  for (const name of ['main', 'linked', 'again']) expect(findTwin(join(folder, name), sources)).toBe('api')
  renameSync(path, join(folder, 'moved'))
  expect(findTwin(createRepo({ 'a.txt': 'a\n' }), sources)).toBeUndefined()
})
