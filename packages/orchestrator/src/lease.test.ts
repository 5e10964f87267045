import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { runIdSchema } from '@signalbox/core'
import { createTempDir } from '@signalbox/testkit'
import { expect, test } from 'vitest'
import { readOwner, releaseLease, takeLease } from './lease.ts'
import { layoutState } from './state-layout.ts'

const run = runIdSchema.parse('R0001')

test('a lease is given back by who has it, and by nobody else', async () => {
  const layout = layoutState(createTempDir())
  const next = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  try {
    await once(next, 'spawn')
    await takeLease(layout, run, process.pid)
    // The run ended and goes on already, while its earlier supervisor is not through.
    await takeLease(layout, run, next.pid ?? 0)
    await releaseLease(layout, run, process.pid)
    expect(await readOwner(layout, run)).toMatchObject({ pid: next.pid })
    await releaseLease(layout, run, next.pid ?? 0)
    expect(await readOwner(layout, run)).toBeUndefined()
  } finally {
    next.kill('SIGKILL')
  }
})
