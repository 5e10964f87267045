import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, git, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { gateForm, mergeForm, runForm, taskForm, type BlockerValue } from './harness/contract.ts'
import { saveWorld } from './harness/saved-world.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

afterAll(removeTempDirs)

describe('what the gate says helps when it is done', () => {
  let world: World
  let api: string
  let web: string
  let restore: () => void

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'kept.txt': 'kept\n' })
    web = world.source('web', { 'page.txt': 'web\n' })
    await addRepo(world, 'api', api)
    await addRepo(world, 'web', web)
    await newTask(world, 'Add a file', '--repo', 'api', '--repo', 'web')
    await runScript(world, 'T0001', 'echo new > api/new.txt')
    await world.signalbox(['approve', 'R0001'])
    restore = await saveWorld(world)
  })
  beforeEach(() => restore())
  afterAll(() => world.close())

  async function blockersOf(): Promise<readonly BlockerValue[]> {
    return (await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers
  }

  /** Types the command of the one blocker, as a shell takes it. */
  async function typeRemedy(): Promise<void> {
    const [blocker, ...others] = await blockersOf()
    expect(others).toEqual([])
    run(world.dir, 'sh', ['-ec', blocker?.remedy.command ?? 'exit 9'])
  }

  it('leaves a merge alone that a human began', async () => {
    git(api, 'switch', '--quiet', '--create', 'side')
    humanCommits(api, 'side.txt', 'side\n')
    git(api, 'switch', '--quiet', 'main')
    git(api, 'merge', '--quiet', '--no-commit', '--no-ff', 'side')
    const blockers = await blockersOf()
    expect(blockers.map(({ code }) => code)).toEqual(['target_busy', 'target_dirty'])
    expect(blockers.flatMap(({ remedy }) => remedy.command ?? [])).toEqual([])
    expect(blockers[1]?.remedy.sentence).toMatch(/^Finish or abort what is under way there first/)
  })

  it('has conflicts settled before anything else', async () => {
    for (const message of ['stashed', 'committed']) {
      writeFiles(api, { 'other.txt': `${message}\n` })
      git(api, 'add', 'other.txt')
      if (message === 'stashed') git(api, 'stash')
    }
    git(api, 'commit', '--quiet', '--message', 'committed')
    run(api, 'git', ['stash', 'pop'], { okExits: [1] })
    const dirt = (await blockersOf()).find(({ code }) => code === 'target_dirty')
    expect(dirt?.remedy).toEqual({ sentence: expect.stringMatching(/^Settle what is in conflict there first \(other\.txt\)/) })
  })

  it('takes back what was only announced, then stashes it', async () => {
    writeFiles(api, { 'announced.txt': 'mine\n' })
    git(api, 'add', '--intent-to-add', 'announced.txt')
    await typeRemedy()
    expect(existsSync(join(api, 'announced.txt'))).toBe(true)
    await typeRemedy()
    expect((await world.ask(mergeForm, ['merge', 'R0001'])).state).toBe('merged')
  })

  it('has a repository inside ignored, which no stash takes along', async () => {
    createRepo({ 'x.txt': 'x\n' }, { path: join(api, 'nested') })
    git(api, 'worktree', 'add', '--quiet', 'tree')
    const [dirt] = await blockersOf()
    expect(dirt?.remedy).toEqual({ sentence: expect.stringMatching(/^Move nested\/, tree\/ away, or name it in \.git\/info\/exclude/) })
    writeFiles(api, { '.git/info/exclude': 'nested/\ntree/\n' })
    expect((await world.ask(mergeForm, ['merge', 'R0001'])).state).toBe('merged')
  })

  it.each(['ORIG_HEAD.lock', 'index.lock', 'refs/heads/main.lock'])('names %s, which is in the way, and lands once it is gone', async (name) => {
    writeFiles(api, { [`.git/${name}`]: '' })
    const [busy, ...others] = await blockersOf()
    expect(others).toEqual([])
    expect(busy).toMatchObject({ code: 'target_busy', remedy: { sentence: expect.stringMatching(/^If no git is at work there, delete \//) } })
    rmSync(busy?.remedy.sentence.split(' delete ')[1] ?? '')
    expect((await world.ask(mergeForm, ['merge', 'R0001'])).state).toBe('merged')
  })

  it('closes the task of a change that the target has already', async () => {
    humanCommits(api, 'new.txt', 'new\n')
    await world.ask(runForm, ['refresh', 'R0001'])
    const { verdict, blockers } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect({ verdict, remedy: blockers[0]?.remedy.command }).toEqual({ verdict: 'nothing_to_merge', remedy: 'signalbox task edit T0001 --status done' })
    expect((await world.ask(taskForm, ['task', 'edit', 'T0001', '--status', 'done'])).status).toBe('done')
  })

  it('names the settings, not the task, where those cannot be read', async () => {
    writeFiles(world.memory, { 'signalbox.yaml': 'repos: [' })
    const blockers = await blockersOf()
    expect(blockers.map(({ code }) => code)).toContain('facts_unavailable')
    for (const { message, remedy } of blockers.filter(({ code }) => code === 'facts_unavailable')) {
      expect([message, remedy.sentence]).toEqual([expect.stringContaining('signalbox.yaml'), expect.not.stringContaining('task file')])
    }
  })

  it('says of a repository that is gone, though nothing of it is to land, that it is gone', async () => {
    renameSync(web, `${web}-away`)
    expect((await blockersOf()).map(({ code, repo, message, remedy }) => [code, repo, message, remedy.command])).toEqual([['facts_unavailable', 'web', expect.stringContaining('could not be reached'), 'signalbox doctor']])
    renameSync(`${web}-away`, web)
    expect((await world.ask(mergeForm, ['merge', 'R0001'])).state).toBe('merged')
  })
})
