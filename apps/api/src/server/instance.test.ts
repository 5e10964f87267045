import { createServer } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { openServerState } from '../compose/server-state.ts'
import { claimInstance, findRunning, readLastPort } from './instance.ts'
import { listenOnLoopback, requireLoopback, type Listening } from './listen.ts'
import type { ServerState } from './server-state.ts'

afterAll(removeTempDirs)

let state: ServerState
beforeEach(() => {
  state = openServerState(createTempDir('memory'), { SIGNALBOX_STATE: createTempDir('state') })
})

describe('one server per memory repo', () => {
  test('the second is told where the first is', async () => {
    const first = await claimInstance(state)
    await first.announce('http://127.0.0.1:4711', 4711)
    await expect(claimInstance(state)).rejects.toMatchObject({ code: 'server.running', data: { url: 'http://127.0.0.1:4711', api: 'http://127.0.0.1:4711/api', pid: process.pid } })
    await first.release()
    const second = await claimInstance(state)
    expect(await readLastPort(state)).toBe(4711)
    await second.release()
  })

  test('one that has not said where it is yet is waited for', async () => {
    const first = await claimInstance(state)
    const second = claimInstance(state)
    await first.announce('http://127.0.0.1:4712', 4712)
    await expect(second).rejects.toMatchObject({ data: { url: 'http://127.0.0.1:4712' } })
    await first.release()
  })

  test('a process that got the pid of a dead server is not that server', async () => {
    const instance = await claimInstance(state)
    await instance.announce('http://127.0.0.1:4711', 4711)
    expect(await findRunning(state)).toMatchObject({ url: 'http://127.0.0.1:4711', pid: process.pid })
    const { pid } = process
    for (const now of [undefined, { pid, startTime: '1', bootId: state.identify(pid)?.bootId ?? '' }, { pid, startTime: state.identify(pid)?.startTime ?? '', bootId: 'another' }]) {
      expect(await findRunning({ ...state, identify: () => now })).toBeUndefined()
    }
    await instance.release()
    expect(await findRunning(state)).toBeUndefined()
  })

  test('a damaged announcement is said to be that, with its file', async () => {
    const file = join(state.folder, 'server.json')
    await state.write(file, '{"url":')
    await expect(findRunning(state)).rejects.toMatchObject({ code: 'config.invalid', message: expect.stringContaining(file) })
  })
})

describe('listening', () => {
  const open: Listening[] = []
  const listen = async (choice: Parameters<typeof listenOnLoopback>[1]): Promise<Listening> => {
    const listening = await listenOnLoopback(() => createServer(), choice)
    open.push(listening)
    return listening
  }
  afterAll(() => open.forEach(({ servers }) => servers.forEach((server) => server.close())))

  test('takes the port of last time again, else a free one', async () => {
    const first = await listen({ wanted: undefined, usual: undefined })
    const second = await listen({ wanted: undefined, usual: first.port })
    expect(second.port).not.toBe(first.port)
    await Promise.all(first.servers.map((server) => (server.close(), once(server, 'close'))))
    expect((await listen({ wanted: undefined, usual: first.port })).port).toBe(first.port)
  })

  test('says that the wanted port is taken', async () => {
    const { port } = await listen({ wanted: undefined, usual: undefined })
    await expect(listen({ wanted: port, usual: undefined })).rejects.toMatchObject({ code: 'server.port_taken', data: { port } })
  })

  test('calls a port taken that somebody has on the other address only: localhost may lead there', async ({ skip }) => {
    const other = createServer().listen({ host: '::1', port: 0 })
    if (await once(other, 'listening').then(() => false, () => true)) skip('this machine has no ::1')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(listen({ wanted: port, usual: undefined })).rejects.toMatchObject({ code: 'server.port_taken' })
    other.close()
  })

  test('is on loopback addresses only', async () => {
    const { servers } = await listen({ wanted: undefined, usual: undefined })
    const addresses = servers.map((server) => server.address()).map((address) => (typeof address === 'object' ? address?.address : address))
    expect(['127.0.0.1', '::1']).toEqual(expect.arrayContaining(addresses))
    expect(addresses[0]).toBe('127.0.0.1')
  })

  test.each(['0.0.0.0', '::', '192.168.1.2', 'example.com', '127.0.0.2', ''])('is refused for %j', (host) => {
    expect(() => requireLoopback(host)).toThrow(expect.objectContaining({ code: 'server.not_local' }))
  })
})
