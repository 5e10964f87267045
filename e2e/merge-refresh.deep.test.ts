import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { failureForm, gateForm, mergeForm, runForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const approvedForm = runForm.extend({ approval: z.looseObject({ snapshot: z.string(), digest: z.string(), by: z.string(), at: z.string(), carriedFrom: z.looseObject({ snapshot: z.string(), digest: z.string(), by: z.string(), at: z.string() }).optional() }) })
const stoppedForm = failureForm.extend({ refreshed: z.string().optional() })

describe('an approved round whose target moved, landed in one command', () => {
  let world: World
  let api: string
  let web: string
  /** Lets a script work in both repos and approves what it made. */
  const approved = async (title: string, script: string): Promise<string> => {
    const { id } = await runScript(world, await newTask(world, title, '--repo', 'api', '--repo', 'web'), script)
    await world.call(['approve', id])
    return id
  }
  /** Requires that it stops, and that no target moves by it. */
  const stops = async (run: string): Promise<z.output<typeof stoppedForm>> => {
    const before = [git(api, 'rev-parse', 'main'), git(web, 'rev-parse', 'main')]
    const refusal = await world.ask(stoppedForm, ['merge', run, '--refresh'], 4)
    expect([git(api, 'rev-parse', 'main'), git(web, 'rev-parse', 'main')]).toEqual(before)
    return refusal
  }
  const codes = (refusal: z.output<typeof stoppedForm>): readonly string[] => (refusal.blockers ?? []).map(({ code }) => code).toSorted()

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': 'one\ntwo\nthree\nfour\nfive\n', 'readme.txt': 'api\n' })
    web = world.source('web', { 'page.txt': 'web\n' })
    await addRepo(world, 'api', api, 'calm=! grep -rq panic .')
    await addRepo(world, 'web', web)
  })
  afterAll(() => world.close())

  it('is refreshed, checked, and lands with the yes it has, which the record names', async () => {
    const run = await approved('Count on', 'echo six >> api/total.js; echo more >> web/page.txt')
    const given = (await world.ask(approvedForm, ['show', run])).approval
    const moved = humanCommits(api, 'readme.txt', 'by hand\n')
    expect(await world.ask(gateForm, ['gate', run], 4)).toMatchObject({ carries: { by: given.by, at: given.at } })
    expect((await world.call(['gate', run])).stdout).toContain(`signalbox merge ${run} --refresh`)

    const { repos } = await world.ask(mergeForm, ['merge', run, '--refresh'])
    expect(repos.map(({ repo, from }) => [repo, from])).toEqual([['api', moved], ['web', git(web, 'rev-parse', 'main~1')]])
    expect([git(api, 'show', 'main:readme.txt'), git(api, 'show', 'main:total.js'), git(web, 'show', 'main:page.txt')]).toEqual(['by hand', 'one\ntwo\nthree\nfour\nfive\nsix', 'web\nmore'])
    const { approval, snapshots, receipts } = await world.ask(approvedForm, ['show', run])
    const { snapshot, digest, by, at } = given
    expect(approval).toMatchObject({ snapshot: `${run}.s2`, digest: snapshots[1]?.digest, carriedFrom: { snapshot, digest, by, at } })
    expect(receipts.at(-1)).toMatchObject({ exitCode: 0, tree: snapshots[1]?.repos[0]?.tree })
    expect(git(api, 'log', '-1', '--format=%B', 'main')).toContain(`Signalbox-Carried-from: ${run}.s1, approved by ${by}`)
    expect((await world.call(['show', run])).stdout).toContain(`${run}.s2 by ${by}, carried over from the yes of ${by} to ${run}.s1`)
  })

  it('is made a round and no more where a check is red there; once that is over, the same command goes on', async () => {
    const run = await approved('Count back', 'echo zero > api/zero.txt')
    humanCommits(api, 'noise.txt', 'panic\n')
    const refusal = await stops(run)
    expect(refusal).toMatchObject({ refreshed: `${run}.s2`, error: { code: 'gate.blocked', message: expect.stringMatching(/s2 was made on the moved targets.*calm/), hint: expect.stringContaining(`Then: signalbox merge ${run} --refresh`) } })
    expect(codes(refusal)).toEqual(['approval_stale', 'checks_failed'])
    expect((await world.call(['merge', run, '--refresh'])).stderr).toContain('calm')
    humanCommits(api, 'noise.txt', 'calm\n')
    await world.ask(mergeForm, ['merge', run, '--refresh'])
    expect((await world.ask(approvedForm, ['show', run])).approval).toMatchObject({ snapshot: `${run}.s3`, carriedFrom: { snapshot: `${run}.s1` } })
  })

  it('waits for a new yes where the change is another one there', async () => {
    const run = await approved('Add two', 'echo a > api/a.txt; echo b > api/b.txt')
    humanCommits(api, 'a.txt', 'a\n')
    const refusal = await stops(run)
    expect(refusal).toMatchObject({ refreshed: `${run}.s2`, error: { message: expect.stringContaining(`its change is not the one of ${run}.s1`), hint: expect.stringMatching(/diff R\d+ --since R\d+\.s1\. Then: signalbox merge R\d+ --approve$/) } })
    expect(codes(refusal)).toEqual(['approval_stale'])
    // Nor is it carried over by asking again.
    expect(codes(await stops(run))).toEqual(['approval_stale'])
    await world.ask(mergeForm, ['merge', run, '--approve'])
    expect((await world.ask(approvedForm, ['show', run])).approval.carriedFrom).toBeUndefined()
  })

  it('is not touched where anything else stands in the way, or nobody approved it', async () => {
    const task = await newTask(world, 'Wait', '--repo', 'api', '--repo', 'web')
    const { id } = await runScript(world, task, 'echo later > api/later.txt')
    const moved = humanCommits(api, 'readme.txt', 'again\n')
    expect(codes(await stops(id))).toEqual(['approval_missing', 'target_moved'])
    git(api, 'reset', '--quiet', '--hard', `${moved}~1`)
    await world.call(['approve', id])
    git(api, 'reset', '--quiet', '--hard', moved)

    writeFiles(api, { 'mine.txt': 'mine\n' })
    expect(codes(await stops(id))).toEqual(['approval_stale', 'target_dirty', 'target_moved'])
    writeFiles(api, { 'mine.txt': null })
    await world.call(['task', 'edit', task, '--title', 'Wait longer'])
    expect(codes(await stops(id))).toEqual(['approval_stale', 'target_moved'])
    expect((await world.ask(gateForm, ['gate', id], 4)).carries).toBeUndefined()
    expect((await world.ask(runForm, ['show', id])).snapshots).toHaveLength(1)
    expect((await world.call(['merge', id, '--refresh', '--approve'])).exit).toBe(2)
  })

  it('does not take along what was waived: that was about the round before', async () => {
    const { id } = await runScript(world, await newTask(world, 'Panic', '--repo', 'api', '--repo', 'web'), 'echo panic > api/panic.txt')
    const waive = ['waive', id, 'checks_failed', '--because', 'it is a drill']
    await world.call(waive)
    await world.call(['approve', id])
    humanCommits(api, 'readme.txt', 'once more\n')
    const refusal = await stops(id)
    expect(codes(refusal)).toEqual(['approval_stale', 'checks_failed'])
    await world.call(waive)
    expect(codes(await stops(id))).toEqual(['approval_stale'])
    await world.ask(mergeForm, ['merge', id, '--approve'])
  })
})
