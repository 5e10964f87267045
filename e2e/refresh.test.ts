import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprints, type Fingerprints } from './harness/compare.ts'
import { diffForm, gateForm, mergeForm, runForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

describe('a target that moved after the approval', () => {
  let world: World
  let api: string
  let web: string
  let patch: string
  const codesOf = async (run: string): Promise<readonly string[]> => ((await world.refused('merge', run)).blockers ?? []).map(({ code }) => code).toSorted()

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': 'one\ntwo\nthree\nfour\nfive\n', 'readme.txt': 'api\n' })
    web = world.source('web', { 'page.txt': 'web\n' })
    await addRepo(world, 'api', api, 'five=grep -q five total.js')
    await addRepo(world, 'web', web)
    await newTask(world, 'Count on', '--repo', 'api', '--repo', 'web')
    await runScript(world, 'T0001', 'echo six >> api/total.js; echo more >> web/page.txt')
    patch = (await world.call(['diff', 'R0001', '--repo', 'api'])).stdout
    await world.call(['approve', 'R0001'])
    humanCommits(api, 'readme.txt', 'api, by hand\n')
  })
  afterAll(() => world.close())

  it('stops the merge and voids the approval', async () => {
    expect(await codesOf('R0001')).toEqual(['approval_stale', 'target_moved'])
  })

  it('refresh makes a new round on the new tip, with the same change and checks of its own', async () => {
    const before = fingerprints([api, web])
    const run = await world.ask(runForm, ['refresh', 'R0001'])
    expect(fingerprints([api, web])).toEqual(before)
    const [first, second] = run.snapshots
    expect(second).toMatchObject({ id: 'R0001.s2', kind: 'round', complete: true, repos: [{ repo: 'api', base: git(api, 'rev-parse', 'main'), files: 1, insertions: 1, deletions: 0 }, { repo: 'web' }] })
    expect(second?.repos[1]).toMatchObject({ base: first?.repos[1]?.base, tree: first?.repos[1]?.tree })
    expect(second?.digest).not.toBe(first?.digest)
    expect(run.receipts.map(({ tree, exitCode }) => ({ tree, exitCode }))).toEqual([
      { tree: first?.repos[0]?.tree, exitCode: 0 },
      { tree: second?.repos[0]?.tree, exitCode: 0 },
    ])
    const { repos } = await world.ask(diffForm, ['diff', 'R0001.s2', '--repo', 'api'])
    expect(repos[0]?.patch).toBe(patch)
    // The repo whose target stayed has no commit of its own in the new round.
    expect((await world.call(['doctor'])).stdout).not.toMatch(/✗/)
  })

  it('wants a new yes for the new round, and lands it on top of what the human did', async () => {
    expect(await codesOf('R0001')).toEqual(['approval_stale'])
    expect((await world.refused('refresh', 'R0001')).error.code).toBe('refresh.not_needed')
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    expect(git(api, 'show', 'main:readme.txt')).toBe('api, by hand')
    expect(git(api, 'show', 'main:total.js')).toBe('one\ntwo\nthree\nfour\nfive\nsix')
    expect(git(api, 'status', '--porcelain')).toBe('')
  })

  describe('in the same lines', () => {
    let before: Fingerprints

    beforeAll(async () => {
      await newTask(world, 'Count back', '--repo', 'api', '--repo', 'web')
      await runScript(world, 'T0002', 'echo seven >> api/total.js; echo zero > api/zero.txt; echo again >> web/page.txt')
      await world.call(['approve', 'R0002'])
      writeFiles(api, { 'zero.txt': 'mine\n' })
      humanCommits(api, 'total.js', 'by hand\n')
      before = fingerprints([api, web])
    })

    it('names every path that would conflict', async () => {
      expect(await codesOf('R0002')).toEqual(['approval_stale', 'merge_conflict', 'target_moved'])
      const gate = await world.ask(gateForm, ['gate', 'R0002'], 4)
      expect(gate.blockers.find(({ code }) => code === 'merge_conflict')).toMatchObject({ repo: 'api', data: { paths: ['total.js', 'zero.txt'] } })
    })

    it('refuses the refresh, makes no round, and touches nothing', async () => {
      const { error } = await world.refused('refresh', 'R0002')
      expect(error.code).toBe('refresh.conflict')
      expect(error.message).toContain('api/total.js')
      expect((await world.ask(runForm, ['show', 'R0002'])).snapshots).toHaveLength(1)
      expect(fingerprints([api, web])).toEqual(before)
    })
  })

  it('does not make an incomplete round whole', async () => {
    const task = await newTask(world, 'Leave a repository inside', '--repo', 'web')
    const run = await runScript(world, task, 'echo inside >> page.txt; git init --quiet inner; echo x > inner/x; git -C inner add x; git -C inner -c user.name=a -c user.email=a@b commit --quiet -m x')
    humanCommits(web, 'other.txt', 'by hand\n')
    const { snapshots } = await world.ask(runForm, ['refresh', run.id])
    expect(snapshots.map(({ complete }) => complete)).toEqual([false, false])
    expect((await world.refused('merge', run.id, '--approve')).blockers?.map(({ code }) => code)).toContain('snapshot_missing')
  })
})
