import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acpPrograms, commitAll } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askedForm, nameAgent } from './harness/asking-agent.ts'
import { handoffForm } from './harness/contract.ts'
import { readLiveEvents, untilEnded, untilEvent } from './harness/live-run.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

describe('a provider that takes no more', () => {
  let world: World
  const spent = (name: string): string => join(world.dir, name)

  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
  })
  afterAll(() => world.close())

  async function start(name: string, refusals: number, quota: string): Promise<string> {
    // Each has the settings that it needs, and none of those before.
    nameAgent(world, name, [process.execPath, acpPrograms.lying], { LYING_AGENT_QUOTA: spent(name), LYING_AGENT_REFUSALS: String(refusals) })
    appendFileSync(join(world.memory, 'signalbox.yaml'), `quota: ${quota}\npermissions: {otherwise: allow}\n`)
    commitAll(world.memory, 'Wait so long')
    const task = await newTask(world, `Be ${name}`, '--repo', 'api')
    return (await world.ask(askedForm, ['run', task, '--agent', name, '--detach'])).id
  }

  it('is waited for, the run says so, and it goes on in its session', async () => {
    const run = await start('patient', 2, '{retries: 3, wait_minutes: 0.02}')
    await untilEvent(world, run, 'run.waited')
    await untilEnded(world, run)
    expect(await world.ask(askedForm, ['show', run])).toMatchObject({ outcome: 'completed', questions: [] })
    const events = readLiveEvents(world, run)
    expect(events.filter(({ type }) => type === 'run.waited').map(({ data }) => data)).toEqual([
      { for: 'quota', because: expect.stringMatching(/429 Too Many Requests.*tried again at .* \(1 of 3\)/) },
      { for: 'quota', because: expect.stringMatching(/\(2 of 3\)/) },
    ])
    expect(events.filter(({ type }) => type === 'session.opened').map(({ data }) => (data as { how: string }).how)).toEqual(['new', 'resumed', 'resumed'])
  })
})

describe('a provider that never takes more', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
    nameAgent(world, 'spent', [process.execPath, acpPrograms.lying], { LYING_AGENT_QUOTA: join(world.dir, 'spent'), LYING_AGENT_REFUSALS: '1000' })
    appendFileSync(join(world.memory, 'signalbox.yaml'), 'quota: {retries: 1, wait_minutes: 0.01}\n')
    commitAll(world.memory, 'Wait so long')
  })
  afterAll(() => world.close())

  it('ends the run after so many tries, sealed and handed off', async () => {
    const run = (await world.ask(askedForm, ['run', await newTask(world, 'Be spent', '--repo', 'api'), '--agent', 'spent'], 5)).id
    const ended = await world.ask(askedForm, ['show', run])
    expect(ended).toMatchObject({ outcome: 'failed', because: expect.stringContaining('429 Too Many Requests'), snapshots: [{ complete: true }] })
    expect(await world.ask(handoffForm, ['handoff', 'show', ended.handoff ?? ''])).toMatchObject({ blocker: expect.stringContaining('429'), next: expect.stringContaining(`signalbox resume ${run}`) })
  })

  it('is not waited for by a run that is cancelled meanwhile', async () => {
    const settings = join(world.memory, 'signalbox.yaml')
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('wait_minutes: 0.01', 'wait_minutes: 10'))
    commitAll(world.memory, 'Wait longer')
    const { id } = await world.ask(askedForm, ['run', await newTask(world, 'Be cancelled', '--repo', 'api'), '--agent', 'spent', '--detach'])
    await untilEvent(world, id, 'run.waited')
    const cancelled = await world.ask(askedForm, ['cancel', id])
    expect(cancelled).toMatchObject({ state: 'ended', outcome: 'cancelled', waitsFor: null, handoff: expect.stringMatching(/^H/) })
  })
})
