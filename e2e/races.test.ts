import { git } from '@signalbox/testkit'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alreadyMergedForm, mergeForm } from './harness/contract.ts'
import { addRepo, createWorld, newTask, parseOutcome, runScript, type World } from './harness/world.ts'

const rounds = 8

/** Each round has a branch of its own; those of even rounds are checked out in a worktree. */
describe('two processes that approve and merge one run at the same moment', () => {
  let world: World
  let api: string
  const branchOf = (round: number): string => `release-${round}`
  const worktreeOf = (round: number): string => join(world.dir, `checkout-${round}`)

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'file.txt': 'before\n' })
    await addRepo(world, 'api', api)
  })
  afterAll(() => world.close())

  async function approvable(round: number): Promise<string> {
    git(api, 'branch', branchOf(round))
    if (round % 2 === 0) git(api, 'worktree', 'add', '--quiet', worktreeOf(round), branchOf(round))
    const task = await newTask(world, `Round ${round}`, '--repo', 'api', '--base-branch', branchOf(round))
    return (await runScript(world, task, `echo ${round} > file.txt`)).id
  }

  it.each(Array.from({ length: rounds }, (_, index) => index + 1))('land it once (round %i)', async (round) => {
    const merge = ['merge', await approvable(round), '--approve', '--json']
    const outcomes = await Promise.all([world.signalbox(merge), world.signalbox(merge)])
    const [winner, loser] = outcomes.toSorted((a, b) => (a.exit ?? -1) - (b.exit ?? -1))
    if (winner === undefined || loser === undefined) throw new Error('two calls have two outcomes')
    const merged = parseOutcome(mergeForm, winner, 0)
    const told = parseOutcome(alreadyMergedForm, loser, 4)
    expect(told).toMatchObject({ error: { code: 'run.already_merged' }, repos: merged.repos })
    expect(git(api, 'rev-list', '--count', `main..${branchOf(round)}`)).toBe('1')
    if (round % 2 === 0) expect(git(worktreeOf(round), 'status', '--porcelain')).toBe('')
  })
})

describe('runs that work and end at the same time', () => {
  let world: World

  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }), 'test=true')
  })
  afterAll(() => world.close())

  it('each commit their own records, all of them', async () => {
    const titles = ['one', 'two', 'three', 'four']
    const tasks: string[] = []
    for (const title of titles) tasks.push(await newTask(world, title, '--repo', 'api'))
    const runs = await Promise.all(tasks.map((task) => runScript(world, task, `echo ${task} > file.txt`)))
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
    for (const { id, task } of runs) {
      const subjects = git(world.memory, 'log', '--reverse', '--format=%s', '--', `runs/${id}`, `handoffs/*-${task}.md`).split('\n')
      expect(subjects).toEqual([`${task}: start ${id}`, `${task}: packet of ${id}`, `${task}: seal ${id}.s1`, `${task}: ${id} completed`])
    }
  })
})
