import { commitAll, git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mergeForm, runForm } from './harness/contract.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

describe('a source whose git does not look at modes', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())

  it('gets the modes that its own git would store, also on a newer tip, and is clean then', async () => {
    const api = world.source('api', { 'a.txt': 'a\n', 'b.txt': 'b\n' })
    git(api, 'config', 'core.fileMode', 'false')
    await addRepo(world, 'api', api)
    await newTask(world, 'Edit', '--repo', 'api')
    const ran = await runScript(world, 'T0001', 'chmod +x a.txt b.txt; echo c > b.txt; echo new > new.sh; chmod +x new.sh; git add -A; git commit -qm work; echo more >> new.sh')
    expect(ran.snapshots.at(-1)?.repos).toMatchObject([{ files: 2, missing: [] }])
    writeFiles(api, { 'mine.txt': 'mine\n' })
    commitAll(api, 'mine')
    expect((await world.ask(runForm, ['refresh', 'R0001'])).snapshots.at(-1)?.repos).toMatchObject([{ files: 2, missing: [] }])
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    expect(git(api, 'ls-tree', 'main').split('\n').map((line) => [line.slice(0, 6), line.split('\t')[1]])).toEqual([['100644', 'a.txt'], ['100644', 'b.txt'], ['100644', 'mine.txt'], ['100644', 'new.sh']])
    expect(git(api, 'status', '--porcelain')).toBe('')
    await world.ask(mergeForm, ['undo', 'R0001'])
    expect(git(api, 'ls-files')).toBe('a.txt\nb.txt\nmine.txt')
  })
})
