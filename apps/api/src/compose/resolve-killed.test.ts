import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, createRepo, createTempDir, git, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, expect, it } from 'vitest'
import { openInProcess } from '../../test/in-process-plane.ts'
import { initMemory } from '../compose.ts'

afterAll(removeTempDirs)

it('a workspace whose preparing was stopped between two repos is none that could be sealed, and is made ready by the next try', async () => {
  const dir = createTempDir('resolve')
  const env = { PATH: process.env['PATH'], HOME: join(dir, 'home'), SIGNALBOX_STATE: join(dir, 'state'), GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', TZ: 'UTC' }
  mkdirSync(env.HOME)
  const { memory } = await initMemory(join(dir, 'memory'), env)
  const sources = ['api', 'web'].map((name) => createRepo({ 'a.txt': 'one\n' }, { path: join(dir, name) }))
  const before = await openInProcess(memory, env)
  for (const path of sources) await before.human.addRepo({ path, name: path.slice(-3) })
  const task = await before.human.createTask({ title: 'Change both', repos: ['api', 'web'] })
  const run = await before.runScript(task.id, 'for repo in api web; do echo mine > $repo/a.txt; done')
  for (const path of sources) {
    writeFiles(path, { 'a.txt': 'theirs\n' })
    commitAll(path, 'theirs')
  }
  await before.close()

  let merges = 0
  const stopped = await openInProcess(memory, env, ({ workspaces }) => ({
    workspaces: {
      ...workspaces,
      merge: async (request) => {
        merges += 1
        if (merges === 2) throw new Error('stopped here')
        return workspaces.merge(request)
      },
    },
  }))
  await expect(stopped.human.refresh(run, { resolve: true })).rejects.toThrow('stopped here')
  await stopped.close()

  const { human, close } = await openInProcess(memory, env).then((plane) => ({ human: plane.human, close: () => plane.close() }))
  expect((await human.readRun(run)).resolving).toMatchObject({ of: `${run}.s1`, conflicts: null })
  await expect(human.sealRun(run)).rejects.toMatchObject({ code: 'refresh.conflict', hint: expect.stringContaining('--resolve') })
  await expect(human.merge(run, { approve: true })).rejects.toMatchObject({ code: 'gate.blocked' })
  const { workspace, resolving } = await human.refresh(run, { resolve: true })
  expect(resolving?.conflicts).toEqual([{ repo: 'api', path: 'a.txt' }, { repo: 'web', path: 'a.txt' }])
  for (const repo of ['api', 'web']) {
    expect(readFileSync(join(workspace ?? '', repo, 'a.txt'), 'utf8')).toContain('<<<<<<< main')
    writeFiles(join(workspace ?? '', repo), { 'a.txt': 'both\n' })
  }
  await human.sealRun(run)
  await human.merge(run, { approve: true })
  expect(sources.map((path) => git(path, 'show', 'main:a.txt'))).toEqual(['both', 'both'])
  await close()
})
