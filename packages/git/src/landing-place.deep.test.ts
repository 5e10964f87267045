import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, createTarget, createTempDir, git, removeTempDirs, run, type Target } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { landingOf } from '../test/one-landing.ts'
import { createGit } from './exec.ts'
import { refuseLostMain } from './worktrees.ts'

afterAll(removeTempDirs)

const files = { 'a.txt': 'one\n', 'gone.txt': 'gone\n' }
const change = { 'a.txt': 'two\n', 'gone.txt': null, 'new.txt': 'new\n' }

/** Moves the git directory of a checkout elsewhere and leaves a link, or git's own kind of pointer. */
function moveGitDir(checkout: string, to: string, how: 'link' | 'pointer'): void {
  mkdirSync(join(to, '..'), { recursive: true })
  if (how === 'pointer') return void git(checkout, 'init', '--quiet', `--separate-git-dir=${to}`)
  renameSync(join(checkout, '.git'), to)
  symlinkSync(to, join(checkout, '.git'))
}

/** Makes the place of a target one that git guesses wrong; returns where its main is checked out now. */
const shapes: Readonly<Record<string, (folder: string, target: Target) => string>> = {
  'whose git directory lies elsewhere': (folder, { path }) => {
    moveGitDir(path, join(folder, 'store/one.git'), 'pointer')
    return path
  },
  'whose git directory a link leads to': (folder, { path }) => {
    moveGitDir(path, join(folder, 'store/one.git'), 'link')
    return path
  },
  'whose git directory a link leads to, and is called as one of another folder would be': (folder, { path }) => {
    moveGitDir(path, join(folder, 'store/.git'), 'link')
    return path
  },
  'that is a submodule': (folder, { path }) => {
    const outer = join(folder, 'outer')
    run(folder, 'git', ['init', '--quiet', outer])
    run(outer, 'git', ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', path, 'sub'])
    commitAll(outer, 'outer')
    return join(outer, 'sub')
  },
  'that is a linked worktree and was moved': (folder, { path }) => {
    git(path, 'switch', '--quiet', '--create', 'other')
    git(path, 'worktree', 'add', '--quiet', join(folder, 'once'), 'main')
    renameSync(join(folder, 'once'), join(folder, 'now'))
    return join(folder, 'now')
  },
}

describe('a checkout', () => {
  test.each(Object.entries(shapes))('%s follows its branch, there and back', async (_what, reshape) => {
    const folder = createTempDir('place')
    const target = createTarget(folder, 'one', { main: 'here', files, change })
    const place = reshape(folder, target)
    const { land, landing, file } = landingOf(folder, target, place)
    const journal = await land()
    expect(git(place, 'rev-parse', 'HEAD^{tree}')).toBe(target.tree)
    expect(readFileSync(join(place, 'a.txt'), 'utf8')).toBe('two\n')
    expect(git(place, 'status', '--porcelain')).toBe('')
    expect(await landing.undo(journal, file)).toMatchObject({ state: 'undone' })
    expect(git(place, 'rev-parse', 'HEAD')).toBe(target.base)
    expect(git(place, 'status', '--porcelain')).toBe('')
    expect(existsSync(join(folder, 'store/a.txt'))).toBe(false)
  })
})

describe('a linked worktree of a repository whose main checkout git does not know', () => {
  function setScene(): { readonly folder: string; readonly target: Target; readonly linked: string } {
    const folder = createTempDir('place')
    const target = createTarget(folder, 'one', { main: 'here', files, change })
    moveGitDir(target.path, join(folder, 'store/one.git'), 'pointer')
    const linked = join(folder, 'linked')
    git(target.path, 'worktree', 'add', '--quiet', '-b', 'other', linked)
    return { folder, target, linked }
  }

  test('is refused, and nothing lands under that checkout', async () => {
    const { folder, target, linked } = setScene()
    await expect(refuseLostMain(createGit(), linked)).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('store/one.git, which is no checkout of it') })
    await expect(landingOf(folder, target, linked).land()).rejects.toThrow('where the main one is cannot be told')
    expect(git(target.path, 'rev-parse', 'main')).toBe(target.base)
  })

  test('lands on a branch that the main one has not checked out', async () => {
    const { folder, target, linked } = setScene()
    await landingOf(folder, target, linked).land('other')
    expect(readFileSync(join(linked, 'a.txt'), 'utf8')).toBe('two\n')
    expect(git(target.path, 'status', '--porcelain')).toBe('')
  })
})
