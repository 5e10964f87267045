import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, taskIdSchema, type Live, type LiveChange, type NewRunEvent, type RunId } from '@signalbox/core'
import { createTempDir } from '@signalbox/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { markActive } from './active-runs.ts'
import { hintChanged } from './changed-runs.ts'
import { createLive } from './live.ts'
import type { Locks } from './ports.ts'
import { createRunLog, type RunLog } from './run-log.ts'
import { layoutState, type StateLayout } from './state-layout.ts'

const run = runIdSchema.parse('R0001')
const other = runIdSchema.parse('R0002')
const task = taskIdSchema.parse('T0001')
const oid = oidSchema.parse('a'.repeat(40))
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
    repos: [{ repo: repoNameSchema.parse('api'), baseBranch: branchNameSchema.parse('main'), baseHead: oid, source: { branch: null, head: oid, dirty: false, paths: [], operation: null } }],
  },
}
const late: NewRunEvent = { type: 'run.cancel_requested', data: { by: 'Ann', because: 'late' } }

/** One process and one run at a time need no lock. */
const locks: Locks = { hold: (_path, work) => work() }

let layout: StateLayout
let log: RunLog
let live: Live & { close(): void }
let tellRecords: (paths: readonly string[]) => void
let isWatched: () => boolean
const told: LiveChange[] = []

beforeEach(() => {
  layout = layoutState(createTempDir('live'))
  told.length = 0
  log = createRunLog({ layout, memory: { readRunFile: () => Promise.resolve(undefined), writeRunFile: () => Promise.resolve() }, locks, clock: { now: () => '2026-01-01T00:00:00.000Z' } })
  live = createLive({
    layout,
    recordWatch: {
      watch: (tell, signal) => {
        tellRecords = tell
        isWatched = () => !signal.aborted
      },
    },
  })
})
afterEach(() => live.close())

function seen(id: RunId): readonly number[] {
  return told.flatMap((change) => (change.kind === 'run' && change.event.run === id ? [change.event.seq] : []))
}

function follow(): () => void {
  return live.follow((change) => told.push(change))
}

const within = { timeout: 5_000, interval: 10 }

describe('following runs', () => {
  it('tells every event of every run once and in order, from the moment of asking on', async () => {
    await log.begin(run, task, queued)
    await log.append(run, late)
    follow()
    for (let count = 0; count < 20; count += 1) await log.append(run, late)
    await log.begin(other, task, queued)
    await log.append(other, late, late)
    await vi.waitFor(() => expect([seen(run).length, seen(other)]).toEqual([20, [1, 2, 3]]), within)
    expect(seen(run)).toEqual(Array.from({ length: 20 }, (_, index) => index + 3))
  })

  it('finds the event of an active run whose hint was lost', async () => {
    await log.begin(run, task, queued)
    await markActive(layout, run)
    follow()
    const size = statSync(layout.changedRuns).size
    await log.append(run, late)
    truncateSync(layout.changedRuns, size)
    await vi.waitFor(() => expect(seen(run)).toEqual([2]), within)
  })

  it('looks at all runs when the hints were begun anew', async () => {
    await log.begin(run, task, queued)
    await log.begin(other, task, queued)
    follow()
    await log.append(other, late)
    writeFileSync(layout.changedRuns, '')
    await vi.waitFor(() => expect(seen(other)).toEqual([2]), within)
  })

  it('does not tell half an event, and tells it once it is whole', async () => {
    await log.begin(run, task, queued)
    await log.append(run, late)
    const line = `${readFileSync(layout.run(run).events, 'utf8').trimEnd().split('\n').at(-1)?.replace('"seq":2', '"seq":3') ?? ''}\n`
    follow()
    appendFileSync(layout.run(run).events, line.slice(0, 40))
    await hintChanged(layout.changedRuns, run, 3)
    await log.begin(other, task, queued)
    await vi.waitFor(() => expect(seen(other)).toEqual([1]), within)
    expect(seen(run)).toEqual([])
    appendFileSync(layout.run(run).events, line.slice(40))
    await hintChanged(layout.changedRuns, run, 3)
    await vi.waitFor(() => expect(seen(run)).toEqual([3]), within)
    expect(told.length).toBe(2)
  })

  it('sees a torn event replaced by one that is as long', async () => {
    await log.begin(run, task, queued)
    await log.append(run, late)
    const whole = readFileSync(layout.run(run).events, 'utf8')
    const line = whole.slice(whole.lastIndexOf('\n', whole.length - 2) + 1).replace('"seq":2', '"seq":3')
    follow()
    writeFileSync(layout.run(run).events, `${whole}${line.slice(0, -1)} `)
    await hintChanged(layout.changedRuns, run, 3)
    await log.begin(other, task, queued)
    await vi.waitFor(() => expect(seen(other)).toEqual([1]), within)
    writeFileSync(layout.run(run).events, `${whole}${line}`)
    await hintChanged(layout.changedRuns, run, 3)
    await vi.waitFor(() => expect(seen(run)).toEqual([3]), within)
  })

  it('goes on after a torn tail was cut off and replaced', async () => {
    await log.begin(run, task, queued)
    appendFileSync(layout.run(run).events, '{"format":1,"seq":2,"at":"2026-')
    follow()
    await log.append(run, late)
    await log.append(run, late)
    await vi.waitFor(() => expect(seen(run)).toEqual([2, 3]), within)
  })

  it('says that something changed when a log cannot be read, once, and goes on with the others', async () => {
    await log.begin(run, task, queued)
    await markActive(layout, run)
    follow()
    appendFileSync(layout.run(run).events, 'not json\n')
    await hintChanged(layout.changedRuns, run, 2)
    await vi.waitFor(() => expect(told).toEqual([{ kind: 'records', paths: ['runs/R0001/events.jsonl'] }]), within)
    await log.begin(other, task, queued)
    await vi.waitFor(() => expect(seen(other)).toEqual([1]), within)
    expect(told.length).toBe(2)
  })

  it('tells all who follow, whatever one of them does', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
    live.follow(() => {
      throw new Error('mine')
    })
    follow()
    tellRecords(['tasks/T0001-a.md'])
    expect(told).toEqual([{ kind: 'records', paths: ['tasks/T0001-a.md'] }])
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('mine'), 'SignalboxWarning')
    warned.mockRestore()
  })

  it('lets go of everything with the last follower, and begins from now when asked again', async () => {
    const stops = [follow(), follow()]
    stops[0]?.()
    stops[0]?.()
    expect(isWatched()).toBe(true)
    stops[1]?.()
    expect(isWatched()).toBe(false)
    await log.begin(run, task, queued)
    follow()
    await log.append(run, late)
    await vi.waitFor(() => expect(seen(run)).toEqual([2]), within)
  })
})

describe('following a transcript', () => {
  it('tells its length at the beginning and whenever it has grown', async () => {
    const lengths: number[] = []
    const stop = live.followTranscript(run, (bytes) => lengths.push(bytes))
    await vi.waitFor(() => expect(lengths).toEqual([0]), within)
    mkdirSync(dirname(layout.run(run).transcript), { recursive: true })
    writeFileSync(layout.run(run).transcript, 'x'.repeat(10))
    await vi.waitFor(() => expect(lengths).toEqual([0, 10]), within)
    const others: number[] = []
    live.followTranscript(run, (bytes) => others.push(bytes))
    await vi.waitFor(() => expect(others).toEqual([10]), within)
    stop()
    appendFileSync(layout.run(run).transcript, 'y')
    await vi.waitFor(() => expect(others).toEqual([10, 11]), within)
    expect(lengths).toEqual([0, 10])
  })
})

describe('the file of hints', () => {
  it('is begun anew when it has grown too long', async () => {
    mkdirSync(layout.root, { recursive: true })
    writeFileSync(layout.changedRuns, 'R0001 1\n'.repeat(1 << 17))
    await hintChanged(layout.changedRuns, run, 2)
    expect(statSync(layout.changedRuns).size).toBe(0)
  })

  it('fails no append when it cannot be written', async () => {
    await log.begin(run, task, queued)
    const folder = layoutState('/nowhere/at/all')
    await expect(hintChanged(folder.changedRuns, run, 1)).resolves.toBeUndefined()
    expect(existsSync(folder.root)).toBe(false)
  })
})
