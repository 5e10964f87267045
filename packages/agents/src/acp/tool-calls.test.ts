import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createToolCalls } from './tool-calls.ts'

test('what the calls of a long turn wrote is not kept', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const calls = createToolCalls({ titleIsCommand: false })
  const before = heap()
  for (let index = 0; index < 2_000; index += 1) {
    const output = `${index} ${Buffer.alloc(15_000, 'x').toString('latin1')}`
    expect(calls.take({ toolCallId: `t${index}`, title: 'ls', kind: 'execute', status: 'completed', rawOutput: output })).toMatchObject({ status: 'done', output })
    expect(calls.take({ toolCallId: `t${index}`, status: 'completed', rawOutput: output })).toBeUndefined()
  }
  // Of 30 MB that were told.
  expect((heap() - before) >> 20).toBeLessThan(10)
  expect(calls.count()).toBe(2_000)
})
