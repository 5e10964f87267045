import { commitAll, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { gateForm, handoffForm, runForm, type RunValue } from './harness/contract.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

it('tells what new ignore rules of a run hide, wherever a round is told of, and lets it be approved', async () => {
  const api = world.source('api', { 'a.txt': 'a\n' })
  await addRepo(world, 'api', api)
  await newTask(world, 'Build', '--repo', 'api')
  const ran = await runScript(world, 'T0001', 'echo b > a.txt; mkdir build; echo out > build/out; echo build/ > .gitignore')
  const reported = [{ reason: 'newly_ignored', paths: ['build/'], more: 0 }]
  const lastOf = ({ snapshots }: RunValue): unknown => snapshots.at(-1)?.repos[0]?.['reported']
  expect(lastOf(ran)).toEqual(reported)
  const words = 'api: not saved, for ignore rules that the run changed hide it: build/'
  expect((await world.call(['show', 'R0001'])).stdout).toContain(words)
  expect((await world.ask(handoffForm, ['handoff', 'show', ran.handoff ?? ''])).what).toContain(words)
  expect((await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])

  expect(lastOf(await world.ask(runForm, ['seal', 'R0001', '--only', 'api:a.txt']))).toEqual(reported)
  writeFiles(api, { 'mine.txt': 'mine\n' })
  commitAll(api, 'mine')
  expect(lastOf(await world.ask(runForm, ['refresh', 'R0001']))).toEqual(reported)
})
