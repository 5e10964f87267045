import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gateForm, mergeForm, runForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const before = 'export const total = (cents) => Math.floor(cents)\nexport const tax = (cents) => cents\n'
const fixed = before.replace('Math.floor(cents)', 'Math.round(cents)')

/** The agent writes a file from an old view of it, and adds to it what its task asks. */
describe('work that takes back what somebody landed', () => {
  let world: World
  let api: string
  let fix: string
  const stale = `printf '%s' '${before.replace('=> cents\n', '=> cents * 0.19\n')}' > total.js`

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': before })
    await addRepo(world, 'api', api)
    fix = humanCommits(api, 'total.js', fixed)
    await newTask(world, 'Add the tax', '--repo', 'api')
    await runScript(world, 'T0001', stale)
  })
  afterAll(() => world.close())

  it('is blocked, and the reason names the path, the commit and its subject', async () => {
    const { blockers } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect(blockers.map(({ code }) => code)).toEqual(['reverts_landed_work', 'approval_missing'])
    const subject = git(api, 'log', '-1', '--format=%s', fix)
    expect(blockers[0]).toMatchObject({ repo: 'api', message: `api takes back landed work: total.js undoes ${fix.slice(0, 10)} (${subject})`, data: { paths: ['total.js'], reverts: [{ path: 'total.js', commit: fix, subject, whole: false }] } })
    expect((await world.refused('approve', 'R0001')).error.code).toBe('gate.blocked')
    expect((await world.refused('merge', 'R0001', '--approve')).error.code).toBe('gate.blocked')
    expect(git(api, 'rev-parse', 'main')).toBe(fix)
  })

  it('is waived by a human who means to take it back, for this round alone', async () => {
    await world.call(['waive', 'R0001', 'reverts_landed_work', '--because', 'the fix broke the totals'])
    expect(await world.ask(gateForm, ['gate', 'R0001'], 4)).toMatchObject({ blockers: [{ code: 'approval_missing' }], waived: [{ code: 'reverts_landed_work', because: 'the fix broke the totals' }] })
  })

  it('lands once the newer content is back, as the remedy says', async () => {
    const { workspace } = await world.ask(runForm, ['show', 'R0001'])
    const merged = fixed.replace('=> cents\n', '=> cents * 0.19\n')
    writeFiles(join(workspace ?? '', 'api'), { 'total.js': merged })
    await world.ask(runForm, ['seal', 'R0001'])
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    expect(git(api, 'show', 'main:total.js')).toBe(merged.trimEnd())
  })
})
