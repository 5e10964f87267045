import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gateForm, handoffForm, runForm } from './harness/contract.ts'
import { killSupervisor, startRun, untilEnded, untilEvent, untilFile } from './harness/live-run.ts'
import { findEndFaults, showRun, type EndedRun } from './harness/run-faults.ts'
import { createRunWorld, daemon, held, type RunWorld } from './harness/run-world.ts'

let runs: RunWorld

beforeAll(async () => {
  runs = await createRunWorld()
})
afterAll(() => runs.world.close())

/** Half the work of `held`, saved whole. */
const half = [{ complete: true, repos: [{ files: 1 }] }]

/** Starts an agent with a daemon that would outlive it, and returns its run once both are at work. */
async function startWithDaemon(): Promise<string> {
  const { task, run } = runs.plan()
  await startRun(runs.world, task, `${daemon(runs, run)}; ${held(runs, run)}`)
  await untilFile(runs.flag(`${run}-started`))
  return run
}

/** Asks for a run, and requires that its end is whole. */
async function showWhole(run: string): Promise<EndedRun> {
  const ended = await showRun(runs.world, run)
  expect(await findEndFaults(runs.world, ended)).toEqual([])
  return ended
}

describe('a run that is stopped', () => {
  it('by a cancel ends with all its daemons, sealed and handed off', async () => {
    const run = await startWithDaemon()
    expect(await runs.world.ask(runForm, ['cancel', run, '--because', 'wrong branch'])).toMatchObject({ state: 'ended', outcome: 'cancelled' })
    expect(await showWhole(run)).toMatchObject({ outcome: 'cancelled', because: expect.stringContaining('wrong branch'), snapshots: half })
  })

  it('by a cancel is cancelled also when its supervisor is killed at that moment', async () => {
    const run = await startWithDaemon()
    const cancel = runs.world.signalbox(['cancel', run])
    await untilEvent(runs.world, run, 'run.cancel_requested')
    await killSupervisor(runs.world, run)
    expect(await cancel).toMatchObject({ exit: 0 })
    expect(await showWhole(run)).toMatchObject({ outcome: 'cancelled', snapshots: half })
  })

  it('by its limit of minutes ends in order', async () => {
    const { task, run } = runs.plan()
    await startRun(runs.world, task, held(runs, run), '--minutes', '0.03')
    await untilEnded(runs.world, run)
    expect(await showWhole(run)).toMatchObject({ outcome: 'failed', because: expect.stringContaining('limit of 0.03 minutes'), snapshots: half })
  })
})

describe('an agent that destroys', () => {
  it.each([
    ['its checkout', 'cd /; rm -rf "$SIGNALBOX_WORKSPACE/api"', { path: '.', reason: 'workspace_lost' }],
    ['its whole workspace', 'cd /; rm -rf "$SIGNALBOX_WORKSPACE"', { path: '.', reason: 'workspace_lost' }],
    ['the git directory of its run', 'rm -rf "$(git rev-parse --git-common-dir)"', { path: '.git/HEAD', reason: 'unreadable' }],
  ])('%s ends its run, with what is missing named and no way to land it', async (_what, script, missing) => {
    const ended = await destroy(script)
    expect(ended).toMatchObject({ outcome: 'completed', snapshots: [{ complete: false, repos: [{ missing: [missing] }] }] })
    const { blockers } = await runs.world.ask(gateForm, ['gate', ended.id], 4)
    expect(blockers[0]).toMatchObject({ code: 'snapshot_missing', data: { missing: [{ repo: 'api', ...missing }] } })
    expect(await runs.world.refused('merge', ended.id, '--approve')).toMatchObject({ blockers: [{ code: 'snapshot_missing' }] })
    expect(await runs.world.ask(handoffForm, ['handoff', 'show', ended.handoff ?? ''])).toMatchObject({ blocker: expect.stringContaining(missing.path) })
  })

  it.each([
    ['the .git of its checkout', 'rm .git'],
    ['what its .git says', 'echo "gitdir: /nowhere" > .git'],
  ])('%s loses nothing: files, index and commits lie elsewhere', async (_what, script) => {
    const ended = await destroy(script)
    expect(ended).toMatchObject({ outcome: 'completed', snapshots: half })
    expect((await runs.world.signalbox(['diff', ended.id])).stdout).toContain('+whole')
  })

  async function destroy(script: string): Promise<EndedRun> {
    const { task, run } = runs.plan()
    await runs.world.signalbox(['run', task, '--agent', 'shell', '--', 'sh', '-c', `echo whole > file.txt; ${script}`])
    const ended = await showRun(runs.world, run)
    // Nothing is left there for a human to go on in with git.
    expect(await findEndFaults(runs.world, { ...ended, workspace: null })).toEqual([])
    return ended
  }
})
