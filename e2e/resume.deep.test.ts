import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, run as exec, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approvalForm, failureForm, gateForm, handoffForm, mergeForm, runForm } from './harness/contract.ts'
import { startSignalbox } from './harness/killable.ts'
import { killSupervisor, startRun, untilFile } from './harness/live-run.ts'
import { readRecordedEvents } from './harness/record.ts'
import { showRun } from './harness/run-faults.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { until } from './harness/until.ts'
import { addRepo, createWorld, newTask, parseOutcome, type World } from './harness/world.ts'

/** Writes one more line each time it is started, and what it was told beside the packet. */
const worker = `echo "time \${SIGNALBOX_PROMPT:+again}" >> a.txt; if test -n "$SIGNALBOX_PROMPT"; then cp "$SIGNALBOX_PROMPT" told.md; fi`

let world: World
let api: string
beforeAll(async () => {
  world = await createWorld()
  api = world.source('api', { 'a.txt': 'a\n' })
  await addRepo(world, 'api', api, 'told=test -f a.txt')
})
afterAll(() => world.close())

async function runOnce(title: string, script: string, exit = 0): Promise<string> {
  const task = await newTask(world, title, '--repo', 'api')
  return parseOutcome(runForm, await world.signalbox(['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', script]), exit).id
}
const workspaceOf = (run: string): string => join(stateFolderOf(world), 'workspaces', run, 'api')

describe('an ended run that goes on', () => {
  it('works on in its workspace, as the next round, with what it is told, and lands', async () => {
    const run = await runOnce('Work twice', worker)
    await world.ask(approvalForm, ['approve', run])
    const again = await world.ask(runForm, ['resume', run, 'Say it louder'])
    expect(again).toMatchObject({ state: 'ended', outcome: 'completed', snapshots: [{ id: `${run}.s1` }, { id: `${run}.s2`, complete: true }] })
    expect(readFileSync(join(workspaceOf(run), 'a.txt'), 'utf8')).toBe('a\ntime \ntime again\n')
    const told = readFileSync(join(workspaceOf(run), 'told.md'), 'utf8')
    expect(told).toContain('Work twice')
    expect(told).toContain(`# How this run stood when it ended before\n\n${run} (shell) completed`)
    expect(told.endsWith('# What your human says to it\n\nSay it louder\n')).toBe(true)
    // The yes was to the round before, and the checks are of the new one.
    expect(await world.ask(gateForm, ['gate', run], 4)).toMatchObject({ blockers: [{ code: 'approval_stale' }] })
    expect(await world.ask(mergeForm, ['merge', run, '--approve'])).toMatchObject({ state: 'merged' })
    expect(git(api, 'show', 'HEAD:a.txt')).toBe('a\ntime \ntime again')
    expect(readRecordedEvents(world, run).filter(({ type }) => type === 'run.resumed' || type === 'run.ended' || type === 'round.sealed').map(({ type }) => type)).toEqual(['round.sealed', 'run.ended', 'run.resumed', 'round.sealed', 'run.ended'])
  })

  it('leaves a handoff of each of its ends', async () => {
    const run = await runOnce('Hand off twice', 'exit 3', 5)
    const first = await showRun(world, run)
    expect(await world.ask(handoffForm, ['handoff', 'show', first.handoff ?? ''])).toMatchObject({ next: expect.stringContaining(`signalbox resume ${run}`) })
    const second = await world.ask(runForm, ['resume', run], 5)
    expect(second.handoff).not.toBe(first.handoff)
    expect(await world.ask(handoffForm, ['handoff', 'show', second.handoff ?? ''])).toMatchObject({ run, what: expect.stringContaining('failed') })
  })

  it('goes on while its approved round is on its way to a remote: that comes on record, and it stays known to be at work', async () => {
    const bare = join(world.dir, 'api.git')
    const [reached, go, again, end] = ['reached', 'go', 'again', 'end'].map((name) => join(world.dir, `push-${name}`)) as [string, string, string, string]
    exec(world.dir, 'git', ['clone', '--quiet', '--bare', api, bare])
    git(api, 'remote', 'add', 'origin', bare)
    writeFiles(bare, { 'hooks/pre-receive': { executable: `#!/bin/sh\ntouch ${reached}; while [ ! -e ${go} ]; do sleep 0.05; done\n` } })
    const id = await runOnce('Push and go on', `if test -n "$SIGNALBOX_PROMPT"; then touch ${again}; while [ ! -e ${end} ]; do sleep 0.05; done; fi; echo pushed >> a.txt`)
    await world.ask(approvalForm, ['approve', id])
    const push = startSignalbox(world, ['push', id])
    await untilFile(reached)
    await world.ask(runForm, ['resume', id, '--detach'])
    await untilFile(again)
    writeFileSync(go, '')
    expect(await push.ended).toBe(0)
    expect(await showRun(world, id)).toMatchObject({ state: 'running', pushes: [{ repos: [{ repo: 'api', pushed: true }] }] })
    expect(existsSync(join(stateFolderOf(world), 'active', id))).toBe(true)
    writeFileSync(end, '')
    await until('the end of the run', async () => ((await showRun(world, id)).state === 'ended' ? true : undefined))
  })

  it('waits for the checks of its round, which end what lives of it, and is then its own again', async () => {
    const [reached, go] = [join(world.dir, 'check-reached'), join(world.dir, 'check-go')]
    await world.signalbox(['repo', 'add', world.source('slow', { 'a.txt': 'a\n' }), '--name', 'slow', '--check', `waits=test ! -e ${reached}.wanted || { touch ${reached}; while [ ! -e ${go} ]; do sleep 0.05; done; }`])
    const task = await newTask(world, 'Be checked', '--repo', 'slow')
    const { id: run } = parseOutcome(runForm, await world.signalbox(['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', worker]), 0)
    writeFileSync(`${reached}.wanted`, '')
    const check = startSignalbox(world, ['check', run])
    await untilFile(reached)
    const answers = [await world.call(['resume', run, '--json']), await world.call(['request-changes', run, 'Shorter', '--json'])]
    writeFileSync(go, '')
    for (const answer of answers) expect(parseOutcome(failureForm, answer, 4).error).toMatchObject({ code: 'resume.refused', message: `${run} cannot go on: its checks are running` })
    expect(await check.ended).toBe(0)
    expect(await world.ask(runForm, ['resume', run])).toMatchObject({ outcome: 'completed', snapshots: [{}, { id: `${run}.s2` }] })
    expect(readRecordedEvents(world, run).map(({ type }) => type)).not.toContain('review.recorded')
  })

  it('goes on where its supervisor was killed', async () => {
    const task = await newTask(world, 'Be killed', '--repo', 'api')
    const flag = join(world.dir, 'killed-started')
    const { id: run } = await startRun(world, task, `if test -n "$SIGNALBOX_PROMPT"; then echo done >> a.txt; exit 0; fi; echo half >> a.txt; touch ${flag}; sleep 600`)
    await untilFile(flag)
    await killSupervisor(world, run)
    expect(await showRun(world, run)).toMatchObject({ state: 'ended', outcome: 'interrupted', snapshots: [{ complete: true }] })
    expect(await world.ask(runForm, ['resume', run])).toMatchObject({ outcome: 'completed', snapshots: [{}, { id: `${run}.s2` }] })
    expect(readFileSync(join(workspaceOf(run), 'a.txt'), 'utf8')).toMatch(/half\ndone\n$/)
  })

  it('is set up first, where that failed before its agent was ever started, and not again once it was', async () => {
    const web = world.source('web', { 'a.txt': 'a\n' })
    const flag = join(world.dir, 'tools-are-there')
    await world.signalbox(['repo', 'add', web, '--name', 'web', '--setup', `echo try >> ${flag}.tries; test -e ${flag} && echo ready > tools.txt`])
    const task = await newTask(world, 'Be set up', '--repo', 'web')
    const { id: run } = parseOutcome(runForm, await world.signalbox(['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', 'cat tools.txt >> a.txt']), 5)
    writeFileSync(flag, '')
    expect(await world.ask(runForm, ['resume', run])).toMatchObject({ outcome: 'completed' })
    expect(readFileSync(join(stateFolderOf(world), 'workspaces', run, 'web', 'a.txt'), 'utf8')).toBe('a\nready\n')
    expect(await world.ask(runForm, ['resume', run])).toMatchObject({ outcome: 'completed' })
    expect(readFileSync(`${flag}.tries`, 'utf8')).toBe('try\ntry\n')
  })

  it('does not take what its human did to the source meanwhile for its own', async () => {
    const run = await runOnce('Be alone', worker)
    git(api, 'branch', 'mine-meanwhile')
    writeFileSync(join(api, 'mine.txt'), 'mine\n')
    const again = await world.ask(runForm, ['resume', run])
    expect(again.sources.flatMap(({ changes }) => changes)).toEqual([])
    git(api, 'branch', '-D', 'mine-meanwhile')
    git(api, 'clean', '-fdq')
  })
})

describe('what cannot go on', () => {
  it.each([
    ['a run that is merged', async () => {
      const run = await runOnce('Land', worker)
      await world.ask(mergeForm, ['merge', run, '--approve'])
      return run
    }, 'run.already_merged'],
    ['one whose workspace is gone', async () => {
      const run = await runOnce('Lose', 'cd /; rm -rf "$SIGNALBOX_WORKSPACE"')
      return run
    }, 'resume.refused'],
    ['one whose task is dropped', async () => {
      const run = await runOnce('Drop', worker)
      const { task } = await showRun(world, run)
      await world.signalbox(['task', 'edit', task, '--status', 'dropped'])
      return run
    }, 'task.closed'],
  ])('is %s', async (_name, prepare, code) => {
    const run = await prepare()
    const before = readRecordedEvents(world, run).length
    expect(await world.ask(failureForm, ['resume', run], 4)).toMatchObject({ error: { code, hint: expect.any(String) } })
    expect(readRecordedEvents(world, run)).toHaveLength(before)
    expect(existsSync(join(stateFolderOf(world), 'active', run))).toBe(false)
  })

  it('is one whose agent is not there any more, also for what a reviewer asks: nothing is recorded', async () => {
    const settings = join(world.memory, 'signalbox.yaml')
    const before = readFileSync(settings, 'utf8')
    writeFileSync(settings, `${before}agents:\n  brief: {command: [sh, -c, "echo brief >> a.txt"]}\n`)
    const { id } = await world.ask(runForm, ['run', await newTask(world, 'Be brief', '--repo', 'api'), '--agent', 'brief'])
    writeFileSync(settings, `${before}agents:\n  brief: {command: [no-such-program-anywhere]}\n`)
    const events = readRecordedEvents(world, id).length
    expect(await world.ask(failureForm, ['request-changes', id, 'Say more'], 5)).toMatchObject({ error: { code: 'agent.not_installed' } })
    writeFileSync(settings, before)
    expect(await world.ask(failureForm, ['resume', id], 3)).toMatchObject({ error: { code: 'agent.not_found' } })
    expect(await world.ask(failureForm, ['request-changes', id, 'Say more'], 3)).toMatchObject({ error: { code: 'agent.not_found' } })
    expect(readRecordedEvents(world, id)).toHaveLength(events)
    expect(existsSync(join(world.memory, 'runs', id, 'review.jsonl'))).toBe(false)
  })
})
