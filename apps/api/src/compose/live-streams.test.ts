import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, taskIdSchema, type RunId } from '@signalbox/core'
import { createTempDir } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readStream, type ReadStream } from '../../test/read-stream.ts'
import { composeServices, initMemory } from '../compose.ts'
import { createLiveClient, type LiveClient } from '../live-client.ts'
import type { LiveSignal } from '../live-signal.ts'
import type { RunningServer } from '../server/serve.ts'
import { createToken, serveMemory } from './serve-memory.ts'

const within = { timeout: 20_000, interval: 20 }
const dir = createTempDir('live')
const memory = join(dir, 'memory')
const env = { ...process.env, HOME: dir, SIGNALBOX_STATE: join(dir, 'state'), GIT_CONFIG_NOSYSTEM: '1' }
const oid = oidSchema.parse('a'.repeat(40))

let server: RunningServer
let authorization: string
let append: (run: RunId) => Promise<void>
let begin: (run: RunId) => Promise<void>
let closeServices: () => Promise<void>

beforeAll(async () => {
  await initMemory(memory, env)
  const parts = await composeServices(memory, env)
  const { services } = parts
  closeServices = () => parts.close()
  append = async (run) => void (await services.log.append(run, { type: 'run.cancel_requested', data: { by: 'Ann', because: 'late' } }))
  begin = async (run) => {
    const repos = [{ repo: repoNameSchema.parse('api'), baseBranch: branchNameSchema.parse('main'), baseHead: oid, source: { branch: null, head: oid, dirty: false, paths: [], operation: null } }]
    await services.log.begin(run, taskIdSchema.parse('T0001'), { type: 'run.queued', data: { agent: 'shell', argv: ['true'], isolation: 'private', by: 'Ann', taskRevision: 'x', baseBranch: null, scope: null, minutes: 60, budget: null, repos } })
  }
  server = await serve()
  authorization = `Bearer ${await createToken({ memory, env })}`
})
afterAll(async () => {
  await server.close()
  await closeServices()
})

function serve(port?: number): Promise<RunningServer> {
  return serveMemory({ memory, env, port, version: '0.0.0' })
}

function open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<ReadStream> {
  return readStream(`${server.url}/api${path}`, { authorization, ...headers })
}

function seqsOf(stream: ReadStream, run: RunId): readonly number[] {
  return stream.frames.map((frame) => JSON.parse(frame.data)).flatMap((data) => (data.run === run ? [data.seq] : []))
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

/** Starts a process that appends to a run, and resolves when it has. */
async function appendFrom(name: string, run: RunId, count: number): Promise<void> {
  const script = fileURLToPath(new URL('../../test/append-events.ts', import.meta.url))
  const child = spawn(process.execPath, [script, memory, run, String(count), name], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const [exit] = await once(child, 'exit')
  expect(exit).toBe(0)
}

function follow(stop: AbortController): { readonly signals: LiveSignal[]; readonly end: Promise<void> } {
  const client: LiveClient = createLiveClient({ baseUrl: server.url, fetch: (input, init = {}) => fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), authorization } }) })
  const signals: LiveSignal[] = []
  const read = async (): Promise<void> => {
    for await (const signal of client.follow({ signal: stop.signal })) signals.push(signal)
  }
  return { signals, end: read() }
}

describe('the streams of a server', () => {
  it('tell what two other processes append at once, to each reader in order and complete', async () => {
    const run = runIdSchema.parse('R0001')
    await begin(run)
    const streams = await Promise.all([open('/events'), open('/events'), open(`/runs/${run}/events`), open(`/runs/${run}/events`)])
    await Promise.all([appendFrom('Ann', run, 60), appendFrom('Bob', run, 60)])
    await vi.waitFor(() => expect(streams.map((stream) => seqsOf(stream, run).at(-1))).toEqual([121, 121, 121, 121]), within)
    for (const stream of streams) {
      expect(seqsOf(stream, run)).toEqual(upTo(121).slice(-stream.frames.length))
      stream.close()
    }
    expect(streams.map((stream) => stream.frames.length)).toEqual([120, 120, 121, 121])
  })

  it('go on after the server was started again: a run without a loss, everything else with a reset', async () => {
    const run = runIdSchema.parse('R0002')
    await begin(run)
    const stop = new AbortController()
    const { signals, end } = follow(stop)
    const before = await open(`/runs/${run}/events`)
    await append(run)
    await vi.waitFor(() => expect([seqsOf(before, run), signals.at(-1)]).toMatchObject([[1, 2], { kind: 'run', run, seq: 2 }]), within)
    const { port } = new URL(server.url)
    await server.close()
    await before.ended
    await append(run)
    server = await serve(Number(port))
    const after = await open(`/runs/${run}/events`, { 'last-event-id': before.ids.at(-1) ?? '' })
    await vi.waitFor(() => expect(signals.at(-1)?.kind).toBe('reset'), within)
    await append(run)
    await vi.waitFor(() => expect([seqsOf(after, run), signals.at(-1)]).toMatchObject([[3, 4], { kind: 'run', run, seq: 4 }]), within)
    after.close()
    stop.abort()
    await end
  })

  it('tell of a record soon, however an editor saves it', async () => {
    const stop = new AbortController()
    const { signals, end } = follow(stop)
    await vi.waitFor(() => expect(signals[0]?.kind).toBe('reset'), within)
    const task = await server.human.createTask({ title: 'Try' })
    const path = join(memory, task.path)
    // Sooner than the look at everything, every ten seconds, would find it.
    const quick = { timeout: 8_000, interval: 10 }
    // The folder of tasks is made with the first of them: what is in it is not known then.
    await vi.waitFor(() => expect(signals.slice(1)).toMatchObject([{ kind: 'records', paths: [] }]), quick)
    appendFileSync(path, 'in place\n')
    await vi.waitFor(() => expect(signals.slice(2)).toMatchObject([{ kind: 'records', paths: [task.path] }]), quick)
    writeFileSync(`${path}~`, `${readFileSync(path, 'utf8')}by rename\n`)
    renameSync(`${path}~`, path)
    await vi.waitFor(() => expect(signals.slice(3)).toMatchObject([{ kind: 'records', paths: [task.path] }]), quick)
    expect((await server.human.readTask(task.id)).body).toContain('by rename')
    stop.abort()
    await end
  })

  it('are refused without a token before a byte is said', async () => {
    for (const path of ['/events', '/runs/R0001/events']) {
      const answer = await fetch(`${server.url}/api${path}`, { headers: { accept: 'text/event-stream' } })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/json'])
    }
  })

  it('carry the headers that every answer carries', async () => {
    const answer = await fetch(`${server.url}/api/events`, { headers: { accept: 'text/event-stream', authorization } })
    expect(Object.fromEntries(answer.headers)).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' })
    await answer.body?.cancel()
  })
})
