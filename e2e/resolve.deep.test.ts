import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fingerprints } from './harness/compare.ts'
import { gateForm, interdiffForm, mergeForm, runForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const resolvingForm = runForm.extend({ resolving: z.object({ of: z.string(), repos: z.array(z.looseObject({ repo: z.string(), base: z.string(), path: z.string() })), conflicts: z.array(z.object({ repo: z.string(), path: z.string() })).nullable() }).nullable() })

describe('conflicts with a target that moved', () => {
  let world: World
  let api: string
  let web: string
  let workspace: string
  const inWorkspace = (repo: string, path: string): string => readFileSync(join(workspace, repo, path), 'utf8')

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': 'one\ntwo\nthree\n', 'old.txt': 'x\n', '.gitignore': 'deps/\n' })
    web = world.source('web', { 'page.txt': 'web\n', 'other.txt': 'other\n' })
    await addRepo(world, 'api', api, 'whole=! grep -q "<<<<" total.js')
    await addRepo(world, 'web', web)
    await newTask(world, 'Count on', '--repo', 'api', '--repo', 'web')
    const run = await runScript(world, 'T0001', "sed -i 's/two/TWO/' api/total.js; rm api/old.txt; mkdir api/deps; echo installed > api/deps/lib; echo more >> web/page.txt")
    workspace = run.workspace ?? ''
    writeFiles(api, { 'old.txt': 'by hand\n' })
    humanCommits(api, 'total.js', 'one\n2\nthree\n')
    humanCommits(web, 'other.txt', 'by hand\n')
  })
  afterAll(() => world.close())

  it('are told with a way to settle them', async () => {
    const { blockers } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect(blockers.find(({ code }) => code === 'merge_conflict')).toMatchObject({ repo: 'api', remedy: { command: 'signalbox refresh R0001 --resolve' } })
    expect((await world.refused('refresh', 'R0001')).error).toMatchObject({ code: 'refresh.conflict', hint: expect.stringContaining('signalbox refresh R0001 --resolve') })
  })

  it('are not brought into a workspace with work in it that is in no round', async () => {
    writeFiles(join(workspace, 'api'), { 'later.txt': 'later\n' })
    expect((await world.refused('refresh', 'R0001', '--resolve')).error).toMatchObject({ code: 'workspace.changed', message: expect.stringContaining('api/later.txt') })
    writeFiles(join(workspace, 'api'), { 'later.txt': null })
  })

  it('are laid out in the workspace, on the targets as they are now; no target moves, and there is no new round yet', async () => {
    const kept = fingerprints([api, web])
    const run = await world.ask(resolvingForm, ['refresh', 'R0001', '--resolve'])
    expect(fingerprints([api, web])).toEqual(kept)
    expect(run.snapshots).toHaveLength(1)
    expect(run.resolving).toMatchObject({ of: 'R0001.s1', repos: [{ repo: 'api', base: git(api, 'rev-parse', 'main'), path: join(workspace, 'api') }, { repo: 'web' }], conflicts: [{ repo: 'api', path: 'old.txt' }, { repo: 'api', path: 'total.js' }] })
    expect(inWorkspace('api', 'total.js')).toMatch(/^one\n<<<<<<< main\n2\n\|{7} .*\ntwo\n=======\nTWO\n>>>>>>> R0001\.s1\nthree\n$/)
    expect([inWorkspace('web', 'page.txt'), inWorkspace('web', 'other.txt'), inWorkspace('api', 'deps/lib')]).toEqual(['web\nmore\n', 'by hand\n', 'installed\n'])
    expect((await world.call(['show', 'R0001'])).stdout).toContain(`To settle\n  ${join(workspace, 'api')}/old.txt\n  ${join(workspace, 'api')}/total.js`)
  })

  it('are not sealed before they are settled, and each that is not is named', async () => {
    expect((await world.refused('seal', 'R0001')).error).toMatchObject({ code: 'refresh.conflict', message: expect.stringMatching(/api\/old\.txt, api\/total\.js$/) })
    writeFiles(join(workspace, 'api'), { 'total.js': 'one\n2 is TWO\nthree\n' })
    expect((await world.refused('seal', 'R0001')).error.message).toMatch(/: api\/old\.txt$/)
    expect((await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.find(({ code }) => code === 'merge_conflict')?.remedy).toMatchObject({ command: 'signalbox seal R0001' })
    // Neither asking again nor a plain refresh takes anything away.
    await world.ask(resolvingForm, ['refresh', 'R0001', '--resolve'])
    expect((await world.refused('refresh', 'R0001')).error.code).toBe('refresh.conflict')
    expect(inWorkspace('api', 'total.js')).toBe('one\n2 is TWO\nthree\n')
  })

  it('become the next round on the new base, which shows what was settled, and lands', async () => {
    git(join(workspace, 'api'), 'rm', '--quiet', 'old.txt')
    const run = await world.ask(resolvingForm, ['seal', 'R0001'])
    expect(run.resolving).toBeNull()
    expect(run.snapshots[1]).toMatchObject({ id: 'R0001.s2', complete: true, repos: [{ repo: 'api', base: git(api, 'rev-parse', 'main'), files: 2 }, { repo: 'web', base: git(web, 'rev-parse', 'main'), files: 1 }] })
    expect(run.receipts.at(-1)).toMatchObject({ exitCode: 0, tree: run.snapshots[1]?.repos[0]?.tree })
    const { repos, since } = await world.ask(interdiffForm, ['diff', 'R0001', '--since', 's1'])
    expect(since.repos.find(({ repo }) => repo === 'api')?.conflicts).toEqual(['old.txt', 'total.js'])
    expect(repos.find(({ repo }) => repo === 'api')?.patch).toContain('+2 is TWO')
    expect((await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    expect(git(api, 'show', 'main:total.js')).toBe('one\n2 is TWO\nthree')
    expect(git(api, 'ls-tree', '--name-only', 'main').split('\n')).toEqual(['.gitignore', 'total.js'])
    expect(git(web, 'show', 'main:page.txt')).toBe('web\nmore')
    expect([git(api, 'status', '--porcelain'), git(web, 'status', '--porcelain')]).toEqual(['', ''])
  })

  it('leaves a workspace that is sealed again on that base, and is none to be kept', async () => {
    expect((await world.call(['doctor'])).exit).toBe(0)
    expect((await world.call(['clean', '--dry-run', 'R0001', '--json'])).stdout).toContain('would_remove')
  })
})
