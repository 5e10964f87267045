import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { emptyVault } from './harness/conditions.ts'
import { diffForm, failureForm, forecastForm, gateForm } from './harness/contract.ts'
import { saveWorld } from './harness/saved-world.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, openWorld, runScript, type World } from './harness/world.ts'

const doctorForm = z.looseObject({ diagnoses: z.array(z.looseObject({ code: z.string(), subject: z.string(), state: z.string(), message: z.string(), remedy: z.string().nullable() })) })

afterAll(removeTempDirs)

/** R0001 changed `api`, which has a file of the human's in it since. */
describe('a round that cannot be read', () => {
  let world: World
  let restore: () => void
  beforeAll(async () => {
    world = await createWorld()
    const api = world.source('api', { 'a.txt': 'a\n' })
    await addRepo(world, 'api', api)
    await runScript(world, await newTask(world, 'Change it', '--repo', 'api'), 'echo b > a.txt')
    writeFiles(api, { 'mine.txt': 'mine\n' })
    restore = await saveWorld(world)
  })
  beforeEach(() => restore())
  afterAll(() => world.close())

  it.each([
    ['whose vault is gone', () => rmSync(join(stateFolderOf(world), 'vaults/api.git'), { recursive: true })],
    ['whose objects are gone', () => emptyVault(world.state, 'api')],
  ])('%s is what is missing, not its source, which is looked at as ever; doctor brings it back', async (_what, damage) => {
    damage()
    const { blockers } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect(blockers.map(({ code }) => code)).toEqual(['snapshot_missing', 'target_dirty', 'approval_missing'])
    expect(blockers[0]).toMatchObject({ message: expect.stringContaining('missing from its vault'), remedy: { command: 'signalbox doctor --fix' } })
    expect(blockers[1]).toMatchObject({ data: { paths: ['mine.txt'] } })
    expect((await world.ask(forecastForm, ['forecast'])).order).toMatchObject([{ standing: 'blocked', lands: false, targets: [{ state: 'unknown', because: 'what it changes cannot be read' }] }])
    for (const flags of [[], ['--stat'], ['--commits']]) {
      const { error } = await world.ask(failureForm, ['diff', 'R0001', ...flags], 3)
      expect(error).toMatchObject({ code: 'snapshot.not_found', message: expect.stringContaining('R0001.s1 cannot be read'), hint: expect.stringContaining('signalbox doctor --fix') })
    }
    await world.ask(doctorForm, ['doctor', '--fix'])
    expect((await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.map(({ code }) => code)).toEqual(['target_dirty', 'approval_missing'])
    expect((await world.ask(diffForm, ['diff', 'R0001'])).repos).toMatchObject([{ files: [{ path: 'a.txt' }] }])
  })

  it.each(['HEAD', 'config'])('because %s of its vault is damaged is read again once doctor wrote that anew', async (name) => {
    writeFileSync(join(stateFolderOf(world), 'vaults/api.git', name), '[xx\n')
    expect((await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.map(({ code }) => code)).toEqual(['snapshot_missing', 'target_dirty', 'approval_missing'])
    const { diagnoses } = await world.ask(doctorForm, ['doctor'])
    expect(diagnoses.filter(({ state }) => state !== 'ok')).toMatchObject([{ code: 'vault_broken', subject: 'api', message: expect.stringContaining('vaults/api.git'), remedy: expect.stringContaining('signalbox doctor --fix') }])
    const fixed = await world.ask(doctorForm, ['doctor', '--fix'])
    expect(fixed.diagnoses.filter(({ state }) => state !== 'ok')).toEqual([])
    expect((await world.ask(diffForm, ['diff', 'R0001'])).repos).toMatchObject([{ files: [{ path: 'a.txt' }] }])
  })

  it('because another machine made it is said so, by doctor too, also once that run was rejected here', async () => {
    const other = openWorld(join(world.dir, 'other'))
    run(world.dir, 'git', ['clone', '--quiet', world.memory, other.memory])
    run(world.dir, 'git', ['clone', '--quiet', join(world.dir, 'api'), join(other.dir, 'api')])
    await addRepo(other, 'api', join(other.dir, 'api'))
    const look = async (): Promise<void> => {
      const { blockers } = await other.ask(gateForm, ['gate', 'R0001'], 4)
      expect(blockers.map(({ code }) => code)).toEqual(['snapshot_missing', 'approval_missing'])
      expect(blockers[0]?.message).toContain('R0001.s1 of api is not on this machine')
      expect((await other.ask(failureForm, ['diff', 'R0001'], 3)).error).toMatchObject({ code: 'snapshot.not_found', message: expect.stringContaining('R0001.s1 is not on this machine') })
      const { diagnoses } = await other.ask(doctorForm, ['doctor'])
      expect(diagnoses.filter(({ state }) => state !== 'ok')).toMatchObject([{ code: 'rounds_elsewhere', state: 'warning', message: expect.stringContaining('1 run has rounds that are not on this machine') }])
    }
    await look()
    // What goes on with it here has none of its files, and no remedy says otherwise.
    const { error } = await other.ask(failureForm, ['resume', 'R0001'], 4)
    expect(error).toMatchObject({ code: 'resume.refused', message: expect.stringContaining('another machine'), hint: expect.stringMatching(/start anew here: signalbox run T0001 --agent shell(?! --from)/) })
    expect(await other.call(['run', 'T0001', '--agent', 'shell', '--from', 'R0001.s1', '--', 'true'])).toMatchObject({ exit: 3, stderr: expect.stringContaining('R0001.s1 is not on this machine') })
    expect((await other.call(['clean', 'R0001'])).stdout).toBe('There is nothing to remove\n')
    expect((await other.call(['reject', 'R0001', '--because', 'not here'])).exit).toBe(0)
    await look()
  })
})
