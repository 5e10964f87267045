import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { failureForm, runForm, serverForm, serverStoppedForm, tokenForm } from './harness/contract.ts'
import { isZombie } from './harness/leftovers.ts'
import { serveWorld, type ServedWorld } from './harness/served-world.ts'
import { until } from './harness/until.ts'
import { addRepo, createWorld, newTask, parseOutcome, type World } from './harness/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'x\n' }))
})
afterEach(async () => {
  await world.signalbox(['serve', '--stop', '--stop-runs'])
})
afterAll(() => world.close())

const serve = (...flags: readonly string[]): ReturnType<World['signalbox']> => world.signalbox(['serve', '--detach', '--json', ...flags])
const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`) || isZombie(String(pid))

/** Starts an agent that works until it is ended. */
async function startRun(): Promise<string> {
  const task = await newTask(world, 'Long', '--repo', 'api')
  return (await world.ask(runForm, ['run', task, '--agent', 'shell', '--detach', '--json', '--', 'sh', '-c', 'echo done > file.txt; while :; do sleep 0.1; done'])).id
}

describe('the end of a server', () => {
  it('leaves runs going, and they are found again by the next', async () => {
    const run = await startRun()
    await serve()
    expect(await world.ask(serverStoppedForm, ['serve', '--stop'])).toMatchObject({ stoppedRuns: [] })
    const { api } = parseOutcome(serverForm, await serve(), 0)
    const { token } = await world.ask(tokenForm, ['token'])
    const shown: unknown = await (await fetch(`${api}/runs/${run}`, { headers: { authorization: `Bearer ${token}` } })).json()
    expect(shown).toMatchObject({ id: run, state: 'running' })
  })

  it('with --stop-runs ends them in order: stopped, sealed, handed off', async () => {
    const runs = await Promise.all([startRun(), startRun()])
    await serve()
    const { stoppedRuns } = await world.ask(serverStoppedForm, ['serve', '--stop', '--stop-runs'])
    expect(stoppedRuns).toEqual(expect.arrayContaining(runs))
    for (const run of runs) expect(await world.ask(runForm, ['show', run])).toMatchObject({ state: 'ended', outcome: 'cancelled', handoff: expect.any(String), snapshots: [{ complete: true }] })
  })

  it('by a signal does the same where it was started so', async () => {
    const run = await startRun()
    const { pid } = parseOutcome(serverForm, await serve('--stop-runs'), 0)
    process.kill(pid, 'SIGTERM')
    await until('the server to end', () => (isGone(pid) ? true : undefined))
    expect(await world.ask(runForm, ['show', run])).toMatchObject({ state: 'ended', outcome: 'cancelled' })
  })

  it('never ends a process that only has the pid of a dead server', async () => {
    const { pid } = parseOutcome(serverForm, await serve(), 0)
    const file = join(world.state, stateName(), 'server.json')
    const announced = readFileSync(file, 'utf8')
    process.kill(pid, 'SIGKILL')
    await until('it to be dead', () => (isGone(pid) ? true : undefined))
    writeFileSync(file, JSON.stringify({ ...z.looseObject({}).parse(JSON.parse(announced)), pid: process.pid }))
    expect(parseOutcome(failureForm, await world.signalbox(['serve', '--stop', '--json']), 3).error.code).toBe('server.not_running')
  })

  it('lets open streams go at once', async () => {
    const served: ServedWorld = await serveWorld(world)
    const { token } = await world.ask(tokenForm, ['token'])
    const stream = await fetch(`${served.url}/api/events`, { headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' } })
    expect(stream.status).toBe(200)
    const from = performance.now()
    await served.stop()
    // Calls under way get ten seconds; a stream would take all of them.
    expect(performance.now() - from).toBeLessThan(8_000)
    await stream.text().catch(() => undefined)
  })
})

function stateName(): string {
  return readdirSync(world.state).find((name) => name.startsWith('memory-')) ?? expect.unreachable('there is no state folder')
}
