import { run } from '@signalbox/testkit'
import * as z from 'zod'
import type { World } from './world.ts'

const eventForm = z.looseObject({ seq: z.int(), type: z.string(), data: z.record(z.string(), z.unknown()) })
export type EventValue = z.infer<typeof eventForm>

/** Returns the events of a run as they are committed in the memory repo: what is left when this machine is not. */
export function readRecordedEvents(world: World, id: string): readonly EventValue[] {
  return parseEvents(run(world.memory, 'git', ['show', `HEAD:runs/${id}/events.jsonl`]))
}

/** Parses whole lines; a last one without its end is being written. */
export function parseEvents(text: string): readonly EventValue[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.flatMap((line) => (line === '' ? [] : [eventForm.parse(JSON.parse(line))]))
}
