import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { AgentEvent } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { expect, test } from 'vitest'
import { createAgentLines, type AgentLines } from './agent-lines.ts'
import { openTranscript } from './transcript.ts'

function start(): { readonly lines: AgentLines; readonly written: string[] } {
  const written: string[] = []
  return { lines: createAgentLines({ writeAgent: (_kind, text) => void written.push(text) }), written }
}
const piece = (text: string): AgentEvent => ({ type: 'message', text, partial: true })

test('words in pieces become lines, and one without end is written in pieces of its own', () => {
  const { lines, written } = start()
  for (const text of ['Hel', 'lo\nwor', 'ld\n']) lines.write(piece(text))
  expect(written).toEqual(['Hello', 'world'])
  for (let index = 0; index < 100; index += 1) lines.write(piece('x'.repeat(1_000)))
  const before = written.length
  expect(before).toBeGreaterThan(5)
  lines.end()
  expect(written.slice(2).join('')).toBe('x'.repeat(100_000))
  expect(Math.max(...written.map(({ length }) => length))).toBe(16_384)
})

test('no part of a secret is kept where a long text is cut', () => {
  const path = join(createTempDir(), 'transcript.jsonl')
  const transcript = openTranscript(path, { MY_TOKEN: 'swordfish-42' }, { now: () => '2026-01-01T00:00:00.000Z' })
  const long = `${'x'.repeat(16_380)}swordfish-42`
  createAgentLines(transcript).write({ type: 'tool', id: 't1', status: 'done', command: long, output: long })
  transcript.close()
  expect(readFileSync(path, 'utf8')).toContain('xxxx')
  expect(readFileSync(path, 'utf8')).not.toContain('swor')
  removeTempDirs()
})

test('a call is said with all that was told of it, and not every call is remembered', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = (): number => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const { lines, written } = start()
  const before = heap()
  for (let index = 0; index < 5_000; index += 1) {
    lines.write({ type: 'tool', id: `t${index}`, status: 'running', kind: 'execute', command: `${index} ${Buffer.alloc(8_000, 'x').toString('latin1')}` })
    lines.write({ type: 'tool', id: `t${index}`, status: 'done', exitCode: 0 })
    expect(written.pop()).toContain(`${index} xx`)
    written.length = 0
  }
  // Of 40 MB that were told.
  expect((heap() - before) >> 20).toBeLessThan(20)
  lines.end()
})
