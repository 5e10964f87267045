import { join } from 'node:path'
import { writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprints } from './harness/compare.ts'
import { failureForm, interdiffForm, runForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

describe('what changed between two rounds', () => {
  let world: World
  let api: string
  let workspace: string
  const since = async (...args: readonly string[]) => world.ask(interdiffForm, ['diff', ...args])
  const edit = (files: Parameters<typeof writeFiles>[1]): void => writeFiles(join(workspace, 'api'), files)

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': 'one\ntwo\nthree\nfour\nfive\n', 'readme.txt': 'api\n' })
    await addRepo(world, 'api', api)
    await addRepo(world, 'web', world.source('web', { 'page.txt': 'web\n' }))
    await newTask(world, 'Count on', '--repo', 'api', '--repo', 'web')
    const run = await runScript(world, 'T0001', 'echo six >> api/total.js; echo new > api/new.txt; echo more >> web/page.txt')
    workspace = run.workspace ?? ''
  })
  afterAll(() => world.close())

  it('is nothing where only the base moved, and it says so in one sentence', async () => {
    humanCommits(api, 'readme.txt', 'api, by hand\n')
    expect((await world.call(['refresh', 'R0001'])).stderr).toContain('→ signalbox diff R0001 --since R0001.s1\n')
    const value = await since('R0001', '--since', 's1')
    expect(value).toMatchObject({
      snapshot: 'R0001.s2',
      since: { snapshot: 'R0001.s1', repos: [{ repo: 'api', held: 'both', moved: true, conflicts: [] }, { repo: 'web', held: 'both', moved: false, conflicts: [] }], says: ['R0001.s2 changes nothing of R0001.s1: only the base moved'] },
      repos: [{ repo: 'api', files: [], patch: '' }, { repo: 'web', files: [], patch: '' }],
    })
    expect(await world.call(['diff', 'R0001', '--since', '1'])).toMatchObject({ exit: 0, stdout: '', stderr: 'R0001.s2 changes nothing of R0001.s1: only the base moved\n' })
  })

  it('is only what the author changed, forwards and backwards over a refresh', async () => {
    edit({ 'total.js': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n', 'new.txt': null })
    await world.ask(runForm, ['seal', 'R0001'])
    const { patch: onOldBase } = (await since('R0001.s3', '--since', 'R0001.s1', '--repo', 'api')).repos[0] ?? {}
    expect(onOldBase).toMatch(/^diff --git a\/new\.txt[^]*\+seven\n$/)
    expect((await since('R0001.s3', '--since', 's2')).repos.map(({ patch }) => patch)).toEqual([onOldBase, ''])
    const before = fingerprints([api])
    await world.ask(runForm, ['refresh', 'R0001'])
    expect((await since('R0001', '--since', 's1')).repos.map(({ patch }) => patch)).toEqual([onOldBase, ''])
    const stat = await world.call(['diff', 'R0001', '--since', 's1', '--stat'])
    expect(stat.stdout).toMatch(/deleted .*new\.txt/)
    expect(stat.stdout).not.toContain('readme.txt')
    expect(stat.stderr).toBe('Only what R0001.s4 changes of R0001.s1; the base of api moved, and what that brought is left out\n')
    expect(fingerprints([api])).toEqual(before)
  })

  it('names the files in which the older change does not fit on the newer base', async () => {
    humanCommits(api, 'total.js', 'one\ntwo\nthree\nfour\nfive\nby hand\n')
    edit({ 'total.js': 'one\ntwo\nthree\nfour\nfive\n', 'new.txt': 'new\n' })
    await world.ask(runForm, ['seal', 'R0001'])
    await world.ask(runForm, ['refresh', 'R0001'])
    const { since: compared, repos } = await since('R0001', '--since', 's1')
    expect(compared.repos[0]).toMatchObject({ repo: 'api', conflicts: ['total.js'] })
    expect(compared.says.at(-1)).toBe('On the base that api has in R0001.s6, the change of R0001.s1 conflicts in total.js: shown against git’s merge of both with its conflict marks, first the base, then R0001.s1')
    expect(repos[0]?.files.map(({ path }) => path)).toEqual(['total.js'])
    expect(repos[0]?.patch).toMatch(/\n-<{7} .*\n by hand\n-={7}\n-six\n->{7} .*\n$/)
  })

  it.each([
    ['a round that is not there', ['R0001', '--since', 's9'], 3, 'snapshot.not_found', /R0001\.s9/],
    ['itself', ['R0001.s2', '--since', 's2'], 2, 'input.invalid', /R0001\.s2 changes nothing since itself/],
    ['a later round', ['R0001.s1', '--since', 's2'], 2, 'input.invalid', /R0001\.s2 is later than R0001\.s1/],
    ['a round of another run', ['R0001', '--since', 'R0002.s1'], 2, 'input.invalid', /names no round of R0001/],
    ['a repo that neither has', ['R0001', '--since', 's1', '--repo', 'docs'], 3, 'repo.not_found', /docs/],
  ] as const)('refuses %s', async (_what, args, exit, code, message) => {
    const { error } = await world.ask(failureForm, ['diff', ...args], exit)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.hint).not.toBeNull()
  })
})
