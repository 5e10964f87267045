import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const run = runIdSchema.parse('R0007')
const nothing = { changed: [], missing: [], refs: [], ignored: [] }

/** A run with a round, in a state folder laid out as the control plane does it. */
async function sealed() {
  const path = createRepo({ 'a.txt': 'a\n', '.gitignore': 'build/\n' })
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const workspace = join(stateDir, 'workspaces', run)
  const checkout = { run, source: { repo: repoNameSchema.parse('api'), path }, path: join(workspace, 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
  writeFiles(checkout.path, { 'a.txt': 'one\n', 'build/x': 'x' })
  commitAll(checkout.path, 'of the agent')
  writeFiles(checkout.path, { 'b.txt': 'two\n' })
  const { commit } = await engine.snapshots.capture(checkout, base, 1)
  return { path, stateDir, engine, base, commit, checkout, work: checkout.path, workspace, find: () => engine.snapshots.findUnsaved(checkout, { base, commit }) }
}

describe('what would be lost with a checkout', () => {
  test('is nothing after a seal, but for ignored files', async () => {
    const { find } = await sealed()
    expect(await find()).toEqual({ ...nothing, ignored: ['build/'] })
  })

  test.each<[string, (work: string) => void, object]>([
    ['an edit', (work) => writeFiles(work, { 'a.txt': 'late\n' }), { changed: ['a.txt'] }],
    ['a commit of what was sealed', (work) => void commitAll(work, 'late'), { refs: ['HEAD', 'refs/heads/signalbox/r0007'] }],
    ['a packed branch', (work) => {
      raw(work, 'checkout', '--quiet', '-b', 'aside')
      raw(work, 'commit', '--quiet', '--allow-empty', '-m', 'aside')
      raw(work, 'checkout', '--quiet', 'signalbox/r0007')
      raw(work, 'pack-refs', '--all')
    }, { refs: ['refs/heads/aside'] }],
    ['a stash', (work) => {
      raw(work, 'add', '.')
      raw(work, 'stash', '--quiet')
      raw(work, 'stash', 'apply', '--quiet')
    }, { refs: ['refs/stash'] }],
    ['a detached commit in a worktree that the agent added', (work) => {
      const added = join(createTempDir(), 'added')
      raw(work, 'worktree', 'add', '--quiet', '--detach', added)
      writeFiles(added, { 'only.txt': 'here\n' })
      commitAll(added, 'only here')
    }, { refs: ['worktrees/added/HEAD'] }],
    ['what a bisect keeps', (work) => raw(work, 'update-ref', 'refs/bisect/bad', raw(work, 'commit-tree', '-m', 'lonely', 'HEAD^{tree}')), { refs: ['worktrees/checkout/refs/bisect/bad'] }],
    ['a repository inside', (work) => void createRepo({ x: 'x' }, { path: join(work, 'inner') }), { missing: [{ path: 'inner', reason: 'nested_repository' }] }],
    ['nothing where a branch of the base was made', (work) => raw(work, 'branch', 'again', 'main'), {}],
  ])('is named: %s', async (_name, change, found) => {
    const { find, work } = await sealed()
    change(work)
    expect(await find()).toEqual({ ...nothing, ignored: ['build/'], ...found })
  })

  test('is unknown where a ref cannot be read or a link lies in the place of the checkout', async () => {
    const { find, stateDir, work } = await sealed()
    writeFileSync(join(stateDir, 'runs/R0007/git/api.git/refs/heads/odd'), 'no object id\n')
    await expect(find()).rejects.toMatchObject({ message: expect.stringContaining('refs/heads/odd') })
    const other = await sealed()
    await other.engine.workspaces.discard(run, other.workspace, [])
    mkdirSync(other.workspace)
    symlinkSync(work, other.work)
    await expect(other.find()).rejects.toMatchObject({ code: 'disk.unwritable' })
  })
})

describe('discard', () => {
  test('takes all of the workspace at once, deletes it later, and leaves source and snapshot', async () => {
    const { engine, path, stateDir, workspace, base, commit, checkout, find } = await sealed()
    const before = fingerprint(path)
    await engine.workspaces.discard(run, workspace, [])
    expect([existsSync(workspace), engine.workspaces.hasLeftovers(run), engine.workspaces.countTrash()]).toEqual([false, false, 2])
    await engine.workspaces.emptyTrash()
    expect([readdirSync(join(stateDir, 'trash')), fingerprint(path), await find()]).toEqual([[], before, nothing])
    expect((await engine.snapshots.diff(checkout.source, base, commit)).files.map((file) => file.path)).toEqual(['a.txt', 'b.txt'])
    await engine.workspaces.discard(run, workspace, [])
  })

  test('moves nothing that lies behind a link', async () => {
    const { engine, stateDir, workspace } = await sealed()
    const human = createTempDir('human')
    writeFiles(human, { 'R0007/api/mine.txt': 'mine\n', 'git/api.git/HEAD': 'ref: refs/heads/main\n' })
    await engine.workspaces.discard(run, workspace, [])
    for (const folder of ['workspaces', 'runs/R0008']) {
      writeFiles(stateDir, { [folder]: null })
      symlinkSync(human, join(stateDir, folder))
    }
    await expect(engine.workspaces.discard(run, workspace, [])).rejects.toMatchObject({ code: 'disk.unwritable', message: expect.stringContaining('link') })
    await expect(engine.workspaces.discard(runIdSchema.parse('R0008'), join(stateDir, 'nowhere'), [])).rejects.toMatchObject({ code: 'disk.unwritable' })
    expect(readdirSync(human).toSorted()).toEqual(['R0007', 'git'])
  })
})
