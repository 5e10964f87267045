import { join } from 'node:path'
import { leaveUnkillable, readUnkillable } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { handoffForm, runForm } from './harness/contract.ts'
import { isGone, untilSeen } from './harness/live-run.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const survivedForm = z.looseObject({ survivors: z.array(z.object({ pid: z.int(), command: z.string() })) })
const doctorForm = z.looseObject({ diagnoses: z.array(z.looseObject({ code: z.string(), subject: z.string(), state: z.string(), message: z.string(), remedy: z.string().nullable() })) })

// Elsewhere no process can be made that even a kill does not end.
describe.skipIf(process.platform !== 'linux')('a process that outlives the end of its run', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
    await addRepo(world, 'web', world.source('web', { 'a.txt': 'a\n' }), `leaves=${leaveUnkillable(join(world.dir, 'of-check'))}`)
  })
  afterAll(() => world.close())

  const survivorsSeen = async (): Promise<unknown> => (await world.ask(doctorForm, ['doctor'])).diagnoses.filter(({ code }) => code === 'run_survivors')

  it('is named wherever the run is shown, and by doctor for as long as it lives', async () => {
    const pids = join(world.dir, 'pids')
    const { id } = await runScript(world, await newTask(world, 'Leave one', '--repo', 'api'), `echo b > a.txt; ${leaveUnkillable(pids)}`)
    const { pid, letGo } = readUnkillable(pids)
    const named = `process ${pid} (sleep) could not be ended and may still write`
    try {
      expect(await world.ask(survivedForm, ['show', id])).toMatchObject({ outcome: 'completed', survivors: [{ pid, command: 'sleep' }] })
      expect((await world.signalbox(['show', id])).stdout).toContain(named)
      expect((await world.signalbox(['log', id])).stdout).toContain(named)
      const { handoff } = await world.ask(runForm, ['show', id])
      expect((await world.ask(handoffForm, ['handoff', 'show', handoff ?? ''])).what).toContain(named)
      expect(await survivorsSeen()).toEqual([{ code: 'run_survivors', subject: id, state: 'problem', message: named, remedy: expect.stringContaining(`kill -9 ${pid}`) }])
    } finally {
      letGo()
    }
    await untilSeen(`process ${pid} to be gone`, () => (isGone(pid) ? true : undefined))
    expect(await survivorsSeen()).toEqual([])
    expect(await world.ask(survivedForm, ['show', id])).toMatchObject({ survivors: [{ pid }] })
  })

  it('is named where a check left it', async () => {
    const { id } = await runScript(world, await newTask(world, 'Be checked', '--repo', 'web'), 'echo b > a.txt')
    const { pid, letGo } = readUnkillable(join(world.dir, 'of-check'))
    try {
      expect(await world.ask(survivedForm, ['show', id])).toMatchObject({ outcome: 'completed', receipts: [{ exitCode: 0 }], survivors: [{ pid, command: 'sleep' }] })
    } finally {
      letGo()
    }
  })
})
