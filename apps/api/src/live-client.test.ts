import { runIdSchema } from '@signalbox/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDrivenPlane, type DrivenPlane } from '../test/driven-plane.ts'
import { serveApp } from '../test/serve-app.ts'
import { createApp } from './app.ts'
import type { Fetch } from './client-call.ts'
import { createLiveClient, type FollowOptions } from './live-client.ts'
import type { LiveSignal } from './live-signal.ts'

const run = runIdSchema.parse('R0001')
const within = { timeout: 10_000, interval: 10 }

let plane: DrivenPlane
let server: Awaited<ReturnType<typeof serveApp>>
let stop: AbortController

beforeEach(async () => {
  plane = createDrivenPlane()
  server = await serveApp(createApp(plane))
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await server.close()
})

interface Following {
  readonly signals: readonly LiveSignal[]
  readonly connections: readonly boolean[]
  readonly end: Promise<void>
}

function follow(options: Partial<FollowOptions> = {}, send: Fetch = fetch): Following {
  const signals: LiveSignal[] = []
  const connections: boolean[] = []
  const client = createLiveClient({ fetch: send, baseUrl: server.url })
  const read = async (): Promise<void> => {
    for await (const signal of client.follow({ signal: stop.signal, onConnection: (connected) => connections.push(connected), ...options })) signals.push(signal)
  }
  return { signals, connections, end: read() }
}

describe('a live client', () => {
  it('begins with a reset, and then yields what happens with the id to resume from', async () => {
    const { signals } = follow({ transcript: run })
    await vi.waitFor(() => expect(signals).toMatchObject([{ kind: 'reset', id: expect.stringMatching(/:0$/) }]), within)
    plane.append(run)
    plane.tell({ kind: 'records', paths: ['tasks/T0001-a.md'] })
    await vi.waitFor(() => expect(signals.length).toBe(3), within)
    plane.growTranscript(run, 5)
    await vi.waitFor(() => expect(signals.length).toBe(4), within)
    expect(signals.slice(1)).toEqual([
      { kind: 'run', run, seq: 1, type: 'run.cancel_requested', id: expect.stringMatching(/:1$/) },
      { kind: 'records', paths: ['tasks/T0001-a.md'], id: expect.stringMatching(/:2$/) },
      { kind: 'transcript', run, bytes: 5, id: expect.stringMatching(/:2$/) },
    ])
  })

  it('resumes without a reset where the server still knows its last id', async () => {
    const first = follow()
    await vi.waitFor(() => expect(first.signals.length).toBe(1), within)
    stop.abort()
    await first.end
    plane.append(run)
    stop = new AbortController()
    const second = follow({ lastEventId: first.signals[0]?.id })
    await vi.waitFor(() => expect(second.signals).toMatchObject([{ kind: 'run', seq: 1 }]), within)
  })

  it('comes back when it is cut off, without a gap', async () => {
    const { signals, connections } = follow()
    await vi.waitFor(() => expect(signals.length).toBe(1), within)
    const { port } = server
    await server.close()
    plane.append(run)
    await vi.waitFor(() => expect(connections).toEqual([true, false]), within)
    server = await serveApp(createApp(plane), port)
    await vi.waitFor(() => expect(connections.at(-1)).toBe(true), within)
    plane.append(run)
    await vi.waitFor(() => expect(signals.at(-1)).toMatchObject({ kind: 'run', seq: 2 }), within)
    expect(signals[1]?.kind).toBe('reset')
  })

  it('tries again while the server is overloaded, and gives up where it is refused', async () => {
    let answers = 0
    const busy: Fetch = (input, init) => (answers++ === 0 ? new Response('{}', { status: 503 }) : fetch(input, init))
    const { signals } = follow({}, busy)
    await vi.waitFor(() => expect(signals.length).toBe(1), within)
    const refused: Fetch = () => Response.json({ error: { code: 'access.denied', message: 'No' } }, { status: 401 })
    await expect(follow({}, refused).end).rejects.toMatchObject({ code: 'access.denied', message: 'No' })
    await expect(follow({}, () => new Response('<p>a page</p>')).end).rejects.toMatchObject({ code: 'internal.unexpected' })
  })

  it('lets go of its connection when nobody listens any more', async () => {
    const { signals, end } = follow({ transcript: run })
    await vi.waitFor(() => expect([signals.length, plane.followers()]).toEqual([1, 2]), within)
    stop.abort()
    await end
    await vi.waitFor(() => expect(plane.followers()).toBe(1), within)
  })

  it('takes what it does not understand for a reset', async () => {
    const frames = ['data: {"type":"new.kind"}', 'event: other\ndata: {}', 'data: no json', 'event: transcript\ndata: {}']
    const { signals } = follow({ lastEventId: 'a:1' }, () => new Response(`${frames.join('\n\n')}\n\n`, { headers: { 'content-type': 'text/event-stream' } }))
    await vi.waitFor(() => expect(signals.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => ({ kind: 'reset', id: 'a:1' }))), within)
  })
})

