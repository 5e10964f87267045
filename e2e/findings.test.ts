import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { approvalForm, contextForm, gateForm, mergeForm, runForm, waiversForm } from './harness/contract.ts'
import { saveWorld } from './harness/saved-world.ts'
import { humanCommits } from './harness/shop.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const lines = z.looseObject({ from: z.int(), to: z.int() })
const finding = z.looseObject({
  id: z.string().regex(/^F\d+$/),
  state: z.enum(['open', 'addressed', 'declined', 'outdated']),
  text: z.string(),
  by: z.string().min(1),
  at: z.string().min(1),
  from: z.looseObject({ run: z.string(), finding: z.string() }).nullable(),
  anchor: z.looseObject({ repo: z.string(), path: z.string(), side: z.enum(['new', 'old']), snapshot: z.string(), lines: lines.nullable() }).nullable(),
  place: lines.nullable(),
  lines: z.array(z.string()).nullable(),
  because: z.string().nullable(),
  replies: z.array(z.looseObject({ by: z.string(), text: z.string().nullable(), state: z.string().nullable() })),
})
const findingsForm = z.looseObject({ format: z.literal(1), run: z.string(), snapshot: z.string().nullable(), findings: z.array(finding) })
const findingForm = z.looseObject({ format: z.literal(1), finding })
const changedForm = runForm.extend({ from: z.string().nullable(), requested: z.array(z.object({ of: z.string(), run: z.string() })) })

describe('what a reviewer finds', () => {
  let world: World
  let api: string
  let web: string
  let restore: () => void
  const comment = (...args: readonly string[]): Promise<z.infer<typeof findingForm>> => world.ask(findingForm, ['comment', ...args])
  const review = async (run: string): Promise<readonly z.infer<typeof finding>[]> => (await world.ask(findingsForm, ['review', run])).findings
  const blockers = async (run: string, exit = 4): Promise<z.infer<typeof gateForm>['blockers']> => (await world.ask(gateForm, ['gate', run], exit)).blockers
  const codes = async (run: string): Promise<readonly string[]> => (await blockers(run)).map(({ code }) => code)
  const file = (run: string): string => join(world.memory, 'runs', run, 'review.jsonl')
  const requestChanges = (run: string, script: string, ...words: readonly string[]): Promise<z.infer<typeof changedForm>> =>
    world.ask(changedForm, ['request-changes', run, ...words, '--agent', 'shell', '--json', '--', 'sh', '-c', `set -e\n${script}`])

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'list.js': 'head\nall\ntail\n', 'old.js': 'gone soon\n' })
    web = world.source('web', { 'page.txt': 'one\ntwo\n' })
    await addRepo(world, 'api', api)
    await addRepo(world, 'web', web)
    await newTask(world, 'Show pages', '--repo', 'api', '--repo', 'web')
    await runScript(world, 'T0001', "printf 'head\\npage one\\npage two\\ntail\\n' > api/list.js; rm api/old.js; echo three >> web/page.txt")
    restore = await saveWorld(world)
  })
  beforeEach(() => restore())
  afterAll(() => world.close())

  it('blocks until each is settled, goes to an agent in one message, and is in the record of both runs', async () => {
    expect(await comment('R0001', '--at', 'api:list.js:2-3', 'Drops the last page')).toMatchObject({ finding: { id: 'F1', state: 'open', place: { side: 'new', from: 2, to: 3 }, lines: ['page one', 'page two'] } })
    expect(await comment('R0001', '--at', 'api:list.js:2', '--side', 'old', 'Why did this go?')).toMatchObject({ finding: { id: 'F2', lines: ['all'], anchor: { side: 'old' } } })
    expect(await comment('R0001', '--at', 'api:old.js', 'Keep it')).toMatchObject({ finding: { id: 'F3', place: null, anchor: { side: 'old', lines: null } } })
    expect(await comment('R0001', '--reply', 'F2', 'Never mind')).toMatchObject({ finding: { state: 'open', replies: [{ text: 'Never mind', state: null }] } })
    await comment('R0001', '--declined', 'F2', '--because', 'it was dead')
    expect(await blockers('R0001')).toMatchObject([
      { code: 'finding_open', message: '2 findings are open: F1 (api/list.js), F3 (api/old.js)', data: { findings: [{ id: 'F1', text: 'Drops the last page' }, { id: 'F3' }] }, remedy: { command: 'signalbox review R0001', waive: "signalbox waive R0001 finding_open --because ''" } },
      { code: 'approval_missing' },
    ])
    expect((await world.refused('merge', 'R0001', '--approve')).blockers).toMatchObject([{ code: 'finding_open' }])
    expect((await world.refused('approve', 'R0001')).blockers).toMatchObject([{ code: 'finding_open' }])

    const changed = await requestChanges('R0001', `test "$(cat api/list.js)" = "$(printf 'head\\npage one\\npage two\\ntail')"; sed -i 's/page two/page two and last/; 1i intro' api/list.js; printf 'gone soon\\n' > api/old.js`, 'Add a title')
    expect(changed).toMatchObject({ id: 'R0002', agent: 'shell', outcome: 'completed', from: 'R0001.s1' })
    expect((await world.ask(changedForm, ['show', 'R0001'])).requested).toEqual([{ of: 'R0001.s1', run: 'R0002' }])
    const packet = readFileSync(join(world.memory, 'runs/R0002/packet.md'), 'utf8')
    expect(packet).toMatch(/See to the findings of R0001\.s1[^]*## Open findings[^]*F1 on api\/list\.js:2-3[^]*Drops the last page[^]*F2 on api\/old\.js, as it was[^]*Keep it[^]*F3 on the run as a whole[^]*Add a title/)
    expect(packet).not.toContain('Why did this go?')

    expect(await review('R0001')).toMatchObject([{ id: 'F1', state: 'open' }, { id: 'F2', state: 'declined', replies: [{}, { text: 'it was dead', state: 'declined' }] }, { id: 'F3' }, { id: 'F4', text: 'Add a title', anchor: null }])
    expect(await review('R0002')).toMatchObject([
      { id: 'F1', state: 'outdated', from: { run: 'R0001', finding: 'F1' }, place: null, lines: ['page one', 'page two'] },
      { id: 'F2', state: 'open', from: { run: 'R0001', finding: 'F3' } },
      { id: 'F3', state: 'open', text: 'Add a title' },
    ])
    expect(await codes('R0002')).toEqual(['finding_open', 'approval_missing'])
    for (const id of ['F1', 'F2', 'F3']) await comment('R0002', '--addressed', id)
    expect((await world.ask(mergeForm, ['merge', 'R0002', '--approve'])).state).toBe('merged')
    expect([git(api, 'show', 'main:list.js'), git(web, 'show', 'main:page.txt')]).toEqual(['intro\nhead\npage one\npage two and last\ntail', 'one\ntwo\nthree'])
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
    expect(git(world.memory, 'log', '--format=%s').split('\n')).toEqual(expect.arrayContaining(['T0001: opened F1 of R0001', 'T0001: declined F2 of R0001', 'T0001: start R0002', 'T0001: addressed F3 of R0002']))
  })

  it('moves with its lines, and once they are gone still blocks until somebody says so', async () => {
    await comment('R0001', '--at', 'api:list.js:3', 'Two is enough')
    const { workspace } = await world.ask(runForm, ['show', 'R0001'])
    const seal = async (text: string): Promise<z.infer<typeof finding> | undefined> => {
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
    expect(await comment('R0001', '--reopen', 'F1', 'Not yet')).toMatchObject({ finding: { state: 'outdated' } })
    expect(await codes('R0001')).toEqual(['finding_open', 'approval_missing'])
    // What cannot be looked at is neither here nor gone.
    await world.ask(runForm, ['seal', 'R0001', '--from', 's1'])
    expect((await review('R0001'))[0]).toMatchObject({ state: 'open', place: { from: 3 }, because: null })
    const vault = join(stateFolderOf(world), 'vaults/api.git')
    renameSync(vault, `${vault}.away`)
    expect((await review('R0001'))[0]).toMatchObject({ state: 'open', place: null, lines: null, because: expect.stringContaining('Nobody knows where it is') })
    expect(await codes('R0001')).toContain('finding_open')
  })

  it('is not carried over by a refresh that lands, and may be waived as it is', async () => {
    await world.ask(approvalForm, ['approve', 'R0001'])
    await comment('R0001', 'One more thing')
    humanCommits(api, 'other.txt', 'by hand\n')
    expect((await world.refused('merge', 'R0001', '--refresh')).blockers?.map(({ code }) => code)).toEqual(expect.arrayContaining(['finding_open']))
    expect((await world.ask(runForm, ['show', 'R0001'])).snapshots).toHaveLength(1)
    await world.ask(runForm, ['refresh', 'R0001'])
    await world.ask(waiversForm, ['waive', 'R0001', 'finding_open', '--because', 'later'])
    expect(await codes('R0001')).toEqual(['approval_stale'])
    await comment('R0001', 'And another')
    expect((await blockers('R0001'))[0]).toMatchObject({ code: 'finding_open', data: { findings: [{ id: 'F1' }, { id: 'F2' }] } })
  })

  it('comes along with whatever run begins with its round, and with none that does not', async () => {
    await comment('R0001', '--at', 'web:page.txt:3', 'Say what')
    await world.ask(runForm, ['run', 'T0001', '--agent', 'shell', '--from', 'R0001.s1', '--json', '--', 'true'])
    expect(await review('R0002')).toMatchObject([{ id: 'F1', state: 'open', from: { run: 'R0001', finding: 'F1' }, place: { from: 3, to: 3 } }])
    await runScript(world, 'T0001', 'echo x >> web/page.txt')
    expect(await review('R0003')).toEqual([])
    const { sections } = await world.ask(contextForm, ['context', 'T0001'])
    expect(sections.find(({ name }) => name === 'findings')).toMatchObject({ empty: true })
  })

  it('that cannot be read, or is only a part of what was recorded, is never taken for nothing', async () => {
    await comment('R0001', 'First')
    const first = readFileSync(file('R0001'), 'utf8')
    await comment('R0001', '--addressed', 'F1')
    expect(await codes('R0001')).toEqual(['approval_missing'])
    const whole = readFileSync(file('R0001'), 'utf8')
    const unread = async (): Promise<readonly unknown[]> => {
      const [blocker] = await blockers('R0001')
      const { error } = await world.refused('comment', 'R0001', 'More')
      expect((await world.call(['request-changes', 'R0001', 'More'])).exit).toBe(4)
      expect((await world.call(['doctor'])).stdout).toContain('runs/R0001/review.jsonl')
      return [blocker?.code, error.code]
    }
    for (const text of [first, whole.slice(0, -20), `${whole}<<<<<<< HEAD\n`, whole.replace('"F1"', '"F7"'), whole.replace('R0001', 'R0002'), '']) {
      writeFileSync(file('R0001'), text)
      expect([text, ...(await unread())]).toEqual([text, 'facts_unavailable', 'record.quarantined'])
      expect(readFileSync(file('R0001'), 'utf8')).toBe(text)
    }
    rmSync(file('R0001'))
    expect(await unread()).toEqual(['facts_unavailable', 'record.quarantined'])
    writeFileSync(file('R0001'), whole)
    appendFileSync(file('R0001'), `${JSON.stringify({ format: 1, seq: 3, at: 'x', run: 'R0001', by: 'x', type: 'finding.blessed', data: {} })}\n`)
    expect((await blockers('R0001'))[0]).toMatchObject({ code: 'facts_unavailable', message: expect.stringContaining('finding.blessed') })
    expect((await world.refused('comment', 'R0001', 'More')).error.code).toBe('format.newer')
    expect((await world.call(['doctor'])).stdout).toMatch(/✗ R0001  The review of R0001 has a fact that [^]*finding\.blessed/)
    writeFileSync(file('R0001'), whole.trimEnd())
    expect((await comment('R0001', 'More')).finding.id).toBe('F2')
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
