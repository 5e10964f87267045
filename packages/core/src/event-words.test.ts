import { describe, expect, it } from 'vitest'
import { plausible, queued, toEnd, toEvent, walk } from '../test/events.ts'
import { sayEvent } from './event-words.ts'
import { foldRun } from './fold-run.ts'
import { eventData, parseRunEvent, type NewRunEvent, type RunEvent, type RunEventType } from './run-event.ts'

const types = Object.keys(eventData).filter((type): type is RunEventType => type in eventData)
const run = foldRun(walk(...toEnd))
const samples: readonly RunEvent[] = [queued(), ...types.filter((type) => type !== 'run.queued').map((type) => toEvent(run, plausible(run, type)))]
const plain = (text: string): string => text.replaceAll('\u001b', '^')

/** Returns the event with an escape byte behind each text of others that its form lets have one. */
function taint(event: RunEvent): RunEvent {
  return textPaths(event.data, []).reduce((tainted, path) => parseRunEvent({ ...tainted, data: withEscape(tainted.data, path) }) ?? tainted, event)
}

function textPaths(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value === 'string') return [path]
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, inner]) => textPaths(inner, [...path, key])) : []
}

function withEscape(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return `${String(value)}\u001b[31m`
  const entries = Object.entries(value ?? {}).map(([name, inner]) => [name, name === key ? withEscape(inner, rest) : inner] as const)
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
}

describe('an event, said', () => {
  it.each(samples.map((event) => [event.type, event] as const))('%s is a sentence in which nothing of others is as they wrote it', (_type, event) => {
    expect(sayEvent(event, plain)).toMatch(/^\S.*\S$/)
    expect(sayEvent(taint(event), plain)).not.toContain('\u001b')
  })

  it('of a packet that costs more than it may says so', () => {
    const packet = (budget?: number): string => sayEvent(toEvent(run, { type: 'run.prepared', data: { packetHash: 'packet 1', packetTokens: 900, ...(budget === undefined ? {} : { budget }) } }), plain)
    expect(packet(10)).toBe('Packet saved, 900 tokens: its required parts alone are larger than the budget of 10')
    expect([packet(900), packet()]).toEqual(['Packet saved, 900 tokens', 'Packet saved, 900 tokens'])
  })

  it('tells of a text of many lines the first, and that there are more', () => {
    const text = 'See to F1 and F2.\n\n## F1 on api:src/a.ts\nHalf cents?\n'
    const said = (event: NewRunEvent): string => sayEvent(toEvent(run, event), plain)
    expect(said({ type: 'run.resumed', data: { by: 'Ada', how: 'session', text, minutes: 5 } })).toBe('Gone on with by Ada, in the session of its agent: See to F1 and F2. …')
    expect(said({ type: 'run.rejected', data: { by: 'Ada', because: text } })).toBe('Rejected by Ada: See to F1 and F2. …')
    expect(said({ type: 'run.rejected', data: { by: 'Ada', because: 'one line\n' } })).toBe('Rejected by Ada: one line')
    expect(said({ type: 'seal.failed', data: { because: text } })).toContain('Half cents?')
  })
})
