import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { repoForm, runForm } from './harness/contract.ts'
import { startRun, untilEnded, untilFile } from './harness/live-run.ts'
import { showRun } from './harness/run-faults.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { createWorld, newTask, runScript, type World } from './harness/world.ts'

let world: World
let api: string
beforeAll(async () => {
  world = await createWorld()
  api = world.source('api', { '.gitignore': '.env\n', 'a.txt': 'a\n' })
  writeFiles(api, { '.env': 'KEY=of-the-human\n', 'plain.txt': 'mine\n' })
  await world.ask(repoForm, ['repo', 'add', api, '--name', 'api', '--file', '.env', '--setup', 'test "$(cat .env)" = KEY=of-the-human'])
})
afterAll(() => world.close())

it('gives a run the ignored files that are named for its repo, before its setup, and they are no part of its change', async () => {
  const run = await runScript(world, await newTask(world, 'Read it', '--repo', 'api'), 'cat .env > seen.txt; test ! -e plain.txt')
  expect(run.snapshots[0]).toMatchObject({ repos: [{ files: 1 }] })
  expect((await world.signalbox(['diff', run.id])).stdout).toContain('+KEY=of-the-human')
})

it('begins nothing where a named file would be part of the change', async () => {
  await world.ask(repoForm, ['repo', 'add', api, '--name', 'api', '--file', 'plain.txt'])
  const { id } = await startRun(world, await newTask(world, 'Sweep it in', '--repo', 'api'), 'touch ran')
  await untilEnded(world, id)
  expect(await showRun(world, id)).toMatchObject({ outcome: 'failed', because: expect.stringContaining('plain.txt of api would be part of what the run changes') })
  expect(existsSync(join(stateFolderOf(world), 'workspaces', id, 'api', 'ran'))).toBe(false)
  await world.ask(repoForm, ['repo', 'add', api, '--name', 'api', '--file', '.env'])
})

it('gives runs that work at the same time ports of their own, free ones', async () => {
  const flag = (name: string): string => join(world.dir, name)
  const script = (name: string): string => `echo "$SIGNALBOX_PORT $SIGNALBOX_PORT_COUNT" > ${flag(name)}.tmp; mv ${flag(name)}.tmp ${flag(name)}; while ! test -e ${flag('go')}; do sleep 0.05; done`
  const first = await startRun(world, await newTask(world, 'Serve', '--repo', 'api'), script('one'))
  await untilFile(flag('one'))
  const [port = 0, count] = readFileSync(flag('one'), 'utf8').trim().split(' ').map(Number)
  expect(count).toBe(10)
  // Somebody takes one of those that the next run would get.
  const taken = createServer().listen(port + 10 + 3, '127.0.0.1')
  const second = await startRun(world, await newTask(world, 'Serve too', '--repo', 'api'), script('two'))
  await untilFile(flag('two'))
  taken.close()
  const [other = 0] = readFileSync(flag('two'), 'utf8').trim().split(' ').map(Number)
  expect(Math.abs(other - port)).toBeGreaterThanOrEqual(20)
  writeFiles(world.dir, { go: '' })
  for (const { id } of [first, second]) await untilEnded(world, id)
  expect(await world.ask(runForm, ['show', second.id])).toMatchObject({ outcome: 'completed' })
})
