import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, type Oid } from '@signalbox/core'
import { programsHere } from '@signalbox/programs'
import { commitAll, createRepo, createTempDir, git as raw, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const main = branchNameSchema.parse('main')
const run = runIdSchema.parse('R0001')

/** An engine, and which of the git processes that it starts have the disk write down what they wrote. */
function createWatched() {
  const traces = createTempDir('traces')
  let count = 0
  let seen = 0
  const engine = createGitEngine({
    stateDir: createTempDir('state'),
    runProgram: (call) => programsHere.run({ ...call, env: { ...call.env, GIT_TRACE2_EVENT: join(traces, `${(count += 1).toString().padStart(4, '0')}-${call.args[0]}`) } }),
  })
  const flushedBy = (name: string): boolean => /"category":"fsync".*hardware-flush/.test(readFileSync(join(traces, name), 'utf8'))
  return {
    engine,
    /** Names the commands that did since the last call. */
    takeFlushes: (): readonly string[] => {
      const found = readdirSync(traces).toSorted().filter((name) => Number(name.slice(0, 4)) > seen && flushedBy(name))
      seen = count
      return [...new Set(found.map((name) => name.slice(5)))]
    },
  }
}

const oidOf = (path: string, name: string): Oid => oidSchema.parse(raw(path, 'rev-parse', name))

test('what rounds and landings are made of is on disk before a record names it, and no look that is thrown away waits for the disk', async () => {
  const path = createRepo({ 'a.txt': 'a\n' })
  const source = { repo: repoNameSchema.parse('api'), path }
  const base = oidOf(path, 'HEAD')
  const checkout = { run, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  const { engine, takeFlushes } = createWatched()
  await engine.workspaces.create(checkout, base, main)
  takeFlushes()

  writeFiles(checkout.path, { 'dir/b.txt': 'b\n', 'c.txt': 'c\n' })
  await engine.snapshots.findUnsaved(checkout, { base, commit: base })
  expect(takeFlushes()).toEqual([])
  const round = await engine.snapshots.capture(checkout, base, 1)
  expect(takeFlushes()).toEqual(['add', 'write-tree'])

  writeFiles(path, { 'dir/mine.txt': 'm\n' })
  const onto = oidSchema.parse(commitAll(path, 'moved'))
  expect((await engine.sources.readTarget(source, main, { base, commit: round.commit })).conflicts).toEqual([])
  expect(takeFlushes()).toEqual([])
  const refreshed = await engine.snapshots.refresh(source, run, 2, { base, commit: round.commit }, onto)
  expect(takeFlushes()).toEqual(['commit-tree', 'merge-tree'])

  if (refreshed.kind === 'conflict') throw new Error('they do not conflict')
  const { commit, tree } = refreshed.captured
  const file = { write: async () => {} }
  const repos = await engine.landing.prepare(run, [{ source, branch: main, base: onto, snapshotCommit: commit, tree }], { message: 'm', strategy: 'squash' })
  expect(takeFlushes()).toEqual(['pack-objects', 'update-ref'])
  const journal = { format: 1 as const, run, kind: 'merge' as const, owner: { pid: process.pid, startTime: '0', bootId: 'boot' }, tag: 'durability', repos: [...repos] }
  const landed = await engine.landing.publish(journal, file)
  expect([landed.state, takeFlushes()]).toEqual(['done', ['merge']])
  const undone = await engine.landing.undo({ ...journal, kind: 'undo', repos: [...landed.repos] }, file)
  expect([undone.state, takeFlushes()]).toEqual(['undone', ['checkout']])
})
