import { createHmac } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { approvalText, snapshotIdSchema, type Approval } from '@signalbox/core'
import { createTempDir } from '@signalbox/testkit'
import { beforeEach, expect, test } from 'vitest'
import { findKeyDamage, isGenuine, sealApproval } from './approval-key.ts'
import { layoutState, type StateLayout } from './state-layout.ts'

const yes: Omit<Approval, 'seal'> = { snapshot: snapshotIdSchema.parse('R0001.s1'), digest: 'd', targetHeads: {}, taskRevision: 't', packetHash: 'p', receipts: 'r', by: 'ada', at: '2026-11-22T10:00:00Z' }

let layout: StateLayout
beforeEach(() => {
  layout = layoutState(createTempDir('state'))
})

test('what this machine sealed is genuine, with the key it made, and no longer once that is lost', async () => {
  const sealed = await sealApproval(layout, yes)
  expect([await isGenuine(layout, sealed), await isGenuine(layout, { ...sealed, by: 'eve' }), await findKeyDamage(layout)]).toEqual([true, false, undefined])
  rmSync(layout.approvalKey)
  expect([await isGenuine(layout, sealed), await findKeyDamage(layout)]).toEqual([false, undefined])
})

test.each([
  ['empty', () => ''],
  ['cut', (key: string) => key.slice(0, 63)],
  ['longer', (key: string) => `${key}\n`],
  ['another text', (key: string) => key.toUpperCase().replaceAll(/[0-9]/g, 'x')],
])('a key that is %s seals nothing and proves nothing, and stays as it is', async (_what, damage) => {
  await sealApproval(layout, yes)
  const key = damage(readFileSync(layout.approvalKey, 'utf8'))
  writeFileSync(layout.approvalKey, key)
  const forged = { ...yes, seal: createHmac('sha256', key).update(approvalText(yes)).digest('hex') }
  expect(await isGenuine(layout, forged)).toBe(false)
  const named = { code: 'config.invalid', message: expect.stringContaining(layout.approvalKey), hint: expect.stringContaining('backup') }
  await expect(sealApproval(layout, yes)).rejects.toMatchObject(named)
  expect(await findKeyDamage(layout)).toMatchObject(named)
  expect(readFileSync(layout.approvalKey, 'utf8')).toBe(key)
})
