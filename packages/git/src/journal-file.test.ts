import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { beginJournal, createJournalFile } from './journal-file.ts'

afterAll(removeTempDirs)

const oid = oidSchema.parse('1'.repeat(40))
const landed = { repo: repoNameSchema.parse('api'), source: '/src/api', branch: branchNameSchema.parse('main'), from: oid, to: oid, tree: oid, checkout: null, step: 'published' } as const

test('a journal is read as it was written, and nothing is beside it', async () => {
  const folder = createTempDir()
  const file = createJournalFile(join(folder, 'landing.json'))
  expect(await file.read()).toBeUndefined()
  const journal = beginJournal('merge', runIdSchema.parse('R0001'), [landed])
  await file.write(journal)
  await file.write({ ...journal, kind: 'undo' })
  expect(await file.read()).toEqual({ ...journal, kind: 'undo' })
  expect(readdirSync(folder)).toEqual(['landing.json'])
  writeFileSync(join(folder, 'landing.json'), '{"format":')
  await expect(file.read()).rejects.toThrow(/JSON/)
  await file.remove()
  expect(await file.read()).toBeUndefined()
})
