import type { Decision, Effort, Note } from '@signalbox/core'
import type { Standing, Tone } from '../words/states.ts'

const tones = { active: 'info', paused: 'warn', done: 'ok', dropped: 'quiet', proposed: 'warn', accepted: 'ok', superseded: 'quiet', rejected: 'quiet' } as const satisfies Record<Effort['status'] | Decision['status'], Tone>

/** Returns how an effort or decision stands; a note only is. */
export function recordStanding(record: Effort | Decision | Note): Standing | undefined {
  return 'status' in record ? { word: record.status, tone: tones[record.status] } : undefined
}
