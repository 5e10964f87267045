import { codeOf, parseRunEvent, runIdSchema, type HumanFace, type RunEvent } from '@signalbox/core'
import { expect, test } from 'vitest'
import { followRun, readTold, type Listener } from './follow.ts'

const run = runIdSchema.parse('R0001')
const events = [1, 2, 3].map((seq) => event({ format: 1, seq, at: '2026-11-22T10:00:00Z', run, task: 'T0001', type: 'run.continued', data: {} }))

function event(value: unknown): RunEvent {
  return parseRunEvent(value) ?? expect.unreachable('the fixture is an event')
}

/** A run of three events, one more at each look, that ends with the last. */
function slowRun(ends: boolean): Pick<HumanFace, 'readEvents' | 'readTranscript'> {
  let looks = 0
  return {
    readEvents: (_id, { after = 0 } = {}) => {
      looks += 1
      return Promise.resolve({ events: events.slice(after, looks), ended: ends && looks >= events.length })
    },
    readTranscript: (_id, { from = 0 } = {}) => Promise.resolve(from < looks ? { lines: [{ at: 'now', stream: 'stdout', text: String(from) }], next: from + 1 } : { lines: [], next: from }),
  }
}

test('a follower is told every event and line once, in order, until the end', async () => {
  const seqs: number[] = []
  const lines: string[] = []
  await followRun(slowRun(true), run, { onEvents: (more) => seqs.push(...more.map(({ seq }) => seq)), onLines: (more) => lines.push(...more.map(({ text }) => text)) })
  expect(seqs).toEqual([1, 2, 3])
  expect(lines).toEqual(['0', '1', '2'])
  expect(process.listenerCount('SIGINT')).toBe(0)
})

test('at the end all that is left is told, however many answers hold it; of what was told before, nothing again', async () => {
  const whole: Pick<HumanFace, 'readEvents' | 'readTranscript'> = {
    readEvents: (_id, { after = 0 } = {}) => Promise.resolve({ events: events.slice(after), ended: true }),
    readTranscript: (_id, { from = 0 } = {}) => Promise.resolve(from < 3 ? { lines: [{ at: 'now', stream: 'stdout', text: String(from) }], next: from + 1 } : { lines: [], next: from }),
  }
  const lines: string[] = []
  const listener: Listener = { onEvents: (more) => lines.push(...more.map(({ seq }) => `event ${seq}`)), onLines: (more) => lines.push(...more.map(({ text }) => text)) }
  await followRun(whole, run, listener, await readTold(whole, run))
  expect(lines).toEqual([])
  await followRun(whole, run, listener)
  expect(lines).toEqual(['0', '1', '2', 'event 1', 'event 2', 'event 3'])
})

test('Ctrl-C ends the following at once and says that the run goes on', async () => {
  const following = followRun(slowRun(false), run, { onEvents: () => process.emit('SIGINT') })
  const error: unknown = await following.catch((thrown: unknown) => thrown)
  expect(codeOf(error)).toBe('signal.interrupted')
  expect(error).toMatchObject({ message: 'No longer following R0001; the run goes on', hint: expect.stringMatching(/log R0001 -f.*cancel R0001/) })
  expect(process.listenerCount('SIGINT')).toBe(0)
})
