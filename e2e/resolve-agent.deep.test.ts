import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fingerprints } from './harness/compare.ts'
import { gateForm, mergeForm, runForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const form = runForm.extend({
  from: z.string().nullable(),
  ontoTarget: z.boolean(),
  delegated: z.array(z.object({ of: z.string(), run: z.string() })),
  resolving: z.looseObject({ of: z.string(), conflicts: z.array(z.object({ repo: z.string(), path: z.string() })).nullable() }).nullable(),
})

describe('conflicts that an agent settles', () => {
  let world: World
  let api: string
  let web: string
  const settle = (run: string, script: string): Promise<z.output<typeof form>> => world.ask(form, ['refresh', run, '--resolve', '--agent', 'shell', '--json', '--', 'sh', '-c', `set -e\n${script}`])
  const codes = async (run: string): Promise<readonly string[]> => (await world.ask(gateForm, ['gate', run], 4)).blockers.map(({ code }) => code)

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': 'one\ntwo\nthree\n', 'old.txt': 'x\n' })
    web = world.source('web', { 'page.txt': 'web\n' })
    await addRepo(world, 'api', api, 'whole=! grep -q "<<<<" total.js')
    await addRepo(world, 'web', web)
    await newTask(world, 'Count on', '--repo', 'api', '--repo', 'web')
    await runScript(world, 'T0001', "sed -i 's/two/TWO/' api/total.js; rm api/old.txt; echo more >> web/page.txt")
  })
  afterAll(() => world.close())

  it('are none where the round fits: it is refreshed, and nobody is started', async () => {
    humanCommits(web, 'other.txt', 'by hand\n')
    expect(await settle('R0001', 'exit 1')).toMatchObject({ id: 'R0001', delegated: [], snapshots: [{ id: 'R0001.s1' }, { id: 'R0001.s2' }] })
  })

  it('are laid out in a run of its own, whose packet names them, and are no round that lands as long as one is left', async () => {
    writeFiles(api, { 'old.txt': 'by hand\n' })
    humanCommits(api, 'total.js', 'one\n2\nthree\n')
    const kept = fingerprints([api, web])
    const run = await settle('R0001', `cat api/total.js; test "$(git -C api status --porcelain -- old.txt)" = "UD old.txt"; sed -i '/^[<|=>]\\{7\\}/d' api/total.js; cp "$SIGNALBOX_PACKET" web/packet.txt; rm web/packet.txt`)
    expect(fingerprints([api, web])).toEqual(kept)
    expect(run).toMatchObject({ id: 'R0002', outcome: 'completed', from: 'R0001.s2', ontoTarget: true, repos: [{ baseHead: git(api, 'rev-parse', 'main') }, { baseHead: git(web, 'rev-parse', 'main') }] })
    expect(run.snapshots[0]).toMatchObject({ complete: false, repos: [{ missing: [{ path: 'old.txt', reason: 'conflict_unsettled' }] }, { files: 1, missing: [] }] })
    expect(await codes('R0002')).toContain('snapshot_missing')
    expect((await world.refused('merge', 'R0002', '--approve')).blockers?.map(({ message }) => message).join()).toContain('api/old.txt (conflict unsettled)')
    const packet = readFileSync(join(world.memory, 'runs/R0002/packet.md'), 'utf8')
    expect(packet).toMatch(/Settle R0001\.s2 on moved targets[^]*Conflicts of R0001\.s2 with main in api[^]*- old\.txt\n- total\.js\n/)
    expect((await world.ask(form, ['show', 'R0001'])).delegated).toEqual([{ of: 'R0001.s2', run: 'R0002' }])
    expect((await world.call(['show', 'R0001'])).stdout).toContain('R0001.s2 in R0002')
  })

  it('may be settled to the end by hand, by the same rule', async () => {
    expect((await world.refused('seal', 'R0002')).error).toMatchObject({ code: 'refresh.conflict', message: expect.stringMatching(/: api\/old\.txt$/) })
    const { workspace } = await world.ask(form, ['show', 'R0002'])
    git(join(workspace ?? '', 'api'), 'rm', '--quiet', 'old.txt')
    expect((await world.ask(form, ['seal', 'R0002'])).snapshots[1]).toMatchObject({ id: 'R0002.s2', complete: true })
    expect(await codes('R0002')).toEqual(['approval_missing'])
  })

  it('land as any other round, settled by the agent alone', async () => {
    const run = await settle('R0001', `printf 'one\\n2 is TWO\\nthree\\n' > api/total.js; git -C api rm --quiet old.txt; git -C api commit --quiet -am settled`)
    expect(run.snapshots[0]).toMatchObject({ id: 'R0003.s1', complete: true, repos: [{ base: git(api, 'rev-parse', 'main'), files: 2 }, { files: 1 }] })
    expect(run.resolving).toBeNull()
    await world.ask(mergeForm, ['merge', 'R0003', '--approve'])
    expect([git(api, 'show', 'main:total.js'), git(api, 'ls-tree', '--name-only', 'main'), git(web, 'show', 'main:page.txt')]).toEqual(['one\n2 is TWO\nthree', 'total.js', 'web\nmore'])
    expect([git(api, 'status', '--porcelain'), git(web, 'status', '--porcelain')]).toEqual(['', ''])
  })

  it('are refused where there is nothing to merge, or no place for it', async () => {
    const task = await newTask(world, 'Count more', '--repo', 'api')
    const { id } = await runScript(world, task, 'echo four >> total.js')
    const run = async (...flags: readonly string[]): Promise<number | null> => (await world.call(['run', task, '--agent', 'shell', '--onto-target', ...flags, '--', 'true'])).exit
    expect(await run()).toBe(2)
    expect(await run('--from', `${id}.s1`, '--isolation', 'linked')).toBe(2)
    expect((await world.call(['refresh', id, '--agent', 'shell', '--', 'true'])).exit).toBe(2)
    const lacking = await runScript(world, task, 'echo five >> total.js; git init --quiet inner; echo x > inner/x; git -C inner add x; git -C inner -c user.name=a -c user.email=a@b commit --quiet -m x')
    expect(await run('--from', `${lacking.id}.s1`)).toBe(4)
    await world.ask(mergeForm, ['merge', id, '--approve'])
    await world.call(['task', 'edit', task, '--status', 'ready'])
    expect(await run('--from', `${id}.s1`)).toBe(4)
  })
})
