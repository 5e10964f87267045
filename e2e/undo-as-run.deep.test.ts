import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fingerprints } from './harness/compare.ts'
import { diffForm, gateForm, handoffForm, mergeForm, runForm, taskForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const preparedForm = z.looseObject({ format: z.literal(1), state: z.literal('prepared'), run: z.string(), repos: z.array(z.never()) })

describe('a landing that was built on', () => {
  let world: World
  let api: string
  let web: string
  const before = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n'

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': before, 'old.txt': 'old name, and a few lines\nto tell it by\n' })
    web = world.source('web', { 'page.txt': 'web\n' })
    await addRepo(world, 'api', api, 'there=test -f total.js')
    await addRepo(world, 'web', web)
    await newTask(world, 'Count on', '--repo', 'api', '--repo', 'web')
    await runScript(world, 'T0001', "sed -i 's/one/ONE, said out loud and at length/' api/total.js; git -C api mv old.txt new.txt")
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    humanCommits(api, 'total.js', git(api, 'show', 'main:total.js').replace('eight', 'EIGHT') + '\n')
  })
  afterAll(() => world.close())

  it('is not undone, and the refusal names the way there is', async () => {
    const kept = fingerprints([api, web])
    const { error } = await world.refused('undo', 'R0001')
    expect(error).toMatchObject({ code: 'undo.refused', hint: expect.stringContaining('signalbox undo R0001 --as-run') })
    expect(fingerprints([api, web])).toEqual(kept)
  })

  it('is taken back by a run of its own, which moves nothing yet and keeps what was built on top', async () => {
    const kept = fingerprints([api, web])
    expect(await world.ask(preparedForm, ['undo', 'R0001', '--as-run'])).toMatchObject({ run: 'R0002' })
    expect(fingerprints([api, web])).toEqual(kept)
    const run = await world.ask(runForm, ['show', 'R0002'])
    expect(run).toMatchObject({ task: 'T0001', state: 'ended', outcome: 'completed', workspace: null, takesBack: { run: 'R0001' }, receipts: [{ name: 'there', exitCode: 0 }] })
    expect(run.snapshots).toMatchObject([{ id: 'R0002.s1', kind: 'round', repos: [{ repo: 'api', base: git(api, 'rev-parse', 'main'), files: 2, insertions: 1, deletions: 1 }, { repo: 'web', files: 0 }] }])
    expect((await world.ask(taskForm, ['task', 'show', 'T0001'])).status).toBe('review')
    const { repos } = await world.ask(diffForm, ['diff', 'R0002', '--repo', 'api'])
    expect(repos[0]?.patch).toContain('rename to old.txt')
  })

  it('is asked for again without making another one', async () => {
    expect(await world.ask(preparedForm, ['undo', 'R0001', '--as-run'])).toMatchObject({ run: 'R0002' })
    expect((await world.ask(runForm, ['show', 'R0001'])).merge).toMatchObject({ state: 'merged', reverts: [{ run: 'R0002', merge: 'none' }] })
  })

  it('meets the same gate, which does not take what it declares for an accident', async () => {
    expect((await world.ask(gateForm, ['gate', 'R0002'], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
    const handoff = await world.ask(handoffForm, ['handoff', 'show', (await world.ask(runForm, ['show', 'R0002'])).handoff ?? ''])
    expect(handoff).toMatchObject({ run: 'R0002', what: expect.stringContaining('take back what R0001 landed'), evidence: { changed: [{ repo: 'api' }] } })
  })

  it('lands as a commit that says what it takes back; both runs and the task tell of it', async () => {
    await world.ask(mergeForm, ['merge', 'R0002', '--approve'])
    expect(git(api, 'show', 'main:total.js')).toBe(before.replace('eight', 'EIGHT').trimEnd())
    expect(git(api, 'ls-tree', '--name-only', 'main').split('\n')).toEqual(['old.txt', 'total.js'])
    expect(git(api, 'status', '--porcelain')).toBe('')
    expect(git(api, 'log', '-1', '--format=%B', 'main')).toMatch(/^Take back Count on \(T0001\)\n\nThis takes back what R0001 landed:\n[0-9a-f]{40} on main of api\n/)
    const first = await world.ask(runForm, ['show', 'R0001'])
    expect(first.merge).toMatchObject({ state: 'merged', because: expect.stringContaining('R0002 took it back'), reverts: [{ run: 'R0002', merge: 'merged' }] })
    expect((await world.ask(taskForm, ['task', 'show', 'T0001'])).status).toBe('ready')
    expect((await world.refused('undo', 'R0001', '--as-run')).error).toMatchObject({ code: 'undo.refused', message: expect.stringContaining('R0002') })
  })

  it('is not said to be there to take back any more, wherever it was', async () => {
    const noUndo = expect.not.stringContaining('undo')
    expect((await world.refused('undo', 'R0001')).error).toMatchObject({ code: 'undo.refused', message: 'R0002 took back what R0001 landed', hint: noUndo })
    for (const words of [['merge', 'R0001'], ['resume', 'R0001'], ['refresh', 'R0001']]) {
      expect((await world.refused(...words)).error).toMatchObject({ code: 'run.already_merged', message: expect.stringMatching(/, and R0002 took it back$/), hint: noUndo })
    }
  })

  it('still stands once the run that took it back is undone', async () => {
    await world.ask(mergeForm, ['undo', 'R0002'])
    expect((await world.ask(runForm, ['show', 'R0001'])).merge).toMatchObject({ reverts: [{ run: 'R0002', merge: 'undone' }] })
    expect((await world.ask(taskForm, ['task', 'show', 'T0001'])).status).toBe('review')
    await world.ask(runForm, ['reject', 'R0002'])
    expect((await world.ask(taskForm, ['task', 'show', 'T0001'])).status).toBe('done')
  })

  it('holds all of it where what was built on top stands in the same places, and is settled there like any conflict', async () => {
    const built = humanCommits(api, 'total.js', 'all new\n')
    expect(await world.ask(preparedForm, ['undo', 'R0001', '--as-run'])).toMatchObject({ run: 'R0003' })
    const { blockers } = await world.ask(gateForm, ['gate', 'R0003'], 4)
    expect(blockers.find(({ code }) => code === 'merge_conflict')).toMatchObject({ repo: 'api', data: { paths: ['total.js'] }, remedy: { command: 'signalbox refresh R0003 --resolve' } })
    const { workspace } = await world.ask(runForm, ['refresh', 'R0003', '--resolve'])
    writeFiles(join(workspace ?? '', 'api'), { 'total.js': 'all new, without it\n' })
    await world.ask(runForm, ['seal', 'R0003'])
    expect((await world.ask(gateForm, ['gate', 'R0003'], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
    await world.ask(mergeForm, ['merge', 'R0003', '--approve'])
    expect(git(api, 'rev-parse', 'main^')).toBe(built)
    expect(git(api, 'show', 'main:total.js')).toBe('all new, without it')
    expect(git(api, 'ls-tree', '--name-only', 'main').split('\n')).toEqual(['old.txt', 'total.js'])
    expect((await world.ask(runForm, ['show', 'R0001'])).merge).toMatchObject({ because: expect.stringContaining('R0003 took it back') })
    expect((await world.call(['doctor'])).exit).toBe(0)
  })

  it('is gone on with from there, on the targets as they are', async () => {
    expect(await world.ask(runForm, ['run', 'T0001', '--from', 'R0001.s1', '--onto-target', '--agent', 'shell', '--json', '--', 'sh', '-c', 'echo settled > api/total.js'])).toMatchObject({ id: 'R0004', outcome: 'completed' })
    const { blockers } = await world.ask(gateForm, ['gate', 'R0004'], 4)
    expect(blockers.map(({ code }) => code)).toEqual(['reverts_landed_work', 'approval_missing'])
    await world.signalbox(['waive', 'R0004', 'reverts_landed_work', '--because', 'it is to come back'])
    await world.ask(mergeForm, ['merge', 'R0004', '--approve'])
    expect(git(api, 'show', 'main:total.js')).toBe('settled')
    expect(git(api, 'ls-tree', '--name-only', 'main').split('\n')).toEqual(['new.txt', 'total.js'])
  })
})
