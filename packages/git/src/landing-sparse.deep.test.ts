import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, git, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { setOneLanding, type OneLanding } from '../test/one-landing.ts'

afterAll(removeTempDirs)

const files = { 'top.txt': 'top\n', 'in/a.txt': 'one\n', 'out/edited.txt': 'one\n', 'out/removed.txt': 'one\n', 'out/kept.txt': 'one\n' }
const change = { 'in/a.txt': 'two\n', 'in/new.txt': 'new\n', 'out/edited.txt': 'two\n', 'out/removed.txt': null, 'out/added.txt': 'new\n' }

function setScene(more: readonly string[] = []): OneLanding {
  const scene = setOneLanding(createTempDir('sparse'), { files, change })
  git(scene.path, 'sparse-checkout', 'set', '--cone', ...more, 'in')
  return scene
}

/** What git leaves out of the checkout, and says of the rest. */
function stateOf(path: string): readonly string[] {
  return [...git(path, 'ls-files', '-t').split('\n').filter((line) => line.startsWith('S ')), git(path, 'status', '--porcelain'), String(existsSync(join(path, 'out')))]
}

const before = ['S out/edited.txt', 'S out/kept.txt', 'S out/removed.txt', '', 'false']
const after = ['S out/added.txt', 'S out/edited.txt', 'S out/kept.txt', '', 'false']

describe('a checkout that leaves out files of the change', () => {
  test.each([[[]], [['--sparse-index']]])('takes it and gives it back, and leaves them out (%j)', async (more) => {
    const { path, target, land, landing, file } = setScene(more)
    const journal = await land()
    expect(git(path, 'rev-parse', 'HEAD^{tree}')).toBe(target.tree)
    expect(stateOf(path)).toEqual(after)
    expect(readFileSync(join(path, 'in/new.txt'), 'utf8')).toBe('new\n')
    expect(await landing.undo(journal, file)).toMatchObject({ state: 'undone' })
    expect(git(path, 'rev-parse', 'HEAD')).toBe(target.base)
    expect(stateOf(path)).toEqual(before)
  })

  test('does not take it where something of the human’s lies there', async () => {
    const { path, target, land } = setScene()
    writeFiles(path, { 'out/edited.txt': 'mine\n' })
    await expect(land()).rejects.toThrow('out/edited.txt')
    expect(git(path, 'rev-parse', 'HEAD')).toBe(target.base)
    expect(readFileSync(join(path, 'out/edited.txt'), 'utf8')).toBe('mine\n')
  })
})

describe('recovery of such a checkout', () => {
  test('finishes a landing that was killed before git had written its index, and leaves out what is left out', async () => {
    const { path, target, prepare, landing, file } = setScene()
    const journal = await prepare({ step: 'publishing' })
    writeFiles(path, { 'in/a.txt': 't' })
    expect(await landing.recover(journal, file)).toMatchObject({ state: 'done' })
    expect(git(path, 'rev-parse', 'HEAD^{tree}')).toBe(target.tree)
    expect(stateOf(path)).toEqual(after)
    expect(readFileSync(join(path, 'in/a.txt'), 'utf8')).toBe('two\n')
  })

  test('finishes one that was killed before git had moved the branch', async () => {
    const { path, target, prepare, landing, file } = setScene()
    const journal = await prepare({ step: 'publishing' })
    git(path, 'merge', '--quiet', '--ff-only', journal.repos[0]?.to ?? '')
    git(path, 'update-ref', 'refs/heads/main', target.base)
    rmSync(join(path, 'in/new.txt'))
    expect(await landing.recover(journal, file)).toMatchObject({ state: 'done' })
    expect(stateOf(path)).toEqual(after)
    expect(readFileSync(join(path, 'in/new.txt'), 'utf8')).toBe('new\n')
  })

  test('finishes an undo that was killed in the middle', async () => {
    const { path, target, land, landing, file } = setScene()
    const journal = await land()
    writeFileSync(join(path, 'in/a.txt'), 'o')
    const killed = { ...journal, repos: journal.repos.map((repo) => ({ ...repo, checkout: path, step: 'rolling_back' as const })) }
    expect(await landing.recover(killed, file)).toMatchObject({ state: 'undone' })
    expect(git(path, 'rev-parse', 'HEAD')).toBe(target.base)
    expect(stateOf(path)).toEqual(before)
  })
})
