import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSignalbox, type Killable } from './harness/killable.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { isGone, killSupervisor, readLiveEvents, startRun, untilEnded, untilEvent, untilFile, untilSeen } from './harness/live-run.ts'
import { findEndFaults, showRun, type EndedRun } from './harness/run-faults.ts'
import { createRunWorld, daemon, held, type Planned, type RunWorld } from './harness/run-world.ts'
import { signalIfAlive } from './harness/signal.ts'

let runs: RunWorld

beforeAll(async () => {
  runs = await createRunWorld()
})
afterAll(() => runs.world.close())

function startCall({ task }: Planned, script: string, ...flags: readonly string[]): Killable {
  return startSignalbox(runs.world, ['run', task, ...flags, '--agent', 'shell', '--', 'sh', '-c', script])
}

async function kill(call: Killable): Promise<void> {
  call.kill('group')
  await call.ended
}

/** Asks for a run the way a human would next, and requires that its end is whole. */
async function showWhole(run: string): Promise<EndedRun> {
  const ended = await showRun(runs.world, run)
  expect(await findEndFaults(runs.world, ended)).toEqual([])
  return ended
}

describe('a run whose command line is killed', () => {
  const leaseOf = (run: string): string => join(stateFolderOf(runs.world), 'runs', run, 'lease.json')
  const calls: readonly (readonly [string, readonly string[], (run: string) => string])[] = [
    ['waited for it', [], (run) => runs.flag(`${run}-started`)],
    ['was about to detach from it', ['--detach'], leaseOf],
  ]

  it.each(calls)('that %s goes on to its end', async (_what, flags, reached) => {
    const planned = runs.plan()
    const { run } = planned
    const call = startCall(planned, held(runs, run), ...flags)
    await untilFile(reached(run))
    await kill(call)
    runs.raise(`${run}-go`)
    await untilEnded(runs.world, run)
    expect(await showWhole(run)).toMatchObject({ outcome: 'completed', snapshots: [{ complete: true, repos: [{ files: 1 }] }] })
  })

  it.each([0, 10, 40])('while it starts, %i ms after the id was given, ends in a true state', async (ms) => {
    const planned = runs.plan()
    const { run } = planned
    runs.raise(`${run}-go`)
    const call = startCall(planned, held(runs, run))
    await untilFile(join(runs.world.memory, 'runs', run))
    const end = performance.now() + ms
    await untilSeen('the moment', () => (performance.now() >= end ? true : undefined))
    await kill(call)
    expect(await runs.world.signalbox(['runs'])).toMatchObject({ exit: 0 })
    // Killed before its first event, it is an id that is never used again.
    if (readLiveEvents(runs.world, run).length === 0) return expect(await runs.world.signalbox(['show', run])).toMatchObject({ exit: 3 })
    await untilEnded(runs.world, run)
    expect(['completed', 'interrupted']).toContain((await showWhole(run)).outcome)
  })
})

interface Phase {
  readonly phase: string
  readonly repo?: 'slow'
  /** Command of the repo that is kept from ending. */
  readonly hold?: 'setup' | 'check'
  /** Returns once the run is in the phase. */
  readonly reached: (planned: Planned) => Promise<unknown>
  readonly sealed: boolean
}

describe('a run whose supervisor is killed', () => {
  const afterEvent = (type: string) => ({ run }: Planned) => untilEvent(runs.world, run, type)
  const afterFlag = (name: string) => ({ run }: Planned) => untilFile(runs.flag(`${run}-${name}`))
  const phases: readonly Phase[] = [
    { phase: 'claims it', sealed: false, reached: afterEvent('run.claimed') },
    { phase: 'runs its setup', repo: 'slow', hold: 'setup', sealed: true, reached: afterFlag('setup') },
    { phase: 'starts its agent', sealed: true, reached: afterEvent('run.started') },
    { phase: 'notes that its agent ended', sealed: true, reached: afterEvent('agent.exited') },
    { phase: 'seals', sealed: true, reached: afterEvent('sealing.started') },
    { phase: 'has sealed', sealed: true, reached: afterEvent('round.sealed') },
    { phase: 'checks', repo: 'slow', hold: 'check', sealed: true, reached: afterFlag('check') },
    { phase: 'writes the handoff', sealed: true, reached: ({ task }) => untilHandoffOf(task) },
    { phase: 'has written the handoff', sealed: true, reached: afterEvent('handoff.written') },
    { phase: 'has ended it', sealed: true, reached: afterEvent('run.ended') },
  ]

  it.each(phases)('while it $phase is settled by the next command', async ({ repo, hold, reached, sealed }) => {
    const planned = runs.plan(repo)
    const { run } = planned
    if (hold !== undefined) runs.raise(`${run}-hold-${hold}`)
    const call = startCall(planned, 'echo whole > file.txt')
    await reached(planned)
    // The one who waits goes first, for it would settle the run at once.
    call.kill('group')
    await killSupervisor(runs.world, run)
    // Near its end a run may get there before the kill does: an end that is on record stands.
    const isEnded = readLiveEvents(runs.world, run).some(({ type }) => type === 'run.ended')
    const ended = await showWhole(run)
    expect(ended.outcome).toBe(isEnded ? 'completed' : 'interrupted')
    if (sealed) expect(ended.snapshots).toMatchObject([{ complete: true }])
  })

  async function untilHandoffOf(task: string): Promise<void> {
    const folder = join(runs.world.memory, 'handoffs')
    await untilSeen(`a handoff of ${task}`, () => (existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(`-${task}.md`)) ? true : undefined))
  }

  const half = { outcome: 'interrupted', snapshots: [{ complete: true, repos: [{ files: 1 }] }] }

  it('is ended with all its processes, also one that left its group and ignores SIGTERM', async () => {
    const { task, run } = runs.plan()
    await startRun(runs.world, task, `${daemon(runs, run)}; ${held(runs, run)}`)
    await untilFile(runs.flag(`${run}-started`))
    await killSupervisor(runs.world, run)
    const alive = (): readonly boolean[] => ['daemon', 'started'].map((name) => !isGone(runs.pidIn(`${run}-${name}`)))
    expect(alive()).toEqual([true, true])
    await runs.world.signalbox(['task', 'list'])
    expect(alive()).toEqual([false, false])
    expect(await showWhole(run)).toMatchObject(half)
  })

  it('and whose agent is killed too is sealed as it lies on disk, and a human can go on there', async () => {
    const { task, run } = runs.plan()
    await startRun(runs.world, task, held(runs, run))
    await untilFile(runs.flag(`${run}-started`))
    await killSupervisor(runs.world, run)
    signalIfAlive(runs.pidIn(`${run}-started`), 'SIGKILL')
    expect(await showWhole(run)).toMatchObject(half)
    expect((await runs.world.signalbox(['diff', run])).stdout).toContain('+half')
    expect(await runs.world.signalbox(['seal', run])).toMatchObject({ exit: 0 })
  })

  it('gets one end and one handoff from four recoveries at the same moment', async () => {
    const { task, run } = runs.plan()
    await startRun(runs.world, task, held(runs, run))
    await untilFile(runs.flag(`${run}-started`))
    await killSupervisor(runs.world, run)
    const shown = await Promise.all(Array.from({ length: 4 }, () => showRun(runs.world, run)))
    expect(shown).toEqual(Array.from({ length: 4 }, () => shown[0]))
    expect(await showWhole(run)).toMatchObject(half)
  })
})
