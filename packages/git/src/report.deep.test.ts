import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { createRepo, createTempDir, git as raw, removeTempDirs, run as sh, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'
import type { CapturedRepo } from './save-tree.ts'

afterAll(removeTempDirs)

async function begin() {
  const path = createRepo({ '.gitignore': '*.log\nold/\n', 'a.txt': 'a\n', 'b.txt': 'b\n', 'deep/.gitignore': '/gen\n', 'deep/c.txt': 'c\n' })
  const engine = createGitEngine({ stateDir: createTempDir('state') })
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run: runIdSchema.parse('R0001'), source: { repo: repoNameSchema.parse('api'), path }, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
  return { work: checkout.path, capture: (number = 1): Promise<CapturedRepo> => engine.snapshots.capture(checkout, base, number) }
}

describe('what is reported of a capture though nothing is missing', () => {
  test('is nothing of what was ignored before, and nothing where all is saved', async () => {
    const { work, capture } = await begin()
    writeFiles(work, { 'x.log': 'x', 'old/y': 'y', 'deep/gen': 'z', 'a.txt': 'edited\n' })
    expect(await capture()).toMatchObject({ files: 1, missing: [] })
    expect(await capture(2)).not.toHaveProperty('reported')
  })

  test('are files that ignore rules of the run hide, and no others', async () => {
    const { work, capture } = await begin()
    writeFiles(work, { '.gitignore': '*.log\nold/\nbuild/\n*.key\n', 'deep/.gitignore': '/gen\n/made\n', 'x.log': 'x', 'old/y': 'y', 'deep/gen': 'z', 'deep/made': 'm', 'build/out': 'o', 'server.key': 'k', 'forced.key': 'f' })
    sh(work, 'git', ['add', '-f', 'forced.key'])
    const captured = await capture()
    expect(captured).toMatchObject({ files: 3, missing: [], reported: [{ reason: 'newly_ignored', paths: ['build/', 'deep/made', 'server.key'], more: 0 }] })
  })

  test('names some, and counts the rest', async () => {
    const { work, capture } = await begin()
    writeFiles(work, { '.gitignore': '*.tmp\n', ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}.tmp`, 'x'])) })
    const [one] = (await capture()).reported ?? []
    expect([one?.paths.length, one?.more]).toEqual([20, 10])
  })

  test('are files that the workspace leaves out on purpose, and large ones', async () => {
    const { work, capture } = await begin()
    sh(work, 'sh', ['-c', 'git update-index --skip-worktree b.txt && rm b.txt'])
    mkdirSync(join(work, 'big'))
    writeFileSync(join(work, 'big/data'), '')
    truncateSync(join(work, 'big/data'), 50 * 1024 * 1024)
    const captured = await capture()
    expect(captured).toMatchObject({ files: 1, missing: [], reported: [{ reason: 'sparse', paths: ['b.txt'] }, { reason: 'large', paths: ['big/data'] }] })
  })
})
