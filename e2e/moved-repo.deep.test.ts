import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, git, headOf, run as execute } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diffForm, failureForm, gateForm, mergeForm, repoForm, runForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

// R0001 works in a git directory of its own and committed, R0002 in a worktree of the source; neither has landed when the source is moved.
describe('a source repository that was moved', () => {
  let world: World
  let api: string
  const moved = (): string => join(world.dir, 'elsewhere')
  const checkoutOf = (run: string): string => join(stateFolderOf(world), 'workspaces', run, 'api')
  const register = (path: string, exit = 2) => world.ask(failureForm, ['repo', 'add', path, '--name', 'api'], exit)

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'a.txt': 'a\n', 'b.txt': 'b\n' })
    await addRepo(world, 'api', api, 'green=true')
    await runScript(world, await newTask(world, 'One', '--repo', 'api'), 'echo more >> a.txt; git commit --quiet --all --message mine; echo new > new.txt')
    const two = await newTask(world, 'Two', '--repo', 'api')
    await world.ask(runForm, ['run', two, '--isolation', 'linked', '--agent', 'shell', '--json', '--', 'sh', '-c', 'git status; echo more >> b.txt'])
  })
  afterAll(() => world.close())

  it('is not taken for moved while one still lies where it was', async () => {
    cpSync(api, moved(), { recursive: true })
    expect((await register(moved())).error).toMatchObject({ code: 'repo.name_taken', message: `api is already registered, at ${api}` })
    rmSync(moved(), { recursive: true })
  })

  it('is not replaced by another, nor by one that lacks what open runs began on', async () => {
    const clone = join(world.dir, 'clone')
    execute(world.dir, 'git', ['clone', '--quiet', api, clone])
    humanCommits(api, 'c.txt', 'c\n')
    const three = (await runScript(world, await newTask(world, 'Three', '--repo', 'api'), 'echo more >> c.txt')).id
    renameSync(api, moved())
    const other = createRepo({ 'z.txt': 'z\n' }, { path: join(world.dir, 'other') })
    expect((await register(other)).error).toMatchObject({ code: 'repo.name_taken', message: expect.stringContaining('none of the commits') })
    const { message, hint } = (await register(clone)).error
    expect([message, hint]).toEqual([expect.stringContaining(`${headOf(moved()).slice(0, 10)} of ${three}`), expect.stringContaining(`signalbox reject ${three}`)])
  })

  it('is registered where it is now by the call that doctor names, and everything goes on there', async () => {
    expect((await world.call(['doctor'])).stdout).toContain('signalbox repo add PATH --name api')
    expect(await world.ask(repoForm, ['repo', 'add', moved(), '--name', 'api'])).toMatchObject({ path: moved(), checks: { green: 'true' } })
    const { blockers } = await world.ask(gateForm, ['gate', 'R0003'], 4)
    expect(blockers.map(({ code }) => code)).toEqual(['approval_missing'])
    expect((await world.ask(diffForm, ['diff', 'R0001'])).repos[0]?.files.map(({ path }) => path)).toEqual(['a.txt', 'new.txt'])
    for (const run of ['R0001', 'R0002']) {
      writeFileSync(join(checkoutOf(run), `${run}.txt`), 'by hand\n')
      expect((await world.ask(runForm, ['seal', run])).snapshots.at(-1)).toMatchObject({ id: `${run}.s2`, complete: true })
    }
  })

  it('lets agents go on in their checkouts, with the git they had', async () => {
    for (const run of ['R0001', 'R0002']) {
      await world.ask(runForm, ['resume', run, 'Go on', '--json'])
      expect((await world.ask(runForm, ['show', run])).outcome).toBe('completed')
      expect(git(checkoutOf(run), 'status', '--porcelain')).toContain(`${run}.txt`)
    }
  })

  it('has the changes land in it', async () => {
    await world.ask(mergeForm, ['merge', 'R0003', '--approve'])
    for (const run of ['R0001', 'R0002']) {
      await world.ask(runForm, ['refresh', run])
      await world.call(['check', run])
      await world.ask(mergeForm, ['merge', run, '--approve'])
    }
    expect(git(moved(), 'ls-files').split('\n')).toEqual(['R0001.txt', 'R0002.txt', 'a.txt', 'b.txt', 'c.txt', 'new.txt'])
    expect(git(moved(), 'status', '--porcelain')).toBe('')
  })
})
