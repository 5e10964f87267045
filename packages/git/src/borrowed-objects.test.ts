import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, headOf, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { quoteFolder } from './git-dir.ts'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const repo = repoNameSchema.parse('api')
const main = branchNameSchema.parse('main')

/** A run whose agent committed, with its state in a folder of this name. */
async function startRun(name: string) {
  const path = createRepo({ 'a.txt': 'a\n' })
  const stateDir = join(createTempDir(), name)
  const engine = createGitEngine({ stateDir })
  const source = { repo, path }
  const base = oidSchema.parse(headOf(path))
  const checkout = { run: runIdSchema.parse('R0001'), source, path: join(createTempDir(), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  writeFiles(checkout.path, { 'b.txt': 'b\n' })
  run(checkout.path, 'git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--allow-empty', '-m', 'of the agent'])
  return { engine, source, base, checkout, list: join(stateDir, 'runs/R0001/git/api.git/objects/info/alternates') }
}

test.each(['plain', 'a:b', 'a"b\\c'])('what an agent commits is saved, and previews are computed, with the state in a folder called %s', async (name) => {
  const { engine, source, base, checkout } = await startRun(name)
  const saved = await engine.snapshots.capture(checkout, base, 1)
  expect(saved.missing).toEqual([])
  expect(await engine.snapshots.preview(source, { base, commit: saved.commit }, base)).toMatchObject({ kind: 'clean' })
  expect(await engine.snapshots.changedSince(checkout, saved)).toEqual([])
})

test('a run that an older version began, which put each borrowed folder in quotes, is saved like any other; one whose agent changed the list is not', async () => {
  const { engine, base, checkout, list } = await startRun('state')
  const folders = readFileSync(list, 'utf8').trim().split('\n')
  writeFileSync(list, folders.map((folder) => `${quoteFolder(folder)}\n`).join(''))
  expect(await engine.snapshots.capture(checkout, base, 1)).toMatchObject({ missing: [] })
  writeFileSync(list, `${folders.join('\n')}\n/elsewhere\n`)
  expect(await engine.snapshots.capture(checkout, base, 2)).toMatchObject({ missing: [{ path: '.git/HEAD', reason: 'unreadable' }] })
})

test('a source is read where it is now, though its path ends as that of an earlier place did', async () => {
  const path = createRepo({ 'a.txt': 'a\n' })
  const earlier = join(createTempDir(), path)
  mkdirSync(dirname(earlier), { recursive: true })
  createRepo({ 'b.txt': 'b\n' }, { path: earlier })
  const engine = createGitEngine({ stateDir: join(createTempDir(), 'state') })
  for (const place of [earlier, path]) {
    const base = oidSchema.parse(headOf(place))
    writeFiles(place, { 'new.txt': place })
    const commit = oidSchema.parse(commitAll(place, 'second'))
    expect(await engine.snapshots.isReadable({ repo, path: place }, base, commit)).toBe(true)
  }
})
