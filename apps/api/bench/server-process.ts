import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { runIdSchema, taskIdSchema, taskViewSchema, type HumanFace, type Live, type LiveChange, type RunEvent } from '@signalbox/core'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
// What is measured is the server alone, in front of a plane that answers at once.
import { initMemory } from '../src/compose.ts'
import { openServerState } from '../src/compose/server-state.ts'
import { serve } from '../src/server/serve.ts'
import { mintToken } from '../src/server/tokens.ts'
import type { Asked, Ready, Used } from './messages.ts'

/** The process whose time is measured: our server, node's own and Hono's helper side by side, in front of the same answers and events. */
const [folder = ''] = process.argv.slice(2)

const followers = new Set<(change: LiveChange) => void>()
let seq = 0

function tell(padding: number): void {
  seq += 1
  const event: RunEvent = { format: 1, seq, at: new Date().toISOString(), run: runIdSchema.parse('R0001'), task: taskIdSchema.parse('T0001'), type: 'run.cancel_requested', data: { by: 'Ann <ann@example.com>', because: 'x'.repeat(padding) } }
  for (const told of followers) told({ kind: 'run', event })
}

const live: Live = {
  follow: (told) => {
    followers.add(told)
    return () => void followers.delete(told)
  },
  followTranscript: () => () => undefined,
}

/** Ten tasks, 1.9 KB as JSON. */
const tasks = Array.from({ length: 10 }, (_, index) => taskViewSchema.parse({ id: `T${1000 + index}`, title: `Task number ${index}`, status: 'ready', baseBranch: { api: 'main' }, repos: ['api'], path: `tasks/T${1000 + index}.md`, hash: 'a'.repeat(20), body: '' }))
const answer = { tasks, quarantined: [] }

async function serveOurs(): Promise<{ readonly port: number; readonly token: string }> {
  const memory = join(folder, 'memory')
  const env = { ...process.env, HOME: folder, SIGNALBOX_STATE: join(folder, 'state') }
  await initMemory(memory, env)
  const state = openServerState(memory, env)
  // Only what is asked here: any other call fails the bench.
  const human = { listTasks: () => Promise.resolve(answer) } as unknown as HumanFace
  const server = await serve({
    state,
    served: { product: 'Signalbox', program: 'signalbox', launcher: 'signalbox', version: '0.0.0', memory: { name: 'memory', path: memory } },
    openPlane: () => Promise.resolve({ human, live, agentOf: () => { throw new Error('no agent is asked for') }, close: () => Promise.resolve() }),
    files: new Map(),
    port: undefined,
    note: () => undefined,
  })
  return { port: Number(new URL(server.url).port), token: await mintToken(state, { role: 'cli', run: null }, new Date().toISOString()) }
}

async function serveNode(): Promise<number> {
  const server = createServer((_request, response) => {
    const body = Buffer.from(JSON.stringify(answer))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  })
  return listen(server)
}

/** As the helper is meant to be used: one write an event and reader. The text is made once for all. */
async function serveHelper(): Promise<number> {
  const app = new Hono().get('/api/events', (c) =>
    streamSSE(c, async (stream) => {
      let last = Promise.resolve()
      const told = (change: LiveChange): void => {
        if (change.kind !== 'run') return
        const frame = { id: String(change.event.seq), data: JSON.stringify(change.event) }
        last = last.then(() => stream.writeSSE(frame))
      }
      followers.add(told)
      await new Promise<void>((resolve) => stream.onAbort(resolve))
      followers.delete(told)
    }),
  )
  const respond = getRequestListener(app.fetch)
  return listen(createServer((request, response) => void respond(request, response)))
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

let telling: NodeJS.Timeout | undefined

process.on('message', (asked: Asked) => {
  if (asked.kind === 'tell') {
    clearInterval(telling)
    if (asked.perSecond > 0) {
      telling = setInterval(() => {
        for (let count = 0; count < asked.perSecond / 100; count += 1) tell(asked.padding)
      }, 10)
    }
  }
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMs: (user + system) / 1_000, rssMb: process.memoryUsage.rss() / (1 << 20), told: seq } satisfies Used)
})
process.on('disconnect', () => process.exit())

const ours = await serveOurs()
process.send?.({ ours: ours.port, token: ours.token, node: await serveNode(), helper: await serveHelper() } satisfies Ready)
