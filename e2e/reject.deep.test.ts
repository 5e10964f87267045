import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runForm, taskForm } from './harness/contract.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

let world: World
let task: string

beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
  task = await newTask(world, 'Change the file', '--repo', 'api')
  for (const word of ['one', 'two']) await runScript(world, task, `echo ${word} > file.txt`)
  await runScript(world, task, 'true')
})
afterAll(() => world.close())

const statusOf = async (): Promise<string> => (await world.ask(taskForm, ['task', 'show', task])).status

it('a task stays in review for as long as another run of it waits, and is ready after the last one', async () => {
  await world.ask(runForm, ['reject', 'R0002', '--because', 'not like this'])
  expect(await statusOf()).toBe('review')
  await world.ask(runForm, ['reject', 'R0001', '--because', 'nor like this'])
  expect(await statusOf()).toBe('ready')
})

it('what to do next is not to review what was rejected, and can be typed as it stands', async () => {
  const { merge } = await world.ask(runForm, ['show', 'R0001'])
  expect(merge).toMatchObject({ state: 'blocked', because: expect.stringContaining('rejected R0001: nor like this'), exits: ['Start another run, or approve this one after all: signalbox approve R0001'] })
})

it('a run that changed nothing leads to its handoff, and one that failed to the same command', async () => {
  const { merge, handoff } = await world.ask(runForm, ['show', 'R0003'])
  expect(merge).toMatchObject({ exits: [`Read the handoff for what happened: signalbox handoff show ${handoff}`] })
  await world.call(['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', 'exit 3'])
  const { exits } = await world.ask(runForm, ['show', 'R0004'])
  expect(exits).toEqual(['signalbox resume R0004', `signalbox run ${task} --agent shell -- sh -c 'exit 3'`])
})

it('a log that cannot be read keeps no run from its end, and hides no work', async () => {
  for (const folder of [world.memory, stateFolderOf(world)]) mkdirSync(join(folder, 'runs/R0009/events.jsonl'), { recursive: true })
  const { outcome } = await runScript(world, task, 'true')
  expect(outcome).toBe('completed')
  expect(await statusOf()).toBe('review')
})
