import { once } from 'node:events'
import { createServer } from 'node:net'
import { ControlError, type RunId } from '@signalbox/core'
import { listActive } from './active-runs.ts'
import { sha256 } from './approval-key.ts'
import { readIfThere, writeDurably } from './durable-file.ts'
import type { StateLayout } from './state-layout.ts'

/** Ports a run gets for its servers, one after the other. */
const blockSize = 10

/** Blocks that may be given: below those that systems hand out by themselves. */
const firstPort = 21_000
const blocks = 1_000

/** Gives a run a block of free ports of its own; runs that are at work keep theirs. The caller holds the state lock. @throws ControlError `run.no_ports` */
export async function reservePorts(layout: StateLayout, id: RunId): Promise<void> {
  const taken = new Set(await Promise.all((await listActive(layout)).filter((run) => run !== id).map((run) => readFirstPort(layout, run))))
  // Runs of other memory repos are not known here, and may not listen yet: each begins to look elsewhere.
  const offset = (Number.parseInt(sha256(layout.root).slice(0, 8), 16) + Number(id.slice(1))) % blocks
  for (let tried = 0; tried < blocks; tried += 1) {
    const first = firstPort + ((offset + tried) % blocks) * blockSize
    if (taken.has(first) || !(await areFree(first))) continue
    await writeDurably(layout, layout.run(id).ports, String(first))
    return
  }
  throw new ControlError('run.no_ports', `No ${blockSize} ports in a row are free from ${firstPort} on`, { hint: 'End what listens there, or runs that are at work' })
}

/** Returns the variables that tell a run its ports: the first, and how many follow one another. */
export async function portVariables(layout: StateLayout, id: RunId): Promise<Readonly<Record<string, string>>> {
  const first = await readFirstPort(layout, id)
  return first === undefined ? {} : { SIGNALBOX_PORT: String(first), SIGNALBOX_PORT_COUNT: String(blockSize) }
}

async function readFirstPort(layout: StateLayout, id: RunId): Promise<number | undefined> {
  const text = await readIfThere(layout.run(id).ports)
  return text === undefined ? undefined : Number(text)
}

async function areFree(first: number): Promise<boolean> {
  const free = await Promise.all(Array.from({ length: blockSize }, (_, index) => isFree(first + index)))
  return free.every(Boolean)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false // somebody has it
  } finally {
    server.close()
  }
}
