import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { repoNameSchema, type RunId } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, expect, it } from 'vitest'
import { openInProcess } from '../../test/in-process-plane.ts'
import { initMemory } from '../compose.ts'

afterAll(removeTempDirs)

/** A run that landed, with something on top of it. */
async function createLanded(more = '') {
  const dir = createTempDir('undo-as-run')
  const env = { PATH: process.env['PATH'], HOME: join(dir, 'home'), SIGNALBOX_STATE: join(dir, 'state'), GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', TZ: 'UTC' }
  mkdirSync(env.HOME)
  const { memory } = await initMemory(join(dir, 'memory'), env)
  const api = createRepo({ 'a.txt': 'one\ntwo\nthree\nfour\nfive\n' }, { path: join(dir, 'api') })
  const plane = await openInProcess(memory, env)
  const { human } = plane
  await human.addRepo({ path: api, name: 'api' })
  const task = await human.createTask({ title: 'Count on', repos: ['api'] })
  const run = await plane.runScript(task.id, `sed -i s/one/ONE/ a.txt${more}`)
  await human.merge(run, { approve: true })
  writeFiles(api, { 'b.txt': 'on top\n' })
  commitAll(api, 'on top')
  await plane.close()
  return { memory, env, api, run, task: task.id }
}

/** Stands for a kill: whatever comes after it never happens. */
const stop = (): Promise<never> => Promise.reject(new Error('stopped here'))

it.each([
  ['before there is a round', (services: Parameters<Parameters<typeof openInProcess>[2] & object>[0]) => ({ snapshots: { ...services.snapshots, takeBack: stop } }), 'R0003'],
  ['before its handoff', (services: Parameters<Parameters<typeof openInProcess>[2] & object>[0]) => ({ memory: { ...services.memory, create: stop } }), 'R0002'],
] as const)('that is stopped %s leaves a true record, and is taken up by the next one', async (_when, replace, then) => {
  const { memory, env, api, run, task } = await createLanded()
  const stopped = await openInProcess(memory, env, replace)
  await expect(stopped.human.undo(run, { asRun: true })).rejects.toThrow('stopped here')
  await stopped.close()

  const plane = await openInProcess(memory, env)
  const { human } = plane
  const left = await human.readRun('R0002' as RunId)
  expect(left).toMatchObject({ state: 'ended', outcome: 'interrupted', snapshots: then === 'R0002' ? [{ id: 'R0002.s1' }] : [], handoff: 'H0002' })
  expect((await human.readTask(task)).status).toBe(then === 'R0002' ? 'review' : 'done')
  const { run: next = run } = await human.undo(run, { asRun: true })
  expect(next).toBe(then)
  await human.merge(next, { approve: true })
  expect(git(api, 'show', 'main:a.txt').split('\n')[0]).toBe('one')
  expect((await human.readRun(run)).merge.because).toContain(`${then} took it back`)
  await plane.close()
})

it('of which only a part landed, or that was taken back itself, says so, and leaves the rest to be taken back', async () => {
  const { memory, env, api, run } = await createLanded('; echo more > c.txt')
  const plane = await openInProcess(memory, env)
  const { human } = plane
  const { run: first = run } = await human.undo(run, { asRun: true })
  await human.sealRun(first, { only: [{ repo: repoNameSchema.parse('api'), path: 'a.txt' }] })
  await human.merge(first, { approve: true })
  expect(git(api, 'log', '-1', '--format=%B')).toMatch(/^Take back a part of Count on.*\n\nThis takes back a part of what R0001 landed:/)
  expect((await human.readRun(run)).merge).toMatchObject({ because: expect.stringContaining('R0002 took a part of it back'), exits: ['signalbox undo R0001', 'signalbox show R0002'], reverts: [{ run: 'R0002', merge: 'merged', part: true }] })
  const { run: second = run } = await human.undo(run, { asRun: true })
  await human.merge(second, { approve: true })
  expect(git(api, 'ls-tree', '--name-only', 'main').split('\n')).toEqual(['a.txt', 'b.txt'])
  expect((await human.readRun(run)).merge.because).toContain('R0003 took it back')

  const { run: third = run } = await human.undo(second, { asRun: true })
  await human.merge(third, { approve: true })
  expect((await human.readRun(run)).merge).toMatchObject({ because: expect.stringMatching(/R0002 took a part of it back$/), exits: ['signalbox undo R0001', 'signalbox show R0002'] })
  expect(await human.undo(run, { asRun: true })).toMatchObject({ run: 'R0005' })
  await plane.close()
})
