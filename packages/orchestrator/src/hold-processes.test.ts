import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { holdTagged } from './hold-processes.ts'
import { findTagged, isStopped, runTagName, withDescendants } from './process-tree.ts'

const never = new AbortController().signal

let tag: string
let agent: ChildProcess
beforeEach(() => {
  tag = randomUUID()
})
afterEach(async () => {
  for (const { pid } of withDescendants(findTagged(tag))) process.kill(pid, 'SIGKILL')
  if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit')
})

function startAgent(file: string, ...args: readonly string[]): ChildProcess {
  agent = spawn(file, args, { env: { PATH: process.env['PATH'] ?? '', [runTagName]: tag }, stdio: ['ignore', 'pipe', 'ignore'] })
  return agent
}

// A shell with job control whose job stands still before it does takes that for a human's doing. Elsewhere the system does not tell of threads.
it.runIf(process.platform === 'linux')('stops no process before its parent stands still, with all of its threads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-hold-'))
  try {
    const file = join(folder, 'large')
    // One write of 128 MiB, by a thread beside the first one; no signal but a deadly one cuts it short.
    startAgent(process.execPath, '-e', `const fs = require('node:fs'); require('node:child_process').spawn('/bin/sleep', ['60']); fs.write(fs.openSync(process.argv[1], 'w'), Buffer.alloc(1 << 27), () => setInterval(() => {}, 1000))`, file)
    const size = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
    while (size() === 0) await delay(1)
    const child = withDescendants(findTagged(tag)).find(({ parent }) => parent === agent.pid)?.pid ?? 0
    const holding = holdTagged(tag, never)
    while (!isStopped(child)) await delay(1)
    const then = size()
    const held = await holding
    await delay(100)
    expect(size()).toBe(then)
    expect(held.areStill()).toBe(true)
    held.release()
    expect([agent.pid ?? 0, child].map(isStopped)).toEqual([false, false])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('stops nobody once they are being ended', async () => {
  const { pid = 0 } = startAgent('/bin/sleep', '60')
  await expect(holdTagged(tag, AbortSignal.abort())).rejects.toHaveProperty('code', 'run.not_active')
  expect(isStopped(pid)).toBe(false)
})
