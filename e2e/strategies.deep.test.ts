import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprints } from './harness/compare.ts'
import { mergeForm, runForm, type RunValue } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/** One repo has its target in the registered checkout, one in another worktree, one in none. */
describe('landing where targets are checked out here, elsewhere, and nowhere', () => {
  let world: World
  let here: string
  let elsewhere: string
  let worktree: string
  let nowhere: string
  let ran: RunValue
  const headOf = (repo: string): string => git(repo, 'rev-parse', 'refs/heads/main')
  const parentsOf = (repo: string): readonly string[] => git(repo, 'rev-list', '--parents', '-1', 'main').split(' ').slice(1)

  beforeAll(async () => {
    world = await createWorld()
    for (const name of ['here', 'elsewhere', 'nowhere']) world.source(name, { 'file.txt': 'before\n' })
    here = join(world.dir, 'here')
    elsewhere = join(world.dir, 'elsewhere')
    nowhere = join(world.dir, 'nowhere')
    worktree = join(world.dir, 'elsewhere-main')
    git(elsewhere, 'switch', '--quiet', '--create', 'topic')
    git(elsewhere, 'worktree', 'add', '--quiet', worktree, 'main')
    git(nowhere, 'switch', '--quiet', '--detach')
    for (const [name, path] of Object.entries({ here, elsewhere, nowhere })) await addRepo(world, name, path)
    await newTask(world, 'Change all three', '--repo', 'here', '--repo', 'elsewhere', '--repo', 'nowhere', '--base-branch', 'main')
    ran = await runScript(world, 'T0001', 'for repo in here elsewhere nowhere; do echo after > $repo/file.txt; done')
  })
  afterAll(() => world.close())

  it('refuses for dirt in the other worktree, which no status of the registered folder shows', async () => {
    writeFiles(worktree, { 'mine.txt': 'mine\n' })
    const before = fingerprints([here, elsewhere, worktree, nowhere])
    const { blockers } = await world.refused('merge', 'R0001', '--approve')
    expect(blockers).toMatchObject([{ code: 'target_dirty', repo: 'elsewhere', data: { paths: ['mine.txt'], checkout: worktree } }])
    expect(fingerprints([here, elsewhere, worktree, nowhere])).toEqual(before)
    writeFiles(worktree, { 'mine.txt': null })
  })

  it('lands a merge commit whose second parent is one commit with the reviewed tree', async () => {
    const bases = ran.repos.map(({ baseHead }) => baseHead)
    await world.ask(mergeForm, ['merge', 'R0001', '--strategy', 'merge'])
    for (const [index, repo] of [here, elsewhere, nowhere].entries()) {
      const [first, second, ...more] = parentsOf(repo)
      expect({ first, more }).toEqual({ first: bases[index], more: [] })
      expect(git(repo, 'rev-list', '--parents', '-1', second ?? '')).toBe(`${second} ${first}`)
      expect(git(repo, 'rev-parse', 'main^{tree}')).toBe(git(repo, 'rev-parse', `${second}^{tree}`))
      expect(git(repo, 'rev-parse', 'main^{tree}')).toBe(ran.snapshots[0]?.repos[index]?.tree)
    }
  })

  it('updates the checkouts that have the target, and only those', () => {
    const contents = [here, worktree, elsewhere, nowhere].map((path) => readFileSync(join(path, 'file.txt'), 'utf8'))
    expect(contents).toEqual(['after\n', 'after\n', 'before\n', 'before\n'])
    for (const path of [here, worktree, elsewhere, nowhere]) expect(git(path, 'status', '--porcelain')).toBe('')
  })

  it('does not undo what somebody built on, in any repo', async () => {
    const built = humanCommits(worktree, 'more.txt', 'built on top\n')
    const before = fingerprints([here, elsewhere, worktree, nowhere])
    const { error } = await world.refused('undo', 'R0001')
    expect(error.code).toBe('undo.refused')
    expect(error.message).toContain('elsewhere')
    expect(fingerprints([here, elsewhere, worktree, nowhere])).toEqual(before)
    expect(headOf(elsewhere)).toBe(built)
    git(worktree, 'reset', '--quiet', '--hard', 'HEAD^')
  })

  it('undoes a merge commit in all three', async () => {
    await world.ask(mergeForm, ['undo', 'R0001'])
    expect([here, elsewhere, nowhere].map(headOf)).toEqual(ran.repos.map(({ baseHead }) => baseHead))
    for (const path of [here, worktree, elsewhere, nowhere]) expect(git(path, 'status', '--porcelain')).toBe('')
    expect((await world.ask(runForm, ['show', 'R0001'])).merge.state).toBe('undone')
  })
})
