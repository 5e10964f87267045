import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { branchNameSchema, checkpointPolicySchema, oidSchema, repoNameSchema, runIdSchema, taskIdSchema, type CheckpointPolicy, type Run, type LoggedEvent, type RunEvent } from '@signalbox/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startCheckpoints } from './checkpoints.ts'
import { writeDurably } from './durable-file.ts'
import type { CapturedRepo } from './git-ports.ts'
import { findTagged, hasEnded, isStopped, runTagName, withDescendants } from './process-tree.ts'
import { createRepoPaths } from './repo-paths.ts'
import { createRunLog } from './run-log.ts'
import { layoutState } from './state-layout.ts'

const id = runIdSchema.parse('R0001')
const repo = repoNameSchema.parse('api')
const oid = (digit: string) => oidSchema.parse(digit.repeat(40))
/** Nothing is taken for being at rest, nor for being long at work. */
const onlyTurns = checkpointPolicySchema.parse({ restSeconds: 3_600, busySeconds: 80_000, secondsBetween: 0 })

let folder: string
let agent: ChildProcess
let tag: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-checkpoints-'))
  tag = randomUUID()
  // A tree of four: the agent, a child, one that left the group, and one that dropped the tag.
  agent = spawn('/bin/sh', ['-c', 'sleep 600 & setsid sleep 600 & env -i sleep 600 & wait'], { env: { PATH: process.env['PATH'] ?? '', [runTagName]: tag }, stdio: 'ignore' })
})
afterEach(async () => {
  for (const pid of pidsOf()) process.kill(pid, 'SIGKILL')
  if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit')
  rmSync(folder, { recursive: true, force: true })
})

/** A run at work whose checkout is captured by `capture`; what is noticed there is a new thing at every look. */
async function atWork(capture: (number: number) => Promise<CapturedRepo>) {
  const layout = layoutState(folder)
  const repoPaths = createRepoPaths(layout)
  await repoPaths.set(repo, join(folder, 'source'))
  const log = createRunLog({ layout, memory: { readRunFile: async () => undefined, writeRunFile: async () => {} }, locks: { hold: (_path, work) => work() }, clock: { now: () => '2026-01-01T00:00:00.000Z' } })
  const source = { branch: null, head: oid('a'), dirty: false, paths: [], operation: null }
  const repos = [{ repo, baseBranch: branchNameSchema.parse('main'), baseHead: oid('a'), source }]
  await log.begin(id, taskIdSchema.parse('T0001'), { type: 'run.queued', data: { agent: 'shell', argv: [], isolation: 'private', by: 'Ann', taskRevision: 'x', baseBranch: null, scope: null, minutes: 60, budget: null, repos } })
  const run = await log.append(id, { type: 'run.claimed', data: { pid: 1 } }, { type: 'run.prepared', data: { packetHash: 'h', packetTokens: 1 } }, { type: 'run.started', data: { pid: agent.pid ?? 0 } })
  await writeDurably(layout, layout.run(id).tag, tag)
  let looks = 0
  const snapshots = { capture: (_checkout: unknown, _base: unknown, number: number) => capture(number), noticeChanges: async () => String((looks += 1)), drop: async () => {} }
  return { run, log, services: { layout, log, repoPaths, snapshots } }
}

function captured(number: number): CapturedRepo {
  return { commit: oid('c'), tree: oid(String(number % 10)), files: number, insertions: number, deletions: 0, missing: [] }
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await delay(5)
  }
}

const pidsOf = (): readonly number[] => withDescendants(findTagged(tag)).map(({ pid }) => pid)
const tree = async (): Promise<readonly number[]> => until(async () => (findTagged(tag).length === 3 && pidsOf().length === 4 ? pidsOf() : undefined))

function eventsOf(work: Awaited<ReturnType<typeof atWork>>, type: RunEvent['type'], count: number): Promise<readonly LoggedEvent[]> {
  return until(async () => {
    const found = (await work.log.read(id)).filter((event) => event.type === type)
    return found.length >= count ? found : undefined
  })
}

it('takes one at the end of a turn, with the whole tree standing still as long as it is captured and no longer', async () => {
  const pids = await tree()
  const seen: boolean[][] = []
  const work = await atWork(async (number) => {
    seen.push(pids.map(isStopped))
    return captured(number)
  })
  const checkpoints = startCheckpoints(work.services, work.run, onlyTurns)
  checkpoints.turnEnded()
  const [event] = await eventsOf(work, 'checkpoint.captured', 1)
  expect(event?.data).toMatchObject({ reason: 'turn', snapshot: { id: 'R0001.s1', kind: 'checkpoint', complete: true } })
  expect(seen).toEqual([[true, true, true, true]])
  expect(pids.map(isStopped)).toEqual([false, false, false, false])
  checkpoints.turnEnded()
  await eventsOf(work, 'checkpoint.captured', 2)
  await checkpoints.stop()
})

it('records one that fails, lets the processes go on, and tries again', async () => {
  const pids = await tree()
  let tries = 0
  const work = await atWork(async (number) => {
    tries += 1
    if (tries === 1) throw new Error('the disk is away')
    return captured(number)
  })
  const checkpoints = startCheckpoints(work.services, work.run, onlyTurns)
  checkpoints.turnEnded()
  const [failed] = await eventsOf(work, 'checkpoint.failed', 1)
  expect(failed?.data).toEqual({ reason: 'turn', because: 'the disk is away' })
  expect(pids.map(isStopped)).toEqual([false, false, false, false])
  checkpoints.turnEnded()
  const [event] = await eventsOf(work, 'checkpoint.captured', 1)
  expect(event?.data).toMatchObject({ snapshot: { id: 'R0001.s1' } })
  await checkpoints.stop()
})

it.each<readonly [string, (pid: number) => void]>([
  ['let go on', (pid) => process.kill(pid, 'SIGCONT')],
  ['ended', (pid) => process.kill(pid, 'SIGKILL')],
])('calls nothing a checkpoint where somebody was %s while it was captured', async (_, act) => {
  const pids = await tree()
  const work = await atWork(async (number) => {
    act(pids[1] ?? 0)
    await until(async () => (hasEnded(pids[1] ?? 0) || !isStopped(pids[1] ?? 0) ? true : undefined))
    return captured(number)
  })
  const checkpoints = startCheckpoints(work.services, work.run, onlyTurns)
  checkpoints.turnEnded()
  const [failed] = await eventsOf(work, 'checkpoint.failed', 1)
  expect(failed?.data).toMatchObject({ because: 'Its processes went on while it was being saved' })
  expect((await work.log.fold(id)).snapshots).toEqual([])
  await checkpoints.stop()
})

it('leaves one that stood still before standing still', async () => {
  const [first = 0, ...others] = await tree()
  process.kill(first, 'SIGSTOP')
  await until(async () => (isStopped(first) ? true : undefined))
  const work = await atWork(async (number) => captured(number))
  const checkpoints = startCheckpoints(work.services, work.run, onlyTurns)
  checkpoints.turnEnded()
  await eventsOf(work, 'checkpoint.captured', 1)
  expect([isStopped(first), ...others.map(isStopped)]).toEqual([true, false, false, false])
  await checkpoints.stop()
})

it('ends only after one that is under way, and takes no more', async () => {
  await tree()
  const go = join(folder, 'go')
  let done = false
  const work = await atWork(async (number) => {
    writeFileSync(go, '')
    await delay(50)
    done = true
    return captured(number)
  })
  const checkpoints = startCheckpoints(work.services, work.run, onlyTurns)
  checkpoints.turnEnded()
  await until(async () => (existsSync(go) ? true : undefined))
  await checkpoints.stop()
  const taken = (await work.log.fold(id)).snapshots.length
  checkpoints.turnEnded()
  await delay(20)
  expect([done, taken, (await work.log.fold(id)).snapshots.length]).toEqual([true, 1, 1])
})

it('says nothing of one that the end of the run cut off: what they leave is saved as its end', async () => {
  const [first = 0] = await tree()
  let ended: Promise<void> | undefined
  const work = await atWork(async (number) => {
    ended = checkpoints.stop()
    process.kill(first, 'SIGCONT')
    await until(async () => (isStopped(first) ? undefined : true))
    return captured(number)
  })
  const checkpoints = startCheckpoints(work.services, work.run, onlyTurns)
  checkpoints.turnEnded()
  await until(async () => (ended === undefined ? undefined : true))
  await ended
  expect((await work.log.fold(id)).saved).toEqual([])
})

it.each<readonly [string, Partial<CheckpointPolicy>]>([
  ['where the policy says never', { take: 'never' }],
  ['before its time', { secondsBetween: 3_600 }],
])('takes none %s', async (_, policy) => {
  await tree()
  const work = await atWork(() => Promise.reject(new Error('nobody may ask')))
  const checkpoints = startCheckpoints(work.services, work.run, { ...onlyTurns, ...policy })
  checkpoints.turnEnded()
  await delay(20)
  await checkpoints.stop()
  const run: Run = await work.log.fold(id)
  expect(run.saved).toEqual([])
})
