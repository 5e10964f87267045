import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import { failureForm, taskForm } from './harness/contract.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const doctorForm = z.looseObject({
  diagnoses: z.array(z.looseObject({ code: z.string(), subject: z.string(), state: z.string(), message: z.string(), remedy: z.string().nullable() })),
  repairs: z.array(z.looseObject({ code: z.string(), subject: z.string(), done: z.boolean() })),
})
const damaged = 'not what it was. '.repeat(300)

let world: World
beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
  await runScript(world, await newTask(world, 'Change it', '--repo', 'api'), 'echo b > a.txt')
})
afterAll(removeTempDirs)
afterAll(() => world.close())

it.each([
  ['of all changes', 'state', 'state.lock'],
  ['of a run', 'R0001', 'runs/R0001/log.lock'],
])('a damaged lock %s is named by what it stops and by doctor, also where runs are to be settled, and doctor makes it whole', async (_what, subject, name) => {
  const file = join(stateFolderOf(world), name)
  writeFileSync(file, damaged)
  const { error } = await world.ask(failureForm, ['reject', 'R0001', '--because', 'x'], 5)
  expect(error).toMatchObject({ code: 'disk.unwritable', message: expect.stringContaining(`${file} is damaged`), hint: expect.stringContaining('signalbox doctor --fix') })
  const { diagnoses } = await world.ask(doctorForm, ['doctor'])
  expect(diagnoses.filter(({ state }) => state !== 'ok')).toMatchObject([{ code: 'lock_damaged', subject, state: 'problem', message: expect.stringContaining(file), remedy: expect.stringContaining('signalbox doctor --fix') }])
  const active = join(stateFolderOf(world), 'active/R0001')
  writeFileSync(active, '')
  expect((await world.ask(doctorForm, ['doctor'])).diagnoses.map(({ code }) => code)).toContain('lock_damaged')
  expect(existsSync(active)).toBe(true)
  const fixed = await world.ask(doctorForm, ['doctor', '--fix'])
  expect(fixed.repairs).toMatchObject([{ code: 'lock_damaged', subject, done: true }])
  expect(fixed.diagnoses.filter(({ state }) => state !== 'ok')).toEqual([])
  expect([readFileSync(file, 'utf8'), existsSync(active)]).toEqual(['', false])
  await world.ask(taskForm, ['task', 'edit', 'T0001', '--title', `Change ${subject}`])
})
