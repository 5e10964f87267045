import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, git, removeTempDirs } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { setOneLanding, type OneLanding } from '../test/one-landing.ts'

afterAll(removeTempDirs)

const files = { 'a.txt': 'one\n' }
const change = { 'a.txt': 'two\n', 'new.txt': 'new\n' }
const setScene = (): OneLanding => setOneLanding(createTempDir('settings'), { files, change })

describe('what lands is the very commit that was approved where a human’s own merges are made', () => {
  test.each<[string, string, string, string]>([
    ['by a strategy that leaves the other side out', 'main', 'branch.main.mergeOptions', '-s ours'],
    ['so on a branch whose name has dots', 'rel.1/x"y', 'branch.rel.1/x"y.mergeOptions', '-s ours'],
    ['so on every branch', 'main', 'pull.twohead', 'ours'],
    ['as of a part of the tree', 'main', 'pull.twohead', 'subtree'],
    ['with options git does not know', 'main', 'branch.main.mergeOptions', '--no-such-option'],
  ])('%s', async (_how, branch, key, value) => {
    const { path, target, land } = setScene()
    if (branch !== 'main') git(path, 'branch', '-m', branch)
    git(path, 'config', key, value)
    const undo = await land(branch)
    expect(git(path, 'rev-parse', 'HEAD', 'HEAD^{tree}').split('\n')).toEqual([undo.repos[0]?.to, target.tree])
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('two\n')
  })
})

describe('a landing that was interrupted while its branch moved', () => {
  /** Puts a merge of the landed commit on main, made from another line of its own. */
  function merge({ path, target }: OneLanding, to: string, tree: string): string {
    const side = git(path, 'commit-tree', '-p', target.base, '-m', 'side', `${target.base}^{tree}`)
    const made = git(path, 'commit-tree', '-p', side, '-p', to, '-m', 'merge', tree)
    git(path, 'update-ref', 'refs/heads/main', made)
    git(path, 'reset', '--quiet', '--hard')
    return made
  }

  test('is not taken for landed where its commit came in beside a line that leaves its change out', async () => {
    const scene = setScene()
    const journal = await scene.prepare({ step: 'publishing' })
    const head = merge(scene, journal.repos[0]?.to ?? '', `${scene.target.base}^{tree}`)
    const outcome = await scene.landing.recover(journal, scene.file)
    expect(outcome).toMatchObject({ state: 'stuck', repos: [{ because: expect.stringContaining('only as a side of a merge') }] })
    expect(git(scene.path, 'rev-parse', 'main')).toBe(head)
    git(scene.path, 'reset', '--quiet', '--hard', scene.target.base)
    expect(await scene.landing.recover({ ...journal, repos: [...outcome.repos] }, scene.file)).toMatchObject({ state: 'done' })
    expect(git(scene.path, 'status', '--porcelain')).toBe('')
  })

  test('is landed where its journal says that it had landed before the human merged it', async () => {
    const scene = setScene()
    const journal = await scene.prepare({ step: 'published' })
    merge(scene, journal.repos[0]?.to ?? '', scene.target.tree)
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'done' })
  })

  test('is landed where the human merged something into it', async () => {
    const scene = setScene()
    const journal = await scene.prepare({ step: 'publishing' })
    const { to = '' } = journal.repos[0] ?? {}
    const side = git(scene.path, 'commit-tree', '-p', scene.target.base, '-m', 'side', `${scene.target.base}^{tree}`)
    git(scene.path, 'update-ref', 'refs/heads/main', git(scene.path, 'commit-tree', '-p', to, '-p', side, '-m', 'merge', scene.target.tree))
    git(scene.path, 'reset', '--quiet', '--hard')
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'done' })
  })
})
