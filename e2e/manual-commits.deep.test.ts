import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createWorld, newTask, type World } from './harness/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

it('where commits are the human’s, doctor says so, and how many files of ours are not committed', async () => {
  appendFileSync(join(world.memory, 'signalbox.yaml'), 'memory:\n  commit: manual\n')
  writeFiles(world.memory, { 'mine.txt': 'of the human\n' })
  for (const title of ['One', 'Two']) await newTask(world, title)
  const doctor = async (): Promise<string> => (await world.call(['doctor'])).stdout
  expect(await doctor()).toContain('commits are yours to make (memory.commit: manual), and 3 files are not committed')
  commitAll(world.memory, 'by hand')
  expect(await doctor()).toContain('commits are yours to make (memory.commit: manual), and every record is committed')
})

it('names a new memory repo so that the next command can be typed', async () => {
  expect((await world.call(['init', 'sp ace'])).stderr).toBe("→ signalbox --memory 'sp ace' repo add PATH --name NAME\n")
})
