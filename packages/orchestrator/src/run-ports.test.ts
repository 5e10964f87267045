import { runIdSchema } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { markActive } from './active-runs.ts'
import { portVariables, reservePorts } from './run-ports.ts'
import { layoutState } from './state-layout.ts'

afterAll(removeTempDirs)

const id = runIdSchema.parse('R0001')

test('runs of several memory repos do not all get the same ports, though each is the first of its own', async () => {
  const given = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const layout = layoutState(createTempDir('state'))
      await reservePorts(layout, id)
      return (await portVariables(layout, id))['SIGNALBOX_PORT']
    }),
  )
  expect(new Set(given).size).toBeGreaterThan(1)
})

test('a run that goes on while others work gets a block of its own again', async () => {
  const layout = layoutState(createTempDir('state'))
  const ids = [1, 2, 1_001, 2_001].map((number) => runIdSchema.parse(`R${String(number).padStart(4, '0')}`))
  for (const one of [...ids, id]) {
    await reservePorts(layout, one)
    await markActive(layout, one)
  }
  const given = await Promise.all(ids.map(async (one) => (await portVariables(layout, one))['SIGNALBOX_PORT']))
  expect(new Set(given).size).toBe(ids.length)
})
