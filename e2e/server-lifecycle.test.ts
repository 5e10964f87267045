import { createServer } from 'node:http'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureForm, runForm } from './harness/contract.ts'
import { isZombie } from './harness/leftovers.ts'
import { serveWorld, type ServedWorld } from './harness/served-world.ts'
import { until } from './harness/until.ts'
import { addRepo, createWorld, newTask, parseOutcome, type World } from './harness/world.ts'

const serverForm = z.looseObject({ format: z.literal(1), url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/), api: z.string(), pid: z.int() })
const runningForm = z.looseObject({ error: z.looseObject({ code: z.literal('server.running') }), url: z.string(), api: z.string(), pid: z.int() })
const stoppedForm = z.looseObject({ format: z.literal(1), pid: z.int(), stoppedRuns: z.array(z.string()) })
const tokenForm = z.looseObject({ token: z.string() })

let world: World
beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'x\n' }))
})
/** Leaves nothing running after each test of a group. */
function endAfterEach(): void {
  afterEach(async () => {
    await world.signalbox(['serve', '--stop', '--stop-runs'])
  })
}
afterAll(() => world.close())

const serve = (...flags: readonly string[]): ReturnType<World['signalbox']> => world.signalbox(['serve', '--detach', '--json', ...flags])
const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`) || isZombie(String(pid))

/** Starts an agent that works until it is ended. */
async function startRun(): Promise<string> {
  const task = await newTask(world, 'Long', '--repo', 'api')
  return (await world.ask(runForm, ['run', task, '--agent', 'shell', '--detach', '--json', '--', 'sh', '-c', 'echo done > file.txt; while :; do sleep 0.1; done'])).id
}

describe('one server per memory repo', () => {
  endAfterEach()

  it('30 starts at once: one wins, and 29 are told its address', { timeout: 60_000 }, async () => {
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => serve()))
    const winners = outcomes.filter(({ exit }) => exit === 0).map((outcome) => parseOutcome(serverForm, outcome, 0))
    expect(winners).toHaveLength(1)
    const losers = outcomes.filter(({ exit }) => exit !== 0).map((outcome) => parseOutcome(runningForm, outcome, 4))
    expect(losers).toHaveLength(29)
    const [winner] = winners
    for (const told of losers) expect(told).toMatchObject({ url: winner?.url, api: `${winner?.url}/api`, pid: winner?.pid })
    expect((await fetch(`${winner?.url}/`)).status).toBe(200)
  })

  it('a killed one is no obstacle: the next starts within two seconds, on its port, and old tokens count', async () => {
    const { token } = await world.ask(tokenForm, ['token'])
    const first = parseOutcome(serverForm, await serve(), 0)
    for (let round = 0; round < 3; round += 1) {
      process.kill(parseOutcome(runningForm, await serve(), 4).pid, 'SIGKILL')
      const from = performance.now()
      const next = parseOutcome(serverForm, await serve(), 0)
      expect(performance.now() - from).toBeLessThan(2_000)
      expect(next.url).toBe(first.url)
      expect((await fetch(`${next.api}/tasks`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
    }
  })
})

describe('its port', () => {
  endAfterEach()

  it('a port that was asked for and is taken is refused by number; that of last time gives way to a free one', async () => {
    const last = parseOutcome(serverForm, await serve(), 0)
    await world.signalbox(['serve', '--stop'])
    const port = Number(new URL(last.url).port)
    const other = createServer((_request, response) => response.end('somebody else')).listen(port, '127.0.0.1')
    await once(other, 'listening')
    expect(parseOutcome(failureForm, await serve('--port', String(port)), 5).error).toMatchObject({ code: 'server.port_taken', message: expect.stringContaining(String(port)) })
    const next = parseOutcome(serverForm, await serve(), 0)
    expect(next.url).not.toBe(last.url)
    expect(await (await fetch(`${last.url}/`)).text()).toBe('somebody else')
    other.close()
  })
})

describe('where it listens', () => {
  it.each(['0.0.0.0', '::', '192.168.0.1', 'example.com'])('is never %s', async (host) => {
    expect(parseOutcome(failureForm, await world.signalbox(['serve', '--host', host, '--json']), 2).error.code).toBe('server.not_local')
  })

  it.each(['0', '65536', '-1', '1.5', 'http', ''])('is no port %j', async (port) => {
    expect(parseOutcome(failureForm, await world.signalbox(['serve', `--port=${port}`, '--json']), 2).error.code).toBe('input.invalid')
  })
})

describe('without a server', () => {
  it.each([['open'], ['serve', '--stop']])('%s %s says so, and how to start one', async (...args) => {
    expect(parseOutcome(failureForm, await world.signalbox([...args, '--json']), 3).error).toMatchObject({ code: 'server.not_running', hint: expect.stringContaining('signalbox serve') })
  })

  it.each([[['token', '--role', 'agent'], 2], [['token', '--run', 'R0001'], 2], [['token', '--role', 'agent', '--run', 'R0999'], 3], [['token', '--role', 'ui'], 2], [['serve', '--stop', '--detach'], 2]] as const)('%j is refused', async (args, exit) => {
    parseOutcome(failureForm, await world.signalbox([...args, '--json']), exit)
  })
})

describe('its end', () => {
  endAfterEach()

  it('leaves runs going, and they are found again by the next', async () => {
    const run = await startRun()
    await serve()
    expect(await world.ask(stoppedForm, ['serve', '--stop'])).toMatchObject({ stoppedRuns: [] })
    const { api } = parseOutcome(serverForm, await serve(), 0)
    const { token } = await world.ask(tokenForm, ['token'])
    const shown: unknown = await (await fetch(`${api}/runs/${run}`, { headers: { authorization: `Bearer ${token}` } })).json()
    expect(shown).toMatchObject({ id: run, state: 'running' })
  })

  it('with --stop-runs ends them in order: stopped, sealed, handed off', async () => {
    const runs = await Promise.all([startRun(), startRun()])
    await serve()
    const { stoppedRuns } = await world.ask(stoppedForm, ['serve', '--stop', '--stop-runs'])
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
    expect(performance.now() - from).toBeLessThan(2_000)
    await stream.text().catch(() => undefined)
  })
})

function stateName(): string {
  return readdirSync(world.state).find((name) => name.startsWith('memory-')) ?? expect.unreachable('there is no state folder')
}
