import { agentEventSchema } from '@signalbox/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parserOf, parsers, readRecording, recordings, replay } from '../../test/replay.ts'
import { isObject, type Json } from '../output/json.ts'

function linesOf(names: readonly string[]): readonly Json[] {
  return names.flatMap((name) => readRecording(name).toString().trimEnd().split('\n').map((line): unknown => JSON.parse(line)).filter(isObject))
}

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
  const put = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 0.5, '', null, 'constructor', '__proto__'))
  const spoiltOf = (names: readonly string[]): fc.Arbitrary<string> =>
    fc.tuple(fc.constantFrom(...linesOf(names)), fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), put).map(([line, picks, value]) => JSON.stringify(spoil(line, picks, value)))
  const garbage = fc.oneof(fc.string(), fc.json(), fc.constantFrom('[]', 'null', '{"type":7}', '{"type":"__proto__"}', '['.repeat(20_000)))
  const frame = fc.oneof({ weight: 8, arbitrary: spoiltOf(recordings.filter((recording) => recording.startsWith(name))) }, { weight: 1, arbitrary: spoiltOf(recordings) }, { weight: 1, arbitrary: garbage })
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

test('when the provider takes more again is taken from what was said before, where a clock can show it', async () => {
  const said = (resetsAt: number): string => `{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":${resetsAt}}}\n{"type":"result","subtype":"success","is_error":true,"api_error_status":429,"result":"Limit reached"}`
  expect((await replay(parserOf('claude'), [Buffer.from(said(1893456000))])).end).toMatchObject({ stop: 'quota', retryAt: '2030-01-01T00:00:00.000Z' })
  expect((await replay(parserOf('claude'), [Buffer.from(said(1e300))])).end).toEqual({ stop: 'quota', because: 'Limit reached', session: undefined })
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
