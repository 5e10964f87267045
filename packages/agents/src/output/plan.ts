import type { AgentEventOf } from '@signalbox/core'
import { clip } from './clip.ts'
import { asObjects, asText } from './json.ts'

/** Entries of a plan that are kept, and characters of one. */
const mostEntries = 200
const mostEntry = 1_000

/** Returns the plan in a list of objects with `content` and `status`; an empty one when it is no list. */
export function planIn(entries: unknown): AgentEventOf<'plan'> {
  const kept = asObjects(entries).slice(0, mostEntries)
  return {
    type: 'plan',
    entries: kept.map(({ content, status }) => ({ text: clip(asText(content) ?? '', mostEntry), status: status === 'completed' || status === 'in_progress' ? status : 'pending' })),
  }
}
