import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oidSchema, repoNameSchema, runIdSchema, taskIdSchema, branchNameSchema, type NewRunEvent } from '@signalbox/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Memory } from './memory-ports.ts'
import type { Locks } from './ports.ts'
import { createRunLog, type RunLog } from './run-log.ts'
import { layoutState, type StateLayout } from './state-layout.ts'

const run = runIdSchema.parse('R0001')
const task = taskIdSchema.parse('T0001')
const clock = { now: () => '2026-01-01T00:00:00.000Z' }

const taken: string[] = []

/** A lock that queues callers of one process, and notes which were taken: the tests have no other. */
function createLocalLocks(): Locks {
  let last: Promise<unknown> = Promise.resolve()
  return {
    hold: (path, work) => {
      taken.push(path)
      const next = last.then(work, work)
      last = next.catch(() => undefined)
      return next
    },
  }
}

const queued: NewRunEvent = {
  type: 'run.queued',
  data: {
    agent: 'shell',
    argv: ['true'],
    isolation: 'private',
    by: 'Ann',
    taskRevision: 'x',
    baseBranch: null,
    scope: null,
    minutes: 60,
    budget: null,
    repos: [
      {
        repo: repoNameSchema.parse('api'),
        baseBranch: branchNameSchema.parse('main'),
        baseHead: oidSchema.parse('a'.repeat(40)),
        source: { branch: null, head: oidSchema.parse('a'.repeat(40)), dirty: false, paths: [], operation: null },
      },
    ],
  },
}

let folder: string
let layout: StateLayout
let log: RunLog
const published = new Map<string, string>()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-log-'))
  layout = layoutState(folder)
  published.clear()
  const memory = {
    readRunFile: (id: string, name: string) => Promise.resolve(published.get(`${id}/${name}`)),
    writeRunFile: (id: string, name: string, text: string) => Promise.resolve(void published.set(`${id}/${name}`, text)),
  } satisfies Pick<Memory, 'readRunFile' | 'writeRunFile'>
  log = createRunLog({ layout, memory, locks: createLocalLocks(), clock })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the live log of a run', () => {
  it('counts seq up by one, whoever appends', async () => {
    await log.begin(run, task, queued)
    await Promise.all(Array.from({ length: 10 }, () => log.append(run, { type: 'run.cancel_requested', data: { by: 'Ann', because: 'late' } })))
    expect((await log.read(run)).map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('refuses an impossible event and writes nothing of the batch', async () => {
    await log.begin(run, task, queued)
    const before = readFileSync(layout.run(run).events)
    const batch: readonly NewRunEvent[] = [{ type: 'run.claimed', data: { pid: 1 } }, { type: 'run.ended', data: { outcome: 'completed', because: 'no' } }]
    await expect(log.append(run, ...batch)).rejects.toMatchObject({ code: 'run.log_invalid' })
    expect(readFileSync(layout.run(run).events)).toEqual(before)
  })

  it('reads past a torn tail, and cuts it off before the next event', async () => {
    await log.begin(run, task, queued)
    appendFileSync(layout.run(run).events, '{"format":1,"seq":2,"at":"2026-')
    expect((await log.read(run)).length).toBe(1)
    await log.append(run, { type: 'run.claimed', data: { pid: 1 } })
    expect((await log.read(run)).map((event) => event.type)).toEqual(['run.queued', 'run.claimed'])
  })

  it('is tidied without an event: half a line goes, under the lock that a killed writer held', async () => {
    await log.begin(run, task, queued)
    const { events, logLock } = layout.run(run)
    const whole = readFileSync(events)
    appendFileSync(events, '{"format":1,"seq":2,"at":"2026-')
    taken.length = 0
    await log.tidy(run)
    expect(readFileSync(events)).toEqual(whole)
    expect(taken).toEqual([logLock])
  })

  it('survives being cut at every byte of its last event', async () => {
    await log.begin(run, task, queued)
    const first = readFileSync(layout.run(run).events).length
    await log.append(run, { type: 'run.claimed', data: { pid: 1 } })
    for (let size = readFileSync(layout.run(run).events).length - 1; size >= first; size -= 1) {
      truncateSync(layout.run(run).events, size)
      expect((await log.read(run)).length).toBe(1)
    }
  })

  it('refuses to guess at damage in the middle, naming the line', async () => {
    await log.begin(run, task, queued)
    appendFileSync(layout.run(run).events, 'not json\n')
    await expect(log.read(run)).rejects.toMatchObject({ code: 'run.log_invalid', message: expect.stringContaining('Line 2') })
  })

  it('is read from the memory repo when the state folder is gone, and goes on from there', async () => {
    await log.begin(run, task, queued)
    await log.publish(run)
    rmSync(layout.run(run).folder, { recursive: true })
    expect((await log.fold(run)).agent).toBe('shell')
    await log.append(run, { type: 'run.claimed', data: { pid: 1 } })
    expect((await log.read(run)).length).toBe(2)
  })

  const asked: NewRunEvent = { type: 'run.cancel_requested', data: { by: 'Ann', because: 'late' } }
  const name = `${run}/events.jsonl`

  it.each([
    ['a pull brought more of it', (text: string) => text],
    ['a pull brought more of it, to a memory repo whose git writes other line ends', (text: string) => text.replaceAll('\n', '\r\n')],
  ])('goes on from the memory repo where %s', async (_case, pulled) => {
    await log.begin(run, task, queued)
    const older = readFileSync(layout.run(run).events)
    await log.append(run, { type: 'run.claimed', data: { pid: 1 } }, asked)
    await log.publish(run)
    const more = published.get(name) ?? ''
    published.set(name, pulled(more))
    writeFileSync(layout.run(run).events, Buffer.concat([older, Buffer.from('{"format":1,"se')]))
    expect((await log.read(run)).map(({ seq }) => seq)).toEqual([1, 2, 3])
    await log.append(run, asked)
    await log.publish(run)
    expect(readFileSync(layout.run(run).events, 'utf8')).toBe(published.get(name))
    expect(published.get(name)?.startsWith(more)).toBe(true)
    expect((await log.read(run)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })

  it('is not read where both copies of it go on, each in its own way, and neither takes the place of the other', async () => {
    await log.begin(run, task, queued)
    await log.publish(run)
    await log.append(run, { type: 'run.claimed', data: { pid: 1 } })
    const theirs = `${published.get(name)}${readFileSync(layout.run(run).events, 'utf8').split('\n')[1]?.replace('"pid":1', '"pid":2')}\n`
    published.set(name, theirs)
    const ours = readFileSync(layout.run(run).events, 'utf8')
    const refusal = { code: 'run.log_invalid', message: expect.stringMatching(/two histories: from line 2 on, .*events\.jsonl and runs\/R0001\/events\.jsonl/), hint: expect.stringContaining(`mv ${layout.run(run).events} `) }
    for (const act of [() => log.read(run), () => log.append(run, asked), () => log.publish(run)]) await expect(act()).rejects.toMatchObject(refusal)
    expect([readFileSync(layout.run(run).events, 'utf8'), published.get(name)]).toEqual([ours, theirs])
    rmSync(layout.run(run).events)
    await expect(log.append(run, asked)).resolves.toMatchObject({ lastSeq: 3 })
  })

  it('keeps and publishes, byte for byte, what a newer version wrote, and adds nothing to it', async () => {
    await log.begin(run, task, queued)
    const { events } = layout.run(run)
    const later = '{"format":1,"seq":2,"at":"t","run":"R0001","task":"T0001","type":"run.cancel_requested","data":{"by":"Ann","because":"late","reason":{"deep":1}},"signed":"by"}\n'
    appendFileSync(events, later)
    await log.append(run, { type: 'run.claimed', data: { pid: 1 } })
    expect(await log.show(run)).toMatchObject([{}, { data: { reason: { deep: 1 } }, signed: 'by' }, {}])
    expect((await log.read(run))[1]).not.toHaveProperty('signed')
    appendFileSync(events, '{"format":2,"seq":4,"at":"t","run":"R0001","task":"T0001","type":"run.blessed","data":[1]}\n{"format":1,"seq":5,"at":"t')
    const before = readFileSync(events, 'utf8')
    expect(await log.show(run)).toMatchObject([{}, {}, {}, { format: 2, type: 'run.blessed', data: [1], unknown: true }])
    await expect(log.append(run, { type: 'run.cancel_requested', data: { by: 'Ann', because: 'late' } })).rejects.toMatchObject({ code: 'format.newer', message: expect.stringContaining('run.blessed') })
    expect(readFileSync(events, 'utf8')).toBe(before)
    await log.publish(run)
    expect(published.get('R0001/events.jsonl')).toBe(before.slice(0, before.lastIndexOf('\n') + 1))
  })

  it('says when there is no such run', async () => {
    await expect(log.read(run)).rejects.toMatchObject({ code: 'run.not_found' })
    await expect(log.append(run, { type: 'run.claimed', data: { pid: 1 } })).rejects.toMatchObject({ code: 'run.not_found' })
    expect(existsSync(layout.run(run).folder)).toBe(false)
  })
})
