import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, createTarget, createTempDir, git, removeTempDirs, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { landingOf, type OneLanding } from '../test/one-landing.ts'

afterAll(removeTempDirs)

/** A change that takes a submodule out, and may put a file in its place; its folder holds a checkout of its own, or nothing. */
function setScene(lib: 'filled' | 'empty', settings = '', inItsPlace: Files = {}): OneLanding {
  const folder = createTempDir('submodule')
  const files = { 'a.txt': 'one\n', '.gitmodules': `[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n${settings}` }
  const target = createTarget(folder, 'one', { main: 'here', files, change: { 'a.txt': 'two\n', ...inItsPlace } })
  const { path } = target
  if (lib === 'filled') createRepo({ 'inner.txt': 'inner\n' }, { path: join(path, 'lib') })
  else mkdirSync(join(path, 'lib'))
  const commit = lib === 'filled' ? git(join(path, 'lib'), 'rev-parse', 'HEAD') : '1'.repeat(40)
  git(path, 'update-index', '--add', '--cacheinfo', `160000,${commit},lib`)
  git(path, 'commit', '--quiet', '--message', 'with a submodule')
  const base = git(path, 'rev-parse', 'HEAD')
  const vault = join(folder, 'state/vaults/one.git')
  const snapshotCommit = git(vault, '--git-dir', vault, 'commit-tree', '-p', base, '-m', 'R0001.s1', target.tree)
  const scene = { ...target, base, snapshotCommit }
  return { target: scene, ...landingOf(folder, scene, path) }
}

describe('a change that takes a submodule out', () => {
  test.each([
    ['filled', '', '?? lib/'],
    ['filled', '\tignore = all\n', '?? lib/'],
    ['empty', '', ''],
  ] as const)('lands and is taken back as by git alone: one that is %s (%j)', async (lib, settings, status) => {
    const { path, target, land, landing, file } = setScene(lib, settings)
    const journal = await land()
    expect(git(path, 'rev-parse', 'HEAD^{tree}')).toBe(target.tree)
    expect(git(path, 'status', '--porcelain')).toBe(status)
    expect(await landing.undo(journal, file)).toMatchObject({ state: 'undone' })
    expect(git(path, 'status', '--porcelain')).toBe('')
    expect(existsSync(join(path, 'lib/inner.txt'))).toBe(lib === 'filled')
  })

  test.each([
    ['filled', '\tignore = all\n', '?? lib/'],
    ['empty', '', ''],
  ] as const)('is finished, or taken back, after a kill in the middle: one that is %s (%j)', async (lib, settings, status) => {
    const { path, target, prepare, landing, file } = setScene(lib, settings)
    const journal = await prepare({ step: 'publishing' })
    writeFileSync(join(path, 'a.txt'), 't')
    if (lib === 'empty') rmdirSync(join(path, 'lib'))
    const { repos } = await landing.recover(journal, file)
    expect(git(path, 'rev-parse', 'HEAD^{tree}')).toBe(target.tree)
    expect(git(path, 'status', '--porcelain')).toBe(status)
    writeFileSync(join(path, 'a.txt'), 'o')
    await landing.recover({ ...journal, kind: 'undo', repos: repos.map((repo) => ({ ...repo, step: 'rolling_back' as const })) }, file)
    expect(git(path, 'rev-parse', 'HEAD')).toBe(target.base)
    expect(git(path, 'status', '--porcelain')).toBe('')
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('one\n')
    expect(existsSync(join(path, 'lib'))).toBe(true)
  })

  test('is taken back after a kill in the middle where a file is in its place', async () => {
    const { path, target, prepare, landing, file } = setScene('empty', '', { lib: 'a file\n' })
    const { repos, ...journal } = await prepare()
    await landing.publish({ ...journal, repos }, file)
    expect(readFileSync(join(path, 'lib'), 'utf8')).toBe('a file\n')
    writeFileSync(join(path, 'a.txt'), 'o')
    await landing.recover({ ...journal, kind: 'undo', repos: repos.map((repo) => ({ ...repo, step: 'rolling_back' as const })) }, file)
    expect(git(path, 'rev-parse', 'HEAD')).toBe(target.base)
    expect([git(path, 'status', '--porcelain'), statSync(join(path, 'lib')).isDirectory()]).toEqual(['', true])
  })
})
