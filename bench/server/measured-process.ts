import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { median } from '../paired.ts'
import type { Answered, Asked, Memory, Ready } from './messages.ts'

/** The process that is measured: the server of a memory repo as it is built, or node's own with nothing behind it. */
const [memory] = process.argv.slice(2)

/** Looks at its own memory until it has no more to let go of, which buffers do only after they were collected. */
async function look(): Promise<Memory> {
  for (let round = 0; round < 3; round += 1) {
    global.gc?.()
    await delay(50)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { livingKb: (heapUsed + external) / 1_024, rssMb: rss / (1 << 20) }
}

/** Starts processes like supervisors, of a program that ends at once: the start alone is what this process has to do with it. */
async function start(count: number): Promise<{ readonly ms: number }> {
  const taken: number[] = []
  for (let round = 0; round < count; round += 1) {
    const began = performance.now()
    const child = spawn('/bin/true', [], { detached: true, stdio: 'ignore' })
    taken.push(performance.now() - began)
    await once(child, 'exit')
  }
  return { ms: median(taken) }
}

async function serveNothing(): Promise<string> {
  const server = createServer((_request, response) => void response.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function serveOurs(dir: string): Promise<string> {
  const { serveMemory } = await import('@signalbox/api/server')
  return (await serveMemory({ memory: dir, version: '0.0.0' })).url
}

process.on('message', (asked: Asked) => {
  void (asked.kind === 'look' ? look() : start(asked.count)).then((answer: Answered) => process.send?.(answer))
})
process.on('disconnect', () => process.exit())

const url = memory === undefined ? await serveNothing() : await serveOurs(memory)
process.send?.({ url } satisfies Ready)
