import { parseRunEvent, type RunEvent, type TranscriptLine } from '@signalbox/core'
import { expect, test } from 'vitest'
import { plainLook } from './look.ts'
import { createTeller } from './teller.ts'

const at = (second: number): string => new Date(2026, 10, 22, 10, 0, second).toISOString()
const line = (second: number, stream: TranscriptLine['stream'], text: string): TranscriptLine => ({ at: at(second), stream, text })

function event(seq: number, type: string, data: object): RunEvent {
  return parseRunEvent({ format: 1, seq, at: at(seq), run: 'R0001', task: 'T0001', type, data }) ?? expect.unreachable('the fixture is an event')
}

test('events and what the agent says are told in their order, and nothing of it before its start is told', () => {
  const told: string[] = []
  const { onEvents, onLines } = createTeller((text) => told.push(text), plainLook(0))
  onEvents([event(1, 'run.claimed', { pid: 7 })])
  onLines([line(2, 'setup', 'of the set-up'), line(4, 'stdout', 'first')])
  expect(told).toHaveLength(1)
  onEvents([event(3, 'run.started', { pid: 8 })])
  onLines([line(5, 'check', 'of a check')])
  onLines([line(6, 'stderr', 'a warning'), line(7, 'agent', 'done')])
  expect(told).toEqual(['10:00:01  Preparing, supervised by process 7', '10:00:03  Agent started, process 8\n10:00:04  │ first', '10:00:06  ┃ a warning\n10:00:07  │ done'])
})
