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
    memory: { listRuns: async () => [] },
    workspaces: { discard: async (run: string) => void discarded.push(run), hasLeftovers: () => false, countTrash: () => 0, emptyTrash: async () => undefined },
  }
  const [finding] = await diagnoseFolders(services, [])
  writeFileSync(join(workspace, 'api', 'late.txt'), 'work\n')
  await expect(finding?.repair?.()).rejects.toMatchObject({ code: 'disk.unwritable', message: expect.stringContaining('late.txt') })
  expect(discarded).toEqual([])
})
