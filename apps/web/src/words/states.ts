import type { RunSummary, TaskStatus } from '@signalbox/core'

/** How something stands, as colour; a word always stands beside it. */
export type Tone = 'quiet' | 'info' | 'ok' | 'warn' | 'bad'

/** A state in a word and its tone. */
export interface Standing {
  readonly word: string
  readonly tone: Tone
}

const taskTones = { draft: 'quiet', ready: 'info', active: 'info', review: 'warn', blocked: 'bad', done: 'ok', dropped: 'quiet' } as const satisfies Record<TaskStatus, Tone>

/** Returns how a task stands. */
export function taskStanding(status: TaskStatus): Standing {
  return { word: status, tone: taskTones[status] }
}

/** Returns how a run stands: how it ended, else what it is doing. */
export function runStanding({ state, outcome }: Pick<RunSummary, 'state' | 'outcome'>): Standing {
  if (outcome === null) return { word: state, tone: state === 'waiting' ? 'warn' : 'info' }
  const tones = { completed: 'ok', failed: 'bad', interrupted: 'bad', cancelled: 'quiet', escaped: 'bad' } as const
  return { word: outcome, tone: tones[outcome] }
}

const merges = {
  none: { word: 'not landed', tone: 'quiet' },
  blocked: { word: 'blocked', tone: 'bad' },
  approvable: { word: 'waits for your approval', tone: 'warn' },
  approved: { word: 'approved', tone: 'ok' },
  merging: { word: 'landing', tone: 'info' },
  stuck: { word: 'stuck half-way', tone: 'bad' },
  merged: { word: 'merged', tone: 'ok' },
  undone: { word: 'undone', tone: 'quiet' },
} as const satisfies Record<RunSummary['merge'], Standing>

/** Returns where the landing of a run stands. */
export function mergeStanding(state: RunSummary['merge']): Standing {
  return merges[state]
}

/** Tells whether a run still does something. */
export function isActive({ state }: Pick<RunSummary, 'state'>): boolean {
  return state !== 'ended'
}
