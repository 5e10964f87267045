import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { mergeForm, runForm } from './harness/contract.ts'
import { changedForm, createReviewWorld, type FindingValue, type ReviewWorld } from './harness/review-world.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import type { World } from './harness/world.ts'

describe('what a reviewer finds', () => {
  let given: ReviewWorld
  let world: World
  let api: string
  let web: string
  const comment: ReviewWorld['comment'] = (...args) => given.comment(...args)
  const review: ReviewWorld['review'] = (run) => given.review(run)
  const blockers: ReviewWorld['blockers'] = (run) => given.blockers(run)
  const codes: ReviewWorld['codes'] = (run) => given.codes(run)
  const requestChanges = (run: string, script: string, ...words: readonly string[]): Promise<z.infer<typeof changedForm>> =>
    world.ask(changedForm, ['request-changes', run, ...words, '--agent', 'shell', '--json', '--', 'sh', '-c', `set -e\n${script}`])

  beforeAll(async () => {
    given = await createReviewWorld()
    ;({ world, api, web } = given)
  })
  beforeEach(() => given.restore())
  afterAll(() => world.close())

  it('blocks until each is settled, goes to an agent in one message, and is in the record of both runs', async () => {
    expect(await comment('R0001', '--at', 'api:list.js:2-3', 'Drops the last page')).toMatchObject({ id: 'F1', state: 'open', place: { side: 'new', from: 2, to: 3 }, lines: ['page one', 'page two'] })
    expect(await comment('R0001', '--at', 'api:list.js:2', '--side', 'old', 'Why did this go?')).toMatchObject({ id: 'F2', lines: ['all'], anchor: { side: 'old' } })
    expect(await comment('R0001', '--at', 'api:old.js', 'Keep it')).toMatchObject({ id: 'F3', place: null, anchor: { side: 'old', lines: null } })
    expect(await comment('R0001', '--reply', 'F2', 'Never mind')).toMatchObject({ state: 'open', replies: [{ text: 'Never mind', state: null }] })
    await comment('R0001', '--declined', 'F2', '--because', 'it was dead')
    await comment('R0001', '--reply', 'F3', 'For one release')
    expect(await blockers('R0001')).toMatchObject([
      { code: 'finding_open', message: '2 findings are open: F1 (api/list.js), F3 (api/old.js)', data: { findings: [{ id: 'F1', text: 'Drops the last page' }, { id: 'F3' }] }, remedy: { command: 'signalbox review R0001', waive: "signalbox waive R0001 finding_open --because ''" } },
      { code: 'approval_missing' },
    ])
    expect((await world.refused('merge', 'R0001', '--approve')).blockers).toMatchObject([{ code: 'finding_open' }])
    expect((await world.refused('approve', 'R0001')).blockers).toMatchObject([{ code: 'finding_open' }])

    const changed = await requestChanges('R0001', `test "$(cat api/list.js)" = "$(printf 'head\\npage one\\npage two\\ntail')"; sed -i 's/page two/page two and last/; 1i intro' api/list.js; printf 'gone soon\\n' > api/old.js`, 'Add a title')
    expect(changed).toMatchObject({ id: 'R0002', agent: 'shell', outcome: 'completed', from: 'R0001.s1' })
    expect((await world.ask(changedForm, ['show', 'R0001'])).requested).toEqual([{ of: 'R0001.s1', run: 'R0002' }])
    expect(readFileSync(join(world.memory, 'runs/R0002/events.jsonl'), 'utf8')).toMatch(/^.*"type":"run.queued".*"silentMinutes":30/)
    const packet = readFileSync(join(world.memory, 'runs/R0002/packet.md'), 'utf8')
    expect(packet).toMatch(/See to the findings of R0001\.s1[^]*## Open findings[^]*F1 on api\/list\.js:2-3[^]*Drops the last page[^]*F2 on api\/old\.js, as it was[^]*Keep it[^]*Said later: For one release[^]*F3 on the run as a whole[^]*Add a title/)
    expect(packet).not.toContain('Why did this go?')

    expect(await review('R0001')).toMatchObject([{ id: 'F1', state: 'open' }, { id: 'F2', state: 'declined', replies: [{}, { text: 'it was dead', state: 'declined' }] }, { id: 'F3' }, { id: 'F4', text: 'Add a title', anchor: null }])
    expect(await review('R0002')).toMatchObject([
      { id: 'F1', state: 'outdated', from: { run: 'R0001', finding: 'F1' }, place: null, lines: ['page one', 'page two'] },
      { id: 'F2', state: 'open', from: { run: 'R0001', finding: 'F3' }, replies: [{ text: 'For one release', state: null }] },
      { id: 'F3', state: 'open', text: 'Add a title' },
    ])
    expect(await codes('R0002')).toEqual(['finding_open', 'approval_missing'])
    for (const id of ['F1', 'F2', 'F3']) await comment('R0002', '--addressed', id)
    expect((await world.ask(mergeForm, ['merge', 'R0002', '--approve'])).state).toBe('merged')
    expect([git(api, 'show', 'main:list.js'), git(web, 'show', 'main:page.txt')]).toEqual(['intro\nhead\npage one\npage two and last\ntail', 'one\ntwo\nthree'])
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
    expect(git(world.memory, 'log', '--format=%s').split('\n')).toEqual(expect.arrayContaining(['T0001: opened F1 of R0001', 'T0001: declined F2 of R0001', 'T0001: start R0002', 'T0001: addressed F3 of R0002']))
  })

  it('goes to its own agent, which goes on in its workspace and leaves the next round, with nothing settled by that', async () => {
    await comment('R0001', '--at', 'api:list.js:3', 'Say which is last')
    await comment('R0001', '--at', 'web:page.txt', 'Why here?')
    await comment('R0001', '--declined', 'F2')
    const changed = await world.ask(changedForm, ['request-changes', 'R0001', 'Add a title'])
    expect(changed).toMatchObject({ id: 'R0001', outcome: 'completed', snapshots: [{ id: 'R0001.s1' }, { id: 'R0001.s2', complete: true }], requested: [{ of: 'R0001.s1', run: 'R0001' }] })
    const told = git(api, '--git-dir', join(stateFolderOf(world), 'vaults/api.git'), 'show', 'refs/signalbox/runs/R0001/s2:told.md')
    expect(told).toMatch(/R0001\.s1 was reviewed, and changes are asked for\.[^]*## F1 on api\/list\.js:3\n\nSay which is last\n\n## F3 on the run as a whole\n\nAdd a title$/)
    expect(await review('R0001')).toMatchObject([{ id: 'F1', state: 'open', place: { from: 4 }, anchor: { snapshot: 'R0001.s1' } }, { id: 'F2', state: 'declined' }, { id: 'F3', state: 'open' }])
    expect(await codes('R0001')).toEqual(['finding_open', 'approval_missing'])
    rmSync(changed.workspace ?? '', { recursive: true })
    expect((await world.refused('request-changes', 'R0001')).error).toMatchObject({ code: 'resume.refused', hint: expect.stringContaining('signalbox request-changes R0001 --agent shell') })
    expect(await world.ask(changedForm, ['request-changes', 'R0001', '--agent', 'shell'])).toMatchObject({ id: 'R0002', from: 'R0001.s2', outcome: 'completed' })
    expect((await review('R0002')).map(({ text, state }) => [text, state])).toEqual([['Say which is last', 'open'], ['Add a title', 'open']])
  })

  it('moves with its lines, and once they are gone still blocks until somebody says so', async () => {
    await comment('R0001', '--at', 'api:list.js:3', 'Two is enough')
    const { workspace } = await world.ask(runForm, ['show', 'R0001'])
    const seal = async (text: string): Promise<FindingValue | undefined> => {
      writeFiles(join(workspace ?? '', 'api'), { 'list.js': text })
      await world.ask(runForm, ['seal', 'R0001'])
      return (await review('R0001'))[0]
    }
    expect(await seal('new\nnewer\nhead\npage one\npage two\ntail\n')).toMatchObject({ state: 'open', place: { from: 5, to: 5 }, anchor: { snapshot: 'R0001.s1', lines: { from: 3 } } })
    expect(await seal('head\ntail\n')).toMatchObject({ state: 'outdated', place: null, lines: ['page two'] })
    expect((await blockers('R0001'))[0]).toMatchObject({ code: 'finding_open' })
    expect((await world.call(['review', 'R0001'])).stdout).toMatch(/outdated {2}api\/list\.js:3 of R0001\.s1, gone since[^]*any more[^]*page two/)
    await comment('R0001', '--addressed', 'F1')
    expect(await codes('R0001')).toEqual(['approval_missing'])
    expect((await world.refused('comment', 'R0001', '--declined', 'F1')).error).toMatchObject({ code: 'finding.settled', hint: expect.stringContaining('--reopen F1') })
    expect(await comment('R0001', '--reopen', 'F1', 'Not yet')).toMatchObject({ state: 'outdated' })
    expect(await codes('R0001')).toEqual(['finding_open', 'approval_missing'])
    // What cannot be looked at is neither here nor gone.
    await world.ask(runForm, ['seal', 'R0001', '--from', 's1'])
    expect((await review('R0001'))[0]).toMatchObject({ state: 'open', place: { from: 3 }, because: null })
    const vault = join(stateFolderOf(world), 'vaults/api.git')
    renameSync(vault, `${vault}.away`)
    expect((await review('R0001'))[0]).toMatchObject({ state: 'open', place: null, lines: null, because: expect.stringContaining('Nobody knows where it is') })
    expect(await codes('R0001')).toContain('finding_open')
  })

  it('is refused where there is no such place, and nothing is recorded', async () => {
    const refusal = async (exit: number, ...args: readonly string[]): Promise<string> => (await world.ask(z.looseObject({ error: z.looseObject({ code: z.string(), hint: z.string().optional() }) }), args, exit)).error.code
    expect(await refusal(3, 'comment', 'R0001', '--at', 'api:none.js:1', 'x')).toBe('file.not_found')
    expect(await refusal(3, 'comment', 'R0001', '--at', 'api:list.js:9', 'x')).toBe('line.not_found')
    expect(await refusal(3, 'comment', 'R0001', '--at', 'shop:list.js', 'x')).toBe('repo.not_found')
    expect(await refusal(3, 'comment', 'R0001', '--addressed', 'F1')).toBe('finding.not_found')
    expect(await refusal(2, 'comment', 'R0001')).toBe('input.invalid')
    expect(await refusal(2, 'comment', 'R0001', '--at', 'api:list.js:3-2', 'x')).toBe('input.invalid')
    expect(await refusal(2, 'comment', 'R0001', '--at', 'api:list.js', '--addressed', 'F1')).toBe('input.invalid')
    expect(await refusal(2, 'request-changes', 'R0001')).toBe('input.invalid')
    expect(await review('R0001')).toEqual([])
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
  })
})
