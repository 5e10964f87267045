import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { runIdSchema } from '@signalbox/core'
import { createTempDir } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { writeDurably } from './durable-file.ts'
import { runTagName } from './process-tree.ts'
import { layoutState } from './state-layout.ts'
import { findSurvivors } from './survivors.ts'

const children: ChildProcess[] = []
afterAll(() => children.forEach((child) => child.kill('SIGKILL')))

async function start(tag: string): Promise<number> {
  const child = spawn('sleep', ['600'], { env: { ...process.env, [runTagName]: tag }, stdio: 'ignore' })
  children.push(child)
  await once(child, 'spawn')
  return child.pid ?? 0
}

test('a process survives as long as its pid is that of a process of the run', async () => {
  const [layout, id] = [layoutState(createTempDir()), runIdSchema.parse('R0001')]
  const [ours, others] = [await start('tag of R0001'), await start('tag of R0002')]
  const survivors = [ours, others].map((pid) => ({ pid, command: 'sleep' }))
  expect(await findSurvivors({ layout }, { id, survivors })).toEqual([])
  await writeDurably(layout, layout.run(id).tag, 'tag of R0001')
  await expect.poll(() => findSurvivors({ layout }, { id, survivors })).toEqual([{ pid: ours, command: 'sleep' }])
  expect(await findSurvivors({ layout }, { id, survivors: [] })).toEqual([])
})
