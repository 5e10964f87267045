import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { approvalForm, contextForm, runForm, waiversForm } from './harness/contract.ts'
import { startRun, untilEnded, untilEvent } from './harness/live-run.ts'
import { createReviewWorld, type ReviewWorld } from './harness/review-world.ts'
import { humanCommits } from './harness/shop.ts'
import { runScript, type World } from './harness/world.ts'

describe('the record of what a reviewer finds', () => {
  let given: ReviewWorld
  let world: World
  let api: string
  const file: ReviewWorld['file'] = (run) => given.file(run)
  const comment: ReviewWorld['comment'] = (...args) => given.comment(...args)
  const review: ReviewWorld['review'] = (run) => given.review(run)
  const blockers: ReviewWorld['blockers'] = (run) => given.blockers(run)
  const codes: ReviewWorld['codes'] = (run) => given.codes(run)

  beforeAll(async () => {
    given = await createReviewWorld()
    ;({ world, api } = given)
  })
  beforeEach(() => given.restore())
  afterAll(() => world.close())

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

  it('may grow while the run is at work, and blocks what it leaves', async () => {
    const flag = join(world.dir, 'go')
    const { id } = await startRun(world, 'T0001', `until [ -e '${flag}' ]; do sleep 0.02; done; echo x >> web/page.txt`)
    await untilEvent(world, id, 'run.started')
    expect(await comment(id, 'Mind the last line')).toMatchObject({ id: 'F1', state: 'open' })
    writeFileSync(flag, '')
    await untilEnded(world, id)
    expect(await codes(id)).toEqual(['finding_open', 'approval_missing'])
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
    expect((await comment('R0001', 'More')).id).toBe('F2')
  })
})
