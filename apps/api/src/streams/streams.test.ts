import { connect } from 'node:net'
import { runIdSchema } from '@signalbox/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDrivenPlane, type DrivenPlane } from '../../test/driven-plane.ts'
import { readStream, type ReadStream } from '../../test/read-stream.ts'
import { serveApp } from '../../test/serve-app.ts'
import { createApp } from '../app.ts'

const run = runIdSchema.parse('R0001')
const other = runIdSchema.parse('R0002')
const within = { timeout: 10_000, interval: 10 }

let plane: DrivenPlane
let app: ReturnType<typeof createApp>
let server: Awaited<ReturnType<typeof serveApp>>

beforeEach(async () => {
  plane = createDrivenPlane()
  app = createApp(plane)
  server = await serveApp(app)
})
afterEach(() => server.close())

function overSocket(path: string, headers?: Readonly<Record<string, string>>): Promise<ReadStream> {
  return readStream(`${server.url}/api${path}`, headers)
}

function inProcess(path: string, headers?: Readonly<Record<string, string>>): Promise<ReadStream> {
  return readStream(`/api${path}`, headers, (url, init) => app.request(url, init))
}

function dataOf(stream: ReadStream): readonly Readonly<Record<string, unknown>>[] {
  return stream.frames.map((frame) => JSON.parse(frame.data))
}
function seqsOf(stream: ReadStream): readonly unknown[] {
  return dataOf(stream).map((data) => data['seq'])
}
function upTo(last: number, first = 1): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

describe.each([
  ['over a socket', overSocket],
  ['in process', inProcess],
])('the stream of everything, %s', (_where, open) => {
  it('says where it begins, and then tells what happens, in order', async () => {
    plane.append(run)
    const stream = await open('/events')
    await vi.waitFor(() => expect(stream.ids).toEqual([expect.stringMatching(/^[0-9a-f]{8}:0$/)]), within)
    plane.append(run)
    plane.tell({ kind: 'records', paths: ['tasks/T0001-a.md'] })
    plane.append(other)
    await vi.waitFor(() => expect(dataOf(stream)).toMatchObject([{ run, seq: 2, type: 'run.cancel_requested' }, { type: 'records.changed', paths: ['tasks/T0001-a.md'] }, { run: other, seq: 1 }]), within)
    expect(stream.ids.map((id) => id.split(':')[1])).toEqual(['0', '1', '2', '3'])
    stream.close()
  })

  it('goes on where a reader was cut off, without a gap and without a repetition', async () => {
    const first = await open('/events')
    for (let count = 0; count < 5; count += 1) plane.append(run)
    await vi.waitFor(() => expect(seqsOf(first)).toEqual(upTo(5)), within)
    first.close()
    for (let count = 0; count < 5; count += 1) plane.append(run)
    const second = await open('/events', { 'last-event-id': first.ids.at(-2) ?? '' })
    plane.append(run)
    await vi.waitFor(() => expect(seqsOf(second)).toEqual(upTo(11, 5)), within)
    expect(second.frames.some((frame) => frame.event === 'reset')).toBe(false)
    second.close()
  })

  it.each(['00000000:1', 'EPOCH:99', 'EPOCH:', 'nonsense', ''])('resets a reader that comes with the id "%s", and goes on', async (id) => {
    const first = await open('/events')
    await vi.waitFor(() => expect(first.ids.length).toBe(1), within)
    const epoch = first.ids[0]?.split(':')[0] ?? ''
    const stream = await open('/events', { 'last-event-id': id.replace('EPOCH', epoch) })
    await vi.waitFor(() => expect(stream.frames).toMatchObject([{ event: 'reset', data: '{}', id: `${epoch}:0` }]), within)
    plane.append(run)
    await vi.waitFor(() => expect(seqsOf(stream)).toEqual([undefined, 1]), within)
    first.close()
    stream.close()
  })

  it('resets a reader that comes back for more than is kept', async () => {
    const first = await open('/events')
    plane.append(run)
    await vi.waitFor(() => expect(first.ids.length).toBe(2), within)
    first.close()
    for (let count = 0; count < 20; count += 1) plane.append(run, 50_000)
    const stream = await open('/events', { 'last-event-id': first.ids.at(-1) ?? '' })
    await vi.waitFor(() => expect(stream.frames[0]?.event).toBe('reset'), within)
    stream.close()
  })

  it('tells how long a transcript is, to whom asked for it', async () => {
    const [asked, silent] = [await open(`/events?transcript=${run}`), await open('/events')]
    plane.growTranscript(other, 7)
    plane.growTranscript(run, 10)
    plane.append(run)
    await vi.waitFor(() => expect([asked.frames.length, silent.frames.length]).toEqual([2, 1]), within)
    expect(asked.frames.find((frame) => frame.event === 'transcript')).toEqual({ event: 'transcript', id: undefined, data: `{"run":"${run}","bytes":10}` })
    asked.close()
    silent.close()
    await vi.waitFor(() => expect(plane.followers()).toBe(1), within)
  })
})

describe.each([
  ['over a socket', overSocket],
  ['in process', inProcess],
])('the stream of a run, %s', (_where, open) => {
  it('tells its history and then what happens, without a gap, while events keep coming', async () => {
    for (let count = 0; count < 50; count += 1) plane.append(run)
    const opening = open(`/runs/${run}/events`)
    for (let count = 0; count < 50; count += 1) {
      plane.append(run)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const stream = await opening
    plane.append(other)
    plane.append(run)
    await vi.waitFor(() => expect(stream.frames.length).toBe(101), within)
    expect(seqsOf(stream)).toEqual(upTo(101))
    expect(stream.ids).toEqual(upTo(101).map(String))
    stream.close()
  })

  it.each([
    ['?after=3', {}],
    ['', { 'last-event-id': '3' }],
    ['?after=1', { 'last-event-id': '3' }],
  ])('goes on after the last id (%s)', async (query, headers) => {
    for (let count = 0; count < 5; count += 1) plane.append(run)
    const stream = await open(`/runs/${run}/events${query}`, headers)
    await vi.waitFor(() => expect(seqsOf(stream)).toEqual([4, 5]), within)
    stream.close()
  })

  it('reads the log again when more happened meanwhile than is kept', async () => {
    plane.append(run)
    const opening = open(`/runs/${run}/events`)
    for (let count = 0; count < 30; count += 1) {
      plane.append(run, 20_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const stream = await opening
    await vi.waitFor(() => expect(stream.frames.length).toBe(31), within)
    expect(seqsOf(stream)).toEqual(upTo(31))
    stream.close()
  })

  it('has a history longer than a reader may be behind', async () => {
    for (let count = 0; count < 40; count += 1) plane.append(run, 100_000)
    const stream = await open(`/runs/${run}/events`)
    plane.append(run)
    await vi.waitFor(() => expect(stream.frames.length).toBe(41), within)
    expect(seqsOf(stream)).toEqual(upTo(41))
    stream.close()
  })
})

describe('a stream is refused', () => {
  const stream = { accept: 'text/event-stream' }
  it.each([
    ['of a run that is not there', '/runs/R0009/events', stream, 404, 'run.not_found'],
    ['of what is no run', '/runs/x/events', stream, 400, 'input.invalid'],
    ['after what is no number', `/runs/${run}/events?after=x`, stream, 400, 'input.invalid'],
    ['after an id of another stream', `/runs/${run}/events`, { ...stream, 'last-event-id': 'abc:1' }, 400, 'input.invalid'],
    ['with a transcript of what is no run', '/events?transcript=../x', stream, 400, 'input.invalid'],
    ['to whom wants something else of everything', '/events', { accept: 'application/json' }, 406, 'input.invalid'],
  ])('%s', async (_what, path, headers, status, code) => {
    const answer = await fetch(`${server.url}/api${path}`, { headers })
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: { code } }])
    expect(plane.followers()).toBeLessThan(2)
  })

  it('by a plane that does not say what changes, which answers the events of a run as JSON', async () => {
    plane.append(run)
    const silent = createApp({ human: plane.human })
    expect((await silent.request('/api/events', { headers: stream })).status).toBe(406)
    expect(await (await silent.request(`/api/runs/${run}/events`, { headers: stream })).json()).toMatchObject({ events: [{ seq: 1 }], ended: false })
  })

  it('in favour of JSON unless it is asked for', async () => {
    plane.append(run)
    expect(await (await fetch(`${server.url}/api/runs/${run}/events`)).json()).toMatchObject({ events: [{ seq: 1 }] })
  })

  it('as the answer to HEAD, which reads nothing', async () => {
    plane.append(run)
    for (const path of ['/events', `/runs/${run}/events`]) expect((await fetch(`${server.url}/api${path}`, { method: 'HEAD', headers: stream })).status).toBe(200)
    expect(plane.followers()).toBe(0)
  })

  it('as the 1,001st, and not any more once one was closed', async () => {
    plane.append(run)
    const open: ReadStream[] = []
    for (let count = 0; count < 1_000; count += 1) open.push(await inProcess('/events'))
    const headers = stream
    for (const path of ['/api/events', `/api/runs/${run}/events`]) {
      const answer = await app.request(path, { headers })
      expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: 'server.too_many_streams' } }])
    }
    open.pop()?.close()
    open.push(await inProcess('/events'))
    for (const reader of open) reader.close()
  })
})

describe('a reader that is gone before it was answered', () => {
  it('is let go of', async () => {
    plane.append(run)
    for (const path of ['/events', `/runs/${run}/events`]) {
      const gone = connect(server.port, '127.0.0.1')
      const closed = new Promise((resolve) => gone.once('close', resolve))
      gone.write(`GET /api${path}?transcript=${run} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`, () => gone.resetAndDestroy())
      await closed
    }
    const last = await overSocket(`/events?transcript=${run}`)
    await vi.waitFor(() => expect(plane.followers()).toBe(2), within)
    last.close()
    await vi.waitFor(() => expect(plane.followers()).toBe(1), within)
  })
})

describe('a slow reader', () => {
  it('is cut off at the bound, and nobody else notices', async () => {
    const fast = await overSocket('/events')
    const slow = connect(server.port, '127.0.0.1')
    // Asking for a transcript as well shows when the server lets go of it.
    slow.write(`GET /api/events?transcript=${run} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`)
    await vi.waitFor(() => expect(plane.followers()).toBe(2), within)
    let sent = 0
    for (; plane.followers() === 2 && sent < 1_000; sent += 10) {
      for (let count = 0; count < 10; count += 1) plane.append(run, 50_000)
      await vi.waitFor(() => expect(fast.frames.length).toBe(sent + 10), within)
    }
    expect(plane.followers()).toBe(1)
    expect(seqsOf(fast)).toEqual(upTo(sent))
    slow.destroy()
    fast.close()
  })

  it('in process is cut off too', async () => {
    const answer = await app.request('/api/events', { headers: { accept: 'text/event-stream' } })
    for (let count = 0; count < 30; count += 1) {
      plane.append(run, 100_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect(answer.text()).rejects.toThrow('too far behind')
  })
})

describe('a storm of readers that are cut off and come back', () => {
  it('leaves no gap in what any of them has read', async () => {
    const appending = setInterval(() => plane.append(run), 5)
    const readers = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const seen: unknown[] = []
        let last: string | undefined
        for (let round = 0; round < 5; round += 1) {
          const stream: ReadStream = await overSocket('/events', last === undefined ? {} : { 'last-event-id': last })
          await vi.waitFor(() => expect(stream.frames.length).toBeGreaterThan(3), within)
          stream.close()
          await stream.ended
          seen.push(...seqsOf(stream))
          expect(stream.frames.every((frame) => frame.event === undefined)).toBe(true)
          last = stream.ids.at(-1)
        }
        return seen
      }),
    )
    clearInterval(appending)
    for (const seen of readers) expect(seen).toEqual(upTo(Number(seen.at(-1)), Number(seen[0])))
  })
})
