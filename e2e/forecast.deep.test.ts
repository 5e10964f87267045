import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { git, run as execute } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { fingerprints } from './harness/compare.ts'
import { forecastForm, mergeForm, runForm } from './harness/contract.ts'
import { findFile } from './harness/find-files.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const lines = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n'

/**
 * R0001 edits the first line of api; R0002 the first and the last, which makes it collide with both others; R0003, approved,
 * the last; R0004 only web. R0005 was rejected.
 */
describe('the forecast of open runs', () => {
  let world: World
  let api: string
  let web: string
  const forecast = (): Promise<z.output<typeof forecastForm>> => world.ask(forecastForm, ['forecast'])
  const namesOf = async (): Promise<readonly string[]> => (await forecast()).order.map(({ run, lands }) => `${lands ? '' : 'not '}${run}`)

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'lines.txt': lines })
    web = world.source('web', { 'page.txt': 'web\n' })
    await addRepo(world, 'api', api)
    await addRepo(world, 'web', web)
    const scripts = [
      ['First', 'api', "sed -i '1s/$/, first/' lines.txt"],
      ['Both', 'api', "sed -i -e '1s/$/, both/' -e '9s/$/, both/' lines.txt"],
      ['Last', 'api', "sed -i '9s/$/, last/' lines.txt"],
      ['Web', 'web', 'echo more >> page.txt'],
      ['Rejected', 'web', 'echo rejected > page.txt'],
    ] as const
    for (const [title, repo] of scripts) await newTask(world, title, '--repo', repo)
    for (const [index, [, , script]] of scripts.entries()) await runScript(world, `T000${index + 1}`, script)
    await world.call(['approve', 'R0003'])
    await world.call(['reject', 'R0005'])
  })
  afterAll(() => world.close())

  it('lands the most: what collides with least comes first, approved before older, and each says why', async () => {
    const before = fingerprints([api, web])
    const objects = countObjects(world.state)
    const { order, waiting } = await forecast()
    expect(order.map(({ run, standing, lands, refreshAfter }) => ({ run, standing, lands, refreshAfter }))).toEqual([
      { run: 'R0004', standing: 'approvable', lands: true, refreshAfter: [] },
      { run: 'R0003', standing: 'approved', lands: true, refreshAfter: [] },
      { run: 'R0001', standing: 'approvable', lands: true, refreshAfter: ['R0003'] },
      { run: 'R0002', standing: 'approvable', lands: false, refreshAfter: [] },
    ])
    expect(order[3]?.collisions).toEqual([
      { after: 'R0003', repo: 'api', paths: ['lines.txt'], because: null },
      { after: 'R0001', repo: 'api', paths: ['lines.txt'], because: null },
    ])
    expect(order[0]?.targets).toEqual([{ repo: 'web', branch: 'main', state: 'in_place', paths: [], because: null }])
    expect(waiting).toEqual([])
    expect(fingerprints([api, web])).toEqual(before)
    expect(countObjects(world.state)).toBe(objects)
  })

  it('in text says the same, with the next command', async () => {
    const { exit, stdout, stderr } = await world.call(['forecast'])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '→ signalbox gate R0004\n' })
    for (const text of ['1. R0004 T0004  Web', 'It is refreshed after R0003', '✗ R0002', 'It conflicts after R0003 in api: lines.txt']) expect(stdout).toContain(text)
  })

  it('names a run that still runs as one nothing can be said of, and what a moved target conflicts with', async () => {
    const running = await world.ask(runForm, ['run', 'T0005', '--detach', '--agent', 'shell', '--json', '--', 'sh', '-c', 'while :; do sleep 0.1; done'])
    humanCommits(api, 'lines.txt', lines.replace('nine', 'nine, by hand'))
    const { order, waiting } = await forecast()
    expect(waiting).toEqual([{ run: running.id, task: 'T0005', because: 'Nothing is sealed yet' }])
    await world.ask(runForm, ['cancel', running.id])
    await world.call(['reject', running.id])
    expect(order.map(({ run, lands, refresh, standing }) => ({ run, lands, refresh, standing }))).toEqual([
      { run: 'R0001', lands: true, refresh: true, standing: 'approvable' },
      { run: 'R0004', lands: true, refresh: false, standing: 'approvable' },
      { run: 'R0003', lands: false, refresh: false, standing: 'approved' },
      { run: 'R0002', lands: false, refresh: false, standing: 'approvable' },
    ])
    expect(order[2]?.targets).toMatchObject([{ state: 'conflict', paths: ['lines.txt'] }])
  })

  it('is borne out by the landings themselves, and forgets what has landed or whose task is done', async () => {
    await world.ask(runForm, ['refresh', 'R0001'])
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    await world.ask(mergeForm, ['merge', 'R0004', '--approve'])
    expect((await world.refused('refresh', 'R0002')).error.code).toBe('refresh.conflict')
    await world.call(['task', 'edit', 'T0003', '--status', 'dropped'])
    expect(await namesOf()).toEqual(['not R0002'])
  })

  it('says of what it could not look at that nobody knows, and takes it for no landing', async () => {
    git(api, 'reset', '--quiet', '--hard', 'main~2')
    await newTask(world, 'Third', '--repo', 'api')
    await runScript(world, 'T0006', "sed -i '5s/$/, third/' lines.txt")
    expect(await namesOf()).toEqual(['R0002', 'R0007'])
    // By hand: the older one is to build on the later.
    const file = findFile(world.memory, /^tasks\/T0002-/)
    writeFileSync(file, readFileSync(file, 'utf8').replace('\n---\n', '\ndepends_on: [T0006]\n---\n'))
    expect(await namesOf()).toEqual(['R0007', 'R0002'])
    expect((await world.call(['forecast'])).stdout).toContain('It lands after R0007, for T0002 depends on T0006')
    const { snapshots } = await world.ask(runForm, ['show', 'R0002'])
    const commit = snapshots.at(-1)?.repos[0]?.commit ?? ''
    rmSync(findFile(world.state, new RegExp(`/vaults/api\\.git/objects/${commit.slice(0, 2)}/${commit.slice(2)}$`)))
    const { order } = await forecast()
    expect(order.map(({ run, lands, standing }) => ({ run, lands, standing }))).toEqual([
      { run: 'R0007', lands: true, standing: 'approvable' },
      { run: 'R0002', lands: false, standing: 'blocked' },
    ])
    expect(order[1]).toMatchObject({ because: expect.arrayContaining([expect.stringContaining('cannot be read')]), targets: [{ state: 'unknown', because: 'what it changes cannot be read' }], collisions: [] })
  })
})

function countObjects(folder: string): number {
  return execute(folder, 'find', ['.', '-path', '*/objects/*', '-type', 'f']).split('\n').length
}
