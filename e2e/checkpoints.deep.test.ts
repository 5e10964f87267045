import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quick, savedRunForm, setCheckpoints, untilEvents } from './harness/checkpoints.ts'
import { approvalForm, diffForm, failureForm, gateForm, handoffForm, interdiffForm } from './harness/contract.ts'
import { makeSmallDisk } from './harness/hard-disk.ts'
import { isGone, killSupervisor, readLiveEvents, startRun, untilEnded, untilSeen } from './harness/live-run.ts'
import { findEndFaults, showRun } from './harness/run-faults.ts'
import { createRunWorld, type Planned, type RunWorld } from './harness/run-world.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask } from './harness/world.ts'

let runs: RunWorld

beforeAll(async () => {
  runs = await createRunWorld()
  setCheckpoints(runs.world, quick)
})
afterAll(() => runs.world.close())

const vault = (): string => join(stateFolderOf(runs.world), 'vaults', 'api.git')
const refsOf = (run: string): readonly string[] => git(vault(), 'for-each-ref', '--format=%(refname:lstrip=4)', `refs/signalbox/runs/${run}`).split('\n')
const waitFor = (name: string): string => `until [ -e '${runs.flag(name)}' ]; do sleep 0.05; done`
const show = (run: string) => runs.world.ask(savedRunForm, ['show', run])

/** Starts an agent that works in turns, each begun when the last one is saved, and waits for its end. */
async function runInTurns({ task, run }: Planned, turns: readonly string[]): Promise<void> {
  await startRun(runs.world, task, turns.map((turn, index) => `${turn}; ${waitFor(`${run}-${index}`)}`).join('\n'))
  for (const index of turns.keys()) {
    await untilEvents(runs.world, run, 'checkpoint.captured', index + 1)
    // Nothing is sealed yet, but something is there to look at.
    if (index === 0) expect((await runs.world.ask(failureForm, ['diff', run], 3)).error.hint).toContain(`signalbox diff ${run}.s1`)
    runs.raise(`${run}-${index}`)
  }
  await untilEnded(runs.world, run)
}

describe('checkpoints of a run at work', () => {
  it('are taken whenever its files come to rest, can be looked at and compared, and only the round can be approved', async () => {
    const planned = runs.plan()
    const { run } = planned
    await runInTurns(planned, ['echo one > one', 'echo two > two', 'mv one two'])
    const saved = await show(run)
    expect(saved.snapshots.map(({ id, kind, complete }) => [id, kind, complete])).toEqual([1, 2, 3, 4].map((number) => [`${run}.s${number}`, number === 4 ? 'round' : 'checkpoint', true]))
    expect(saved.timeline.map(({ kind, reason, files, insertions }) => [kind, reason, files, insertions])).toEqual([['checkpoint', 'rest', 1, 1], ['checkpoint', 'rest', 2, 2], ['checkpoint', 'rest', 1, 1], ['round', 'run', 1, 1]])
    expect(saved.timeline[0]?.heldMs).toBeGreaterThan(0)
    const { repos } = await runs.world.ask(diffForm, ['diff', `${run}.s2`])
    expect(repos.map(({ files }) => files.map(({ path }) => path))).toEqual([['one', 'two']])
    const since = await runs.world.ask(interdiffForm, ['diff', `${run}.s2`, '--since', 's1'])
    expect(since.repos.map(({ files }) => files.map(({ path }) => path))).toEqual([['two']])
    expect((await runs.world.call(['show', run])).stdout).toMatch(new RegExp(`\\n +\\d\\d:\\d\\d:\\d\\d  ${run}\\.s1  checkpoint  api 1 file \\+1  its files came to rest\\n`))
    expect(await runs.world.ask(gateForm, ['gate', run], 4)).toMatchObject({ digest: saved.snapshots[3]?.digest, blockers: [{ code: 'approval_missing' }] })
    expect((await runs.world.call(['approve', run, '--snapshot', 's2', '--json'])).exit).toBe(4)
    expect((await runs.world.ask(failureForm, ['seal', run, '--from', 's2'], 2)).error.message).toBe(`${run}.s2 is a checkpoint, and only of a round another one is made`)
    expect((await runs.world.ask(approvalForm, ['approve', run])).approval.snapshot).toBe(`${run}.s4`)
  })

  it('are so many at most: those in between go, spread over the run, with their refs, and are said to be gone', async () => {
    setKeep(2)
    const planned = runs.plan()
    const { run } = planned
    await runInTurns(planned, ['echo 1 > f', 'echo 2 > f', 'echo 3 > f', 'git add f; echo 4 > f'])
    setKeep(quick.keep)
    const saved = await show(run)
    expect(saved.snapshots.map(({ id }) => id.slice(run.length))).toEqual(['.s1', '.s4', '.s5'])
    expect(saved.timeline.map(({ thinned }) => thinned)).toEqual([false, true, true, false, false])
    expect(refsOf(run)).toEqual(['s1', 's4', 's5'])
    const { stdout, exit } = await runs.world.call(['diff', `${run}.s2`, '--json'])
    expect([exit, stdout]).toEqual([3, expect.stringContaining('thinned out')])
    expect((await runs.world.call(['doctor'])).stdout).not.toMatch(/✗|!/)
  })

  function setKeep(keep: number): void {
    const file = join(runs.world.memory, 'signalbox.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/keep: \d+/, `keep: ${keep}`))
  }

  it('are each of one moment, while an agent never stops writing, and none of its own git commands fails', async () => {
    const { task, run } = runs.plan()
    const files = 60
    // Every file gets the number of the round, in order: of one moment, no file has more than the one before it, and all differ by one at most.
    const writer = `const fs = require('node:fs'); for (let n = 1; !fs.existsSync(process.argv[1]); n++) for (let f = 0; f < ${files}; f++) { fs.writeFileSync('draft', String(n)); fs.renameSync('draft', 'f' + String(f).padStart(3, '0')); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.5) }`
    const commits = `n=0; until [ -e '${runs.flag(`${run}-stop`)}' ]; do echo $n > g; git add g; git -c user.name=A -c user.email=a@example.invalid commit -qm $n; n=$((n+1)); sleep 0.1; done`
    await startRun(runs.world, task, `"${process.execPath}" -e "${writer}" '${runs.flag(`${run}-stop`)}' & ${commits}; wait`)
    await untilEvents(runs.world, run, 'checkpoint.captured', 3)
    runs.raise(`${run}-stop`)
    await untilEnded(runs.world, run)
    const saved = await show(run)
    expect(saved).toMatchObject({ outcome: 'completed' })
    expect(saved.timeline.filter(({ kind }) => kind === 'failed')).toEqual([])
    const checkpoints = saved.snapshots.filter(({ kind }) => kind === 'checkpoint')
    // The first may be of a moment before the writer began.
    const written = checkpoints.flatMap(({ repos }) => repos).filter(({ commit }) => git(vault(), 'ls-tree', commit, 'f000') !== '')
    expect(written.length).toBeGreaterThan(1)
    for (const { commit } of written) {
      const numbers = git(vault(), 'grep', '-h', '-e', '', commit, '--', 'f???').split('\n').map(Number)
      expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
      expect((numbers[0] ?? 0) - (numbers.length < files ? 0 : (numbers.at(-1) ?? 0))).toBeLessThanOrEqual(1)
    }
    expect(new Set(checkpoints.map(({ digest }) => digest)).size).toBe(checkpoints.length)
  })

  it('that fail are on record, leave no snapshot, and the next one has their number', async () => {
    const { task, run } = runs.plan()
    await startRun(runs.world, task, `${waitFor(`${run}-go`)}; echo one > one; ${waitFor(`${run}-end`)}`)
    const inTheWay = join(vault(), 'refs', 'signalbox', 'runs', run)
    writeFileSync(inTheWay, '')
    runs.raise(`${run}-go`)
    await untilEvents(runs.world, run, 'checkpoint.failed', 1)
    expect((await show(run)).snapshots).toEqual([])
    rmSync(inTheWay)
    await untilEvents(runs.world, run, 'checkpoint.captured', 1)
    runs.raise(`${run}-end`)
    await untilEnded(runs.world, run)
    const saved = await show(run)
    expect(saved.snapshots.map(({ id, kind }) => [id, kind])).toEqual([[`${run}.s1`, 'checkpoint'], [`${run}.s2`, 'round']])
    expect(saved.timeline[0]).toMatchObject({ kind: 'failed', snapshot: null, reason: 'rest', because: expect.stringContaining(stateFolderOf(runs.world)), files: null })
  })

  it('stay, when the agent removes its own checkout and everything in it', async () => {
    const planned = runs.plan()
    const { run } = planned
    await startRun(runs.world, planned.task, `echo one > one; ${waitFor(`${run}-0`)}; rm -rf "$PWD"; ${waitFor(`${run}-1`)}`)
    await untilEvents(runs.world, run, 'checkpoint.captured', 1)
    runs.raise(`${run}-0`)
    await untilEvents(runs.world, run, 'checkpoint.failed', 1)
    runs.raise(`${run}-1`)
    await untilEnded(runs.world, run)
    const saved = await show(run)
    expect(saved.snapshots.map(({ kind, complete }) => [kind, complete])).toEqual([['checkpoint', true], ['round', false]])
    expect(saved.timeline[1]).toMatchObject({ kind: 'failed', because: 'The checkout of api is gone' })
    expect((await runs.world.ask(handoffForm, ['handoff', 'show', saved.handoff ?? ''])).next).toContain(`--from ${run}.s1`)
    const folder = runs.flag(`${run}-restored`)
    expect((await runs.world.call(['restore', `${run}.s1`, folder])).exit).toBe(0)
    expect(readFileSync(join(folder, 'api', 'one'), 'utf8')).toBe('one\n')
  })

  it('are taken no more once it is being ended: its last seconds are for what it still has to write', async () => {
    const { task, run } = runs.plan()
    await startRun(runs.world, task, `trap 'echo last > last; sleep 2; exit' TERM; echo one > one; ${waitFor('never')}`)
    await untilEvents(runs.world, run, 'checkpoint.captured', 1)
    await runs.world.ask(savedRunForm, ['cancel', run])
    const types = readLiveEvents(runs.world, run).map(({ type }) => type)
    expect(types.slice(types.indexOf('run.cancel_requested'))).not.toContainEqual(expect.stringContaining('checkpoint'))
  })
})

/** Says in what state a process is, as the system calls it: `T` is stopped. */
function stateOf(pid: number): string | undefined {
  const path = `/proc/${pid}/stat`
  return existsSync(path) ? /\) (\w)/.exec(readFileSync(path, 'latin1'))?.[1] : undefined
}

describe.skipIf(process.platform !== 'linux')('a supervisor that is killed while its agent stands still for a checkpoint', () => {
  it.each([0, 30])('for %i ms leaves what the next command ends in truth, and the checkpoints before', async (ms) => {
    const { task, run } = runs.plan()
    const pid = runs.flag(`${run}-pid`)
    // Many new files keep a checkpoint busy for long enough to be met.
    await startRun(runs.world, task, `echo one > one; ${waitFor(`${run}-0`)}; for n in $(seq 1 800); do echo $n > many-$n; done; env -i sleep 60 & echo $! > '${pid}-bare'; echo $$ > '${pid}'; ${waitFor(`${run}-1`)}`)
    await untilEvents(runs.world, run, 'checkpoint.captured', 1)
    runs.raise(`${run}-0`)
    const agent = await untilSeen('the agent to stand still', () => {
      const found = existsSync(pid) ? runs.pidIn(`${run}-pid`) : 0
      return found > 0 && stateOf(found) === 'T' ? found : undefined
    })
    const end = performance.now() + ms
    await untilSeen('the moment', () => (performance.now() >= end ? true : undefined))
    await killSupervisor(runs.world, run)
    const ended = await showRun(runs.world, run)
    expect(isGone(agent)).toBe(true)
    // What dropped its tag cannot be told from others, so it is not ended; but it does not stay stopped.
    const bare = runs.pidIn(`${run}-pid-bare`)
    expect(stateOf(bare)).toBe('S')
    process.kill(bare, 'SIGKILL')
    expect(await findEndFaults(runs.world, ended)).toEqual([])
    expect(ended).toMatchObject({ outcome: 'interrupted', snapshots: [{ kind: 'checkpoint', complete: true }, ...ended.snapshots.slice(1)] })
    expect(ended.snapshots.at(-1)).toMatchObject({ kind: 'round', complete: true, repos: [{ files: 801 }] })
    expect((await runs.world.call(['diff', `${run}.s1`])).stdout).toContain('+one')
    git(vault(), 'fsck', '--no-dangling')
  })
})

it('a disk with little room is left to the end of the run', async () => {
  const world = await createWorld()
  setCheckpoints(world, quick)
  const disk = makeSmallDisk(world, 'small')
  try {
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'before\n' }))
    await newTask(world, 'Work', '--repo', 'api')
    if (disk.full.noRoom === true) return // nothing may be mounted here
    const small = { ...world, state: join(disk.folder, 'state') }
    mkdirSync(small.state)
    const env = { SIGNALBOX_STATE: small.state }
    expect((await world.call(['repo', 'add', join(world.dir, 'api'), '--name', 'api'], { env })).exit).toBe(0)
    const ended = await world.call(['run', 'T0001', '--agent', 'shell', '--json', '--', 'sh', '-c', `echo one > one; until grep -q '"type":"checkpoint.failed"' '${disk.folder}'/state/*/runs/R0001/events.jsonl; do sleep 0.05; done`], { env })
    const run = savedRunForm.parse(JSON.parse(ended.stdout))
    expect(run).toMatchObject({ outcome: 'completed', snapshots: [{ kind: 'round', complete: true }] })
    expect(run.timeline[0]).toMatchObject({ kind: 'failed', because: expect.stringMatching(/^Less than 512 MiB are free/) })
    expect(readdirSync(small.state)).toHaveLength(1)
  } finally {
    disk.remove()
    await world.close()
  }
})
