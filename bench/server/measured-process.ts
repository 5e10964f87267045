import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createStarter, programsHere, type Programs } from '@signalbox/programs'
import { median } from '../paired.ts'
import type { Answered, Asked, Memory, Ready } from './messages.ts'

/** The process that is measured: the server of a memory repo as it is built, or node's own with nothing behind it. */
const [memory] = process.argv.slice(2)

/** Looks at its own memory, and at that of what it keeps running, until it has no more to let go of, which buffers do only after they were collected. */
async function look(): Promise<Memory> {
  for (let round = 0; round < 3; round += 1) {
    global.gc?.()
    await delay(50)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { livingKb: (heapUsed + external) / 1_024, rssMb: rss / (1 << 20) + helpersMb() }
}

/** Megabytes that live because of the processes this one keeps, such as the one that starts programs for it. */
function helpersMb(): number {
  const pids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const kbs = pids.flatMap((pid) => [...readMemoryOf(pid).matchAll(/^Private_\w+: +(\d+) kB$/gm)].map(([, kb]) => Number(kb)))
  return kbs.reduce((sum, kb) => sum + kb, 0) / 1_024
}

function readMemoryOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  } catch {
    return '' // There is none, or it has ended meanwhile.
  }
}

/** Starts a program that ends at once, the way the server does: the start alone is what this process has to do with it. */
async function start(count: number): Promise<{ readonly ms: number }> {
  const programs = memory === undefined ? programsHere : await readyStarter()
  const taken: number[] = []
  for (let round = 0; round < count; round += 1) {
    const began = performance.now()
    await programs.run({ ...nothing, file: '/bin/true', args: [] })
    taken.push(performance.now() - began)
  }
  return { ms: median(taken) }
}

const nothing = { cwd: '/', env: {}, timeoutMs: 10_000, maxBytes: 1_000 }
let starter: Promise<Programs> | undefined

function readyStarter(): Promise<Programs> {
  return (starter ??= untilReady(createStarter()))
}

async function untilReady(made: Programs): Promise<Programs> {
  for (;;) {
    const end = await made.run({ ...nothing, file: '/bin/sh', args: ['-c', 'echo $PPID'] })
    if (end.kind === 'exited' && Number(end.stdout) !== process.pid) return made
  }
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
