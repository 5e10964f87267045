import { agentEventSchema } from '@signalbox/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parserOf, parsers, readRecording, recordings, replay } from '../../test/replay.ts'
import { isObject, type Json } from './json.ts'

const lines: readonly Json[] = recordings.flatMap((name) => readRecording(name).toString().trimEnd().split('\n').map((line): unknown => JSON.parse(line)).filter(isObject))

/** Puts a value somewhere into a line, as many steps down as there are picks. */
function spoil(value: unknown, picks: readonly number[], put: unknown): unknown {
  const [pick, ...rest] = picks
  if (pick === undefined || typeof value !== 'object' || value === null) return put
  if (Array.isArray(value)) return value.length === 0 ? [put] : value.map((item: unknown, index) => (index === pick % value.length ? spoil(item, rest, put) : item))
  const keys = Object.keys(value)
  const chosen = keys[pick % Math.max(1, keys.length)]
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === chosen ? spoil(item, rest, put) : item]))
}

test.each(Object.keys(parsers))('whatever %s writes, it becomes events of the model or is kept as unknown', async (name) => {
  const spoilt = fc.tuple(fc.constantFrom(...lines), fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 0.5, '', null, 'constructor', '__proto__')))
    .map(([line, picks, put]) => JSON.stringify(spoil(line, picks, put)))
  const garbage = fc.oneof(fc.string(), fc.json(), fc.constantFrom('[]', 'null', '{"type":7}', '{"type":"__proto__"}', '['.repeat(20_000)))
  const frame = fc.oneof({ weight: 9, arbitrary: spoilt }, { weight: 1, arbitrary: garbage })
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 40, maxLength: 60 }), async (frames) => {
      const { events, end } = await replay(parserOf(name), [Buffer.from(frames.join('\n'))])
      for (const event of events) expect(agentEventSchema.safeParse(event).error).toBeUndefined()
      expect(events.at(-1)).toMatchObject({ type: 'turn', stop: end.stop })
      const open = new Set<string>()
      for (const event of events) {
        if (event.type !== 'tool') continue
        if (['proposed', 'waiting', 'running'].includes(event.status)) open.add(event.id)
        else open.delete(event.id)
      }
      expect([...open]).toEqual([])
    }),
    // Fifty frames each, of seven agents: ten thousand in all.
    { numRuns: 29 },
  )
})

test('a line nobody knows is kept as it was written', async () => {
  const { events } = await replay(parserOf('codex'), [Buffer.from('{"type":"thread.renamed","to":"x"}\nUpdate available!\n')])
  expect(events.slice(0, 2)).toEqual([
    { type: 'unknown', name: 'thread.renamed', raw: '{"type":"thread.renamed","to":"x"}' },
    { type: 'unknown', name: 'text', raw: 'Update available!' },
  ])
})

test('what a program says in plain words before it gives up is said by its end', async () => {
  const { end } = await replay(parserOf('claude'), [Buffer.from('Invalid API key · Please run /login\n')])
  expect(end).toMatchObject({ stop: 'lost', because: expect.stringContaining('Please run /login') })
})
