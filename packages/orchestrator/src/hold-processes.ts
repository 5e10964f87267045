import { setTimeout as delay } from 'node:timers/promises'
import { ControlError } from '@signalbox/core'
import { findTagged, isStopped, signalProcess, withDescendants } from './process-tree.ts'

/** Milliseconds one try to stop a tree may take: a process in a system call stops when that returns. */
const tryMs = 300

/** Tries before a tree is called one that cannot be stopped: one that just starts a process stands still half-way. */
const maxTries = 3

/** The processes of a run, stopped. */
export interface HeldProcesses {
  /** Tells whether all of them are there and stand still, and no other one of the run is there: then none of them wrote anything meanwhile. */
  areStill(): boolean
  /** Lets those go on that were stopped here. One that stood still before, goes on standing still. */
  release(): void
}

/**
 * Stops every process of a run: those with its tag, and all they started. Whoever calls this lets go of them in a `finally`; if it is killed in between, recovery ends them.
 * @throws ControlError `run.not_active` when no process is there, `run.failed` when they cannot be stopped; they then go on
 */
export async function holdTagged(tag: string): Promise<HeldProcesses> {
  for (let tries = 1; ; tries += 1) {
    const held = await tryToHold(tag)
    if (held !== undefined) return held
    if (tries === maxTries) throw new ControlError('run.failed', 'The processes of the run could not be stopped to save what they wrote', { hint: 'They go on, and it is tried again' })
    await delay(tryMs)
  }
}

async function tryToHold(tag: string): Promise<HeldProcesses | undefined> {
  const held = new Set<number>()
  // Parents are stopped first and go on last: a shell that saw its job stopped would take it for one that a human stopped, and move on.
  const release = (): void => [...held].toReversed().forEach((pid) => signalProcess(pid, 'SIGCONT'))
  const end = performance.now() + tryMs
  let found: readonly number[] = []
  try {
    // Twice in a row: whatever one of them started before it stood still is found by the second look.
    for (let still = 0; still < 2; ) {
      found = withDescendants(findTagged(tag))
      if (found.length === 0) throw new ControlError('run.not_active', 'No process of the run is there')
      const moving = found.filter((pid) => !isStopped(pid))
      if (moving.length === 0) {
        still += 1
        continue
      }
      still = 0
      for (const pid of moving) {
        held.add(pid)
        signalProcess(pid, 'SIGSTOP')
      }
      if (performance.now() > end) {
        release()
        return undefined
      }
      await delay(1)
    }
  } catch (error) {
    release()
    throw error
  }
  const all = found
  return {
    areStill: () => {
      const now = withDescendants(findTagged(tag))
      return now.length === all.length && now.every((pid) => all.includes(pid) && isStopped(pid))
    },
    release,
  }
}
