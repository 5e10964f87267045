import { findCheckpointReason, hasCode, messageOf, nextTryAt, workspaceBase, type CheckpointFacts, type CheckpointPolicy, type CheckpointReason, type Run } from '@signalbox/core'
import { checkoutOf } from './checkout-of.ts'
import type { Snapshots } from './git-ports.ts'
import { createPause } from './pause.ts'
import { takeCheckpoint, type CheckpointServices } from './take-checkpoint.ts'

/** Takes checkpoints of one run while its agent works. */
export interface Checkpoints {
  /** The agent said that a turn of it is over. */
  turnEnded(): void
  /** Takes no more, and stops no process any more; returns once one that is under way is through. */
  stop(): Promise<void>
}

/** What looking after a run asks for. */
type WatchServices = CheckpointServices & { readonly snapshots: Pick<Snapshots, 'noticeChanges'> }

/** A look waits so many times as long as the last one took: looking is at most a twentieth of a run. */
const timesLookTook = 20

/** Begins to look after a run whose agent has just started. What goes wrong here is recorded, and never ends the run. */
export function startCheckpoints(services: WatchServices, run: Run, policy: CheckpointPolicy): Checkpoints {
  const over = new AbortController()
  const restMs = policy.restSeconds * 1_000
  const pause = createPause(over.signal)
  let turnEnded = false
  let lastTry: CheckpointFacts['lastTry'] = { endedAt: performance.now(), tookMs: 0, failures: 0 }
  let changed: CheckpointFacts['changed']
  let noticed: string | undefined
  /** What was noticed when it was saved last: it may go on to be, where something in the checkout cannot be captured. */
  let settled: string | undefined

  async function follow(): Promise<void> {
    let lookMs = restMs / 2
    while (!over.signal.aborted) {
      // The end of a turn is waited for no longer than it has to be.
      await pause.wait(turnEnded ? Math.min(lookMs, Math.max(1, nextTryAt(lastTry, policy) - performance.now())) : lookMs)
      // Nothing can be due before; looks are only for how long files are at rest by then.
      if (over.signal.aborted || performance.now() < nextTryAt(lastTry, policy) - restMs) continue
      const began = performance.now()
      await look()
      lookMs = Math.max(restMs / 2, (performance.now() - began) * timesLookTook)
      if (changed === undefined) turnEnded = false // nothing came of it
      const reason = findCheckpointReason({ now: performance.now(), turnEnded, changed, lastTry }, policy)
      if (reason !== undefined && !over.signal.aborted) await attempt(reason)
    }
  }

  async function look(): Promise<void> {
    const now = performance.now()
    const found = await noticeChanges(services, run)
    if (found === undefined || found === settled) changed = undefined
    else if (changed === undefined || found !== noticed) changed = { since: changed?.since ?? now, last: now }
    noticed = found
  }

  async function attempt(reason: CheckpointReason): Promise<void> {
    const began = performance.now()
    turnEnded = false
    const failures = (await take(reason)) ? 0 : lastTry.failures + 1
    if (failures === 0) {
      settled = noticed
      changed = undefined
    }
    const endedAt = performance.now()
    lastTry = { endedAt, tookMs: endedAt - began, failures }
  }

  /** Returns whether what lies there is saved now. */
  async function take(reason: CheckpointReason): Promise<boolean> {
    try {
      await takeCheckpoint(services, run.id, { reason, keep: policy.keep, over: over.signal })
      return true
    } catch (error) {
      // Its processes just ended, or are being ended: what they leave is saved as its end.
      if (hasCode(error, 'run.not_active')) return true
      await services.log.append(run.id, { type: 'checkpoint.failed', data: { reason, because: messageOf(error) } })
      return false
    }
  }

  const followed = policy.take === 'never' ? Promise.resolve() : follow().catch((error: unknown) => console.error(`No more checkpoints of ${run.id}: ${messageOf(error)}`))
  return {
    turnEnded: () => {
      turnEnded = true
      pause.wake()
    },
    stop: async () => {
      over.abort()
      await followed
    },
  }
}

/** Looks at all checkouts. One that cannot be looked at is never taken for one at rest as it was saved: whoever saves it will say why. */
async function noticeChanges(services: WatchServices, run: Run): Promise<string | undefined> {
  const found = await Promise.all(
    run.repos.map(async (repo) => {
      try {
        return await services.snapshots.noticeChanges(await checkoutOf(services, run, repo), workspaceBase(run, repo))
      } catch (error) {
        return messageOf(error)
      }
    }),
  )
  return found.every((one) => one === undefined) ? undefined : found.join('\n')
}
