import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { createRepo, createTempDir, git, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const stateDir = createTempDir('state')
const vault = join(stateDir, 'vaults/api.git')
const copy = (): string => join(vault, 'signalbox/diffs', readdirSync(join(vault, 'signalbox/diffs'))[0] ?? '')
const look = async (how: 'diff' | 'reopenDiff') => createGitEngine({ stateDir }).snapshots[how](source, base, commit)
const path = createRepo({ 'a.txt': 'a\n', gone: 'gone' })
const source = { repo: repoNameSchema.parse('api'), path }
const base = oidSchema.parse(git(path, 'rev-parse', 'HEAD'))
let commit = base

beforeAll(async () => {
  const engine = createGitEngine({ stateDir })
  const checkout = { run: runIdSchema.parse('R0001'), source, path: join(createTempDir(), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
  writeFiles(checkout.path, { 'a.txt': 'größer\r\n\u2028', gone: null, latin: Buffer.from([0xe4, 0x0a]), binary: Buffer.from([0, 1, 2]) })
  commit = (await engine.snapshots.capture(checkout, base, 1)).commit
})

test('a diff opened again is the same, and a copy that is not what was written is made anew', async () => {
  const made = await look('diff')
  expect(await look('reopenDiff')).toEqual(made)
  const written = readFileSync(copy())
  writeFileSync(copy(), written.toString('latin1').replace('+gr', '+GR'), 'latin1')
  expect(await look('reopenDiff')).toEqual(made)
  writeFileSync(copy(), written.subarray(0, 100))
  expect(await look('reopenDiff')).toEqual(made)
  expect(readFileSync(copy())).toEqual(written)
})

test('it needs no object of the vault any more, and what decides does not believe the copy', async () => {
  const made = await look('reopenDiff')
  for (const name of readdirSync(join(vault, 'objects'))) if (name !== 'info') rmSync(join(vault, 'objects', name), { recursive: true })
  expect(await look('reopenDiff')).toEqual(made)
  await expect(look('diff')).rejects.toMatchObject({ code: 'git.command_failed' })
  rmSync(copy())
  await expect(look('reopenDiff')).rejects.toMatchObject({ code: 'git.command_failed' })
})
