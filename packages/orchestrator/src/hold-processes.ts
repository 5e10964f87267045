import { setTimeout as delay } from 'node:timers/promises'
import { ControlError } from '@signalbox/core'
import { findTagged, hasEnded, isStopped, signalProcess, withDescendants, type TreeProcess } from './process-tree.ts'

/** Milliseconds to wait for the next process to stand still: one in a system call stops when that returns. */
const stopMs = 300

/** Looks at the tree of one try: each finds what was started before its parent stood still. More are needed only where somebody lets them go on. */
const maxLooks = 10

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
 * Once `over` is aborted nobody is stopped any more: whoever ends them gives them time to write their last, and they need it.
 * @throws ControlError `run.not_active` when no process is there or they are being ended, `run.failed` when they cannot be stopped; they then go on
 */
export async function holdTagged(tag: string, over: AbortSignal): Promise<HeldProcesses> {
  for (let tries = 1; ; tries += 1) {
    const held = await tryToHold(tag, over)
    if (held !== undefined) return held
    if (tries === maxTries) throw new ControlError('run.failed', 'The processes of the run could not be stopped to save what they wrote', { hint: 'They go on, and it is tried again' })
    await delay(stopMs)
  }
}

async function tryToHold(tag: string, over: AbortSignal): Promise<HeldProcesses | undefined> {
  const held = new Set<number>()
  const release = (): void => [...held].toReversed().forEach((pid) => signalProcess(pid, 'SIGCONT'))
  let found: readonly TreeProcess[] = []
  try {
    // Twice in a row: whatever one of them started before it stood still is found by the second look.
    for (let looks = 1, still = 0; still < 2; looks += 1) {
      found = withDescendants(findTagged(tag))
      if (found.length === 0) throw new ControlError('run.not_active', 'No process of the run is there')
      const moving = found.filter(({ pid }) => !isStopped(pid))
      still = moving.length === 0 ? still + 1 : 0
      if (looks <= maxLooks && (await stopFromAbove(moving, held, over))) continue
      release()
      return undefined
    }
  } catch (error) {
    release()
    throw error
  }
  const all = new Set(found.map(({ pid }) => pid))
  const ended = new Set([...all].filter(hasEnded))
  return {
    areStill: () => {
      const now = withDescendants(findTagged(tag))
      // One that ended meanwhile went on first, and may have written; it may have been listed just before that.
      return now.length === all.size && now.every(({ pid }) => all.has(pid) && isStopped(pid) && hasEnded(pid) === ended.has(pid))
    },
    release,
  }
}

/**
 * Stops processes, each only once its parent stands still, and notes them. A shell with job control that saw a job of it stop would
 * take that for a human's doing, and go on with its next command; so children go on before their parents, too.
 * Returns whether all of them stand still.
 */
async function stopFromAbove(moving: readonly TreeProcess[], held: Set<number>, over: AbortSignal): Promise<boolean> {
  let end = performance.now() + stopMs
  for (let left = moving; left.length > 0; ) {
    if (over.aborted) throw new ControlError('run.not_active', 'The processes of the run are being ended')
    const pids = new Set(left.map(({ pid }) => pid))
    for (const { pid, parent } of left) {
      if (pids.has(parent)) continue
      held.add(pid)
      signalProcess(pid, 'SIGSTOP')
    }
    await delay(1)
    const before = left.length
    left = left.filter(({ pid }) => !isStopped(pid))
    if (left.length < before) end = performance.now() + stopMs
    else if (performance.now() > end) return false
  }
  return true
}
