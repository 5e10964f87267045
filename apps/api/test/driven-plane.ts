import { ControlError, taskIdSchema, type HumanFace, type Live, type LiveChange, type RunEvent, type RunId } from '@signalbox/core'

/** A plane whose changes a test makes: events are kept per run as a log would, and told as they are made. */
export interface DrivenPlane {
  readonly human: HumanFace
  readonly live: Live
  /** Appends the next event of a run, padded to about `size` characters. */
  append(run: RunId, size?: number): void
  tell(change: LiveChange): void
  growTranscript(run: RunId, bytes: number): void
  followers(): number
}

/** Returns a plane without runs. */
export function createDrivenPlane(): DrivenPlane {
  const logs = new Map<RunId, RunEvent[]>()
  const followers = new Set<(change: LiveChange) => void>()
  const growth = new Map<RunId, Set<(bytes: number) => void>>()
  const tell = (change: LiveChange): void => {
    for (const told of followers) told(change)
  }
  return {
    // Only what streams ask for: a call of anything else fails the test that made it.
    human: { readEvents: (run: RunId, { after = 0 } = {}) => readLog(logs, run, after) } as unknown as HumanFace,
    live: {
      follow: (told) => {
        followers.add(told)
        return () => void followers.delete(told)
      },
      followTranscript: (run, told) => {
        const ofRun = growth.get(run) ?? new Set()
        growth.set(run, ofRun.add(told))
        return () => void ofRun.delete(told)
      },
    },
    append: (run, size = 0) => {
      const log = logs.get(run) ?? []
      logs.set(run, log)
      const event: RunEvent = { format: 1, seq: log.length + 1, at: 'now', run, task: taskIdSchema.parse('T0001'), type: 'run.cancel_requested', data: { by: 'Ann', because: 'x'.repeat(size) } }
      log.push(event)
      tell({ kind: 'run', event })
    },
    tell,
    growTranscript: (run, bytes) => {
      for (const told of growth.get(run) ?? []) told(bytes)
    },
    followers: () => followers.size + [...growth.values()].reduce((sum, ofRun) => sum + ofRun.size, 0),
  }
}

async function readLog(logs: ReadonlyMap<RunId, readonly RunEvent[]>, run: RunId, after: number): Promise<{ events: readonly RunEvent[]; ended: boolean }> {
  const log = logs.get(run)
  if (log === undefined) throw new ControlError('run.not_found', `There is no run ${run}`)
  // A real log is read from disk, and meanwhile the world goes on: what comes in now is told and read, what comes later only told.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  const events = log.filter((event) => event.seq > after)
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  return { events, ended: false }
}
