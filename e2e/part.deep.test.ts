import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { approvalForm, diffForm, gateForm, handoffForm, mergeForm, runForm, snapshotForm, type RunValue } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const partForm = snapshotForm.extend({ part: z.object({ of: z.string(), leftOut: z.array(z.object({ from: z.string(), repo: z.string(), path: z.string(), hunks: z.array(z.int()).nullable() })) }) })

describe('a round of chosen files and hunks', () => {
  let world: World
  let api: string
  let web: string
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('')
  const partOf = (run: RunValue) => partForm.parse(run.snapshots.at(-1))

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': lines, 'debug.js': 'quiet\n' })
    web = world.source('web', { 'page.txt': 'web\n' })
    // Green only without what the agent did to debug.js.
    await addRepo(world, 'api', api, 'quiet=grep -q quiet debug.js')
    await addRepo(world, 'web', web)
    await newTask(world, 'Count on', '--repo', 'api', '--repo', 'web')
    await runScript(world, 'T0001', "sed -i 's/^line 3$/LINE 3/; s/^line 25$/LINE 25/' api/total.js; echo loud > api/debug.js; chmod +x api/debug.js; echo more >> web/page.txt")
  })
  afterAll(() => world.close())

  it('is chosen by the numbers that the diff is listed with', async () => {
    const { stdout } = await world.call(['diff', 'R0001', '--hunks'])
    expect(stdout.split('\n').map((line) => line.split('  ')[0])).toEqual(['api:debug.js#1', 'api:total.js#1', 'api:total.js#2', 'web:page.txt#1', ''])
    expect(stdout).toContain('api:total.js#2  @@ -23,7 +23,7 @@  -line 25')
  })

  it('is refused where something is named that is not there, and then nothing is made', async () => {
    for (const flags of [['--only', 'api:nothing.js'], ['--hunk', 'api:total.js#3']]) {
      expect((await world.ask(z.looseObject({ error: z.looseObject({ code: z.literal('input.invalid') }) }), ['seal', 'R0001', ...flags], 2)).error.code).toBe('input.invalid')
    }
    expect((await world.call(['seal', 'R0001', '--only', 'ui', '--json'])).exit).toBe(3)
    expect((await world.call(['seal', 'R0001', '--only', 'api', '--mine', 'why', '--json'])).exit).toBe(2)
    expect((await world.ask(runForm, ['show', 'R0001'])).snapshots).toHaveLength(1)
  })

  it('is a tree of its own, on the same base, with checks of its own and a list of what it leaves out', async () => {
    const run = await world.ask(runForm, ['seal', 'R0001', '--hunk', 'api:total.js#2', '--only', 'web'])
    const part = partOf(run)
    expect(part).toMatchObject({ id: 'R0001.s2', complete: true, repos: [{ repo: 'api', base: run.repos[0]?.baseHead, files: 1, insertions: 1, deletions: 1 }, { repo: 'web', files: 1, insertions: 1 }] })
    expect(part.part).toEqual({ of: 'R0001.s1', leftOut: [{ from: 'R0001.s1', repo: 'api', path: 'debug.js', hunks: null }, { from: 'R0001.s1', repo: 'api', path: 'total.js', hunks: [1] }] })
    expect(run.receipts.map(({ tree, exitCode }) => [tree === part.repos[0]?.tree, exitCode])).toEqual([[false, 1], [true, 0]])
    const { repos } = await world.ask(diffForm, ['diff', 'R0001', '--repo', 'api'])
    expect(repos[0]?.files.map(({ path }) => path)).toEqual(['total.js'])
    expect(repos[0]?.patch).not.toContain('LINE 3')
  })

  it('says so wherever the run is shown, and the gate takes it for the round it is', async () => {
    expect((await world.call(['show', 'R0001'])).stdout).toMatch(/part of R0001\.s1[\s\S]*Left out\n +api\/debug\.js +in R0001\.s1\n +api\/total\.js \(hunk 1\) +in R0001\.s1/)
    const { handoff } = await world.ask(runForm, ['show', 'R0001'])
    expect(await world.ask(handoffForm, ['handoff', 'show', handoff ?? ''])).toMatchObject({
      evidence: { changed: [{ repo: 'api', files: ['total.js'] }, { repo: 'web' }], validation: [{ kind: 'fact', text: 'quiet of api: passed' }], leftOut: [{ repo: 'api', path: 'debug.js', from: 'R0001.s1' }, { repo: 'api', path: 'total.js', hunks: [1] }] },
    })
    expect((await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
  })

  it('keeps the fuller round, which can be chosen again, whole or in another part', async () => {
    const whole = await world.ask(runForm, ['seal', 'R0001', '--from', 's1'])
    expect(partOf(whole)).toMatchObject({ id: 'R0001.s3', digest: whole.snapshots[0]?.digest, part: { of: 'R0001.s1', leftOut: [] } })
    const again = partOf(await world.ask(runForm, ['seal', 'R0001', '--only', 'api:total.js', '--only', 'web:page.txt']))
    expect(again).toMatchObject({ id: 'R0001.s4', part: { of: 'R0001.s3', leftOut: [{ from: 'R0001.s3', path: 'debug.js' }] } })
    // A part of a part leaves out what both leave out; all of it is that part.
    expect((await world.ask(runForm, ['seal', 'R0001', '--only', 'api', '--only', 'web'])).snapshots).toHaveLength(4)
    const less = partOf(await world.ask(runForm, ['seal', 'R0001', '--only', 'api']))
    expect(less.part.leftOut).toEqual([{ from: 'R0001.s3', repo: 'api', path: 'debug.js', hunks: null }, { from: 'R0001.s4', repo: 'web', path: 'page.txt', hunks: null }])
  })

  it('still tells what it leaves out once it is refreshed, and lands exactly what was chosen', async () => {
    humanCommits(api, 'readme.txt', 'by hand\n')
    expect(partOf(await world.ask(runForm, ['refresh', 'R0001'])).part.leftOut).toHaveLength(2)
    await world.ask(approvalForm, ['approve', 'R0001'])
    // What is told of it is what is known of it then: the task is done, and this is not.
    expect((await world.call(['merge', 'R0001'])).stdout).toMatch(/✓ R0001 is merged\napi → main .*\n\nLeft out\n +api\/debug\.js +in R0001\.s3\n +web\/page\.txt +in R0001\.s4\n$/)
    expect(git(api, 'show', 'main:total.js')).toBe(lines.replace('line 3\n', 'LINE 3\n').replace('line 25\n', 'LINE 25\n').trimEnd())
    expect(git(api, 'show', 'main:debug.js')).toBe('quiet')
    expect(git(api, 'ls-tree', 'main', 'debug.js')).toMatch(/^100644/)
    expect(git(web, 'log', '--oneline', 'main').split('\n')).toHaveLength(1)
    expect((await world.ask(diffForm, ['diff', 'R0001.s1'])).repos[0]?.files).toHaveLength(2)
  })

  it('is made beside a linked workspace of a source that converts, which stays as it is', async () => {
    const task = await newTask(world, 'Convert', '--repo', 'web')
    writeFiles(web, { '.gitattributes': '*.txt text eol=crlf\n' })
    git(web, 'add', '.gitattributes')
    git(web, 'commit', '--quiet', '-m', 'convert')
    const run = await world.ask(runForm, ['run', task, '--agent', 'shell', '--isolation', 'linked', '--json', '--', 'sh', '-c', "printf 'one\\r\\n' > one.txt; printf 'two\\r\\n' > other.txt"])
    const part = partOf(await world.ask(runForm, ['seal', run.id, '--only', 'web:one.txt']))
    expect(part).toMatchObject({ complete: true, repos: [{ files: 1, insertions: 1 }] })
    expect((await world.ask(gateForm, ['gate', run.id], 4)).blockers.map(({ code }) => code)).toEqual(['approval_missing'])
    await world.ask(mergeForm, ['merge', run.id, '--approve'])
    expect(git(web, 'cat-file', 'blob', 'main:one.txt')).toBe('one')
    expect(git(web, 'status', '--porcelain')).toBe('')
    expect(git(join(run.workspace ?? '', 'web'), 'status', '--porcelain')).toContain('other.txt')
  })
})
