import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runIdSchema } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, it } from 'vitest'
import { diagnoseFolders } from './doctor-folders.ts'
import { layoutState } from './state-layout.ts'

afterAll(removeTempDirs)

it('removes the empty folder of an unknown run only while it is still empty', async () => {
  const layout = layoutState(createTempDir('state'))
  const { workspace } = layout.run(runIdSchema.parse('R0009'))
  mkdirSync(join(workspace, 'api'), { recursive: true })
  const discarded: string[] = []
  const services = {
    layout,
    memory: { listRuns: async () => [], readRunFile: async () => undefined },
    workspaces: { discard: async (run: string) => void discarded.push(run), hasLeftovers: () => false, countTrash: () => 0, emptyTrash: async () => undefined },
  }
  const [finding] = await diagnoseFolders(services, [])
  writeFileSync(join(workspace, 'api', 'late.txt'), 'work\n')
  await expect(finding?.repair?.()).rejects.toMatchObject({ code: 'disk.unwritable', message: expect.stringContaining('late.txt') })
  expect(discarded).toEqual([])
})

it('says of a run without a log whether it ever began', async () => {
  const ids = ['R0001', 'R0002', 'R0003'].map((id) => runIdSchema.parse(id))
  const files: Readonly<Record<string, string>> = { 'R0001/events.jsonl': '{}\n', 'R0003/packet.md': 'what to do\n' }
  const services = {
    layout: layoutState(createTempDir('state')),
    memory: { listRuns: async () => ids, readRunFile: async (run: string, name: string) => files[`${run}/${name}`] },
    workspaces: { discard: async () => undefined, hasLeftovers: () => false, countTrash: () => 0, emptyTrash: async () => undefined },
  }
  expect((await diagnoseFolders(services, [])).map(({ code, subject, state }) => [code, subject, state])).toEqual([
    ['run_never_began', 'R0002', 'ok'],
    ['run_log_lost', 'R0003', 'problem'],
  ])
})
