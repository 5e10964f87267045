import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import { untilEnded, untilEvent } from './harness/live-run.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

const doctorForm = z.looseObject({ diagnoses: z.array(z.looseObject({ subject: z.string(), state: z.string(), message: z.string() })) })

let world: World
beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
})
afterAll(() => world.close())

it('finds nothing to warn of while a run is at work, whose files are committed when it ends', async () => {
  const task = await newTask(world, 'Take your time', '--repo', 'api')
  await world.signalbox(['run', task, '--detach', '--agent', 'shell', '--', 'sh', '-c', `until [ -e ${join(world.dir, 'go')} ]; do sleep 0.05; done`])
  await untilEvent(world, 'R0001', 'run.started')
  const { diagnoses } = await world.ask(doctorForm, ['doctor'])
  expect(diagnoses.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(diagnoses).toContainEqual(expect.objectContaining({ subject: 'R0001', message: expect.stringContaining('is running') }))
  writeFileSync(join(world.dir, 'go'), '')
  await untilEnded(world, 'R0001')
  expect((await world.ask(doctorForm, ['doctor'])).diagnoses.filter(({ state }) => state !== 'ok')).toEqual([])
})
