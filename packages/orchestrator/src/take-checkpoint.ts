import { statfs } from 'node:fs/promises'
import { chooseThinned, ControlError, keptCheckpoints, parseRunOrSnapshot, type CheckpointReason, type Run, type RunId, type Snapshot } from '@signalbox/core'
import { captureSnapshot, hasChanges, type CaptureServices } from './capture-snapshot.ts'
import type { Snapshots } from './git-ports.ts'
import { holdTagged } from './hold-processes.ts'
import { readRunTag } from './run-tag.ts'
import type { Services } from './services.ts'

/** What a checkpoint asks for. */
export type CheckpointServices = CaptureServices & Pick<Services, 'log'> & { readonly snapshots: Pick<Snapshots, 'drop'> }

/** Bytes that must be free on the disk of the state folder: a checkpoint must not bring a run down to the floor that ends it. */
const roomBytes = 512 << 20

/** What is asked for in one. */
export interface CheckpointOrder {
  readonly reason: CheckpointReason
  /** How many of the run stay. */
  readonly keep: number
  /** Fires when the run is ended: nobody is stopped any more then. */
  readonly over: AbortSignal
}

/**
 * Saves what lies in a run's workspace while its processes stand still, and lets go of checkpoints that are too many by then. Returns
 * whether anything was new. The caller owns the run. The processes go on in any case.
 * @throws ControlError when nothing could be saved; earlier snapshots are as they were
 */
export async function takeCheckpoint(services: CheckpointServices, id: RunId, { reason, keep, over }: CheckpointOrder): Promise<boolean> {
  await refuseWithoutRoom(services)
  const run = await services.log.foldToChange(id)
  const { snapshot, heldMs } = await captureStill(services, run, over)
  refuseLost(snapshot)
  if (isKnown(run, snapshot)) return false
  await thin(services, await services.log.append(id, { type: 'checkpoint.captured', data: { snapshot, reason, heldMs } }), keep)
  return true
}

async function captureStill(services: CheckpointServices, run: Run, over: AbortSignal): Promise<{ readonly snapshot: Snapshot; readonly heldMs: number }> {
  const tag = await readRunTag(services.layout, run.id)
  const began = performance.now()
  const held = await holdTagged(tag, over)
  try {
    const snapshot = await captureSnapshot(services, run, 'checkpoint')
    // Somebody may have let them go on, as who ends the run does: then nobody knows of which moment it is.
    if (!held.areStill()) throw new ControlError(over.aborted ? 'run.not_active' : 'run.failed', 'Its processes went on while it was being saved')
    return { snapshot, heldMs: Math.round(performance.now() - began) }
  } finally {
    held.release()
  }
}

async function refuseWithoutRoom({ layout }: CheckpointServices): Promise<void> {
  const { bavail, bsize } = await statfs(layout.root)
  if (bavail * bsize >= roomBytes) return
  throw new ControlError('disk.full', `Less than ${roomBytes >> 20} MiB are free on the disk of ${layout.root}; they are left to the end of the run`, { hint: 'Make room there' })
}

/** A checkout that is gone is no state to go back to. */
function refuseLost({ repos }: Snapshot): void {
  const lost = repos.filter(({ missing }) => missing.some(({ reason }) => reason === 'workspace_lost'))
  if (lost.length > 0) throw new ControlError('snapshot.not_found', `The checkout of ${lost.map(({ repo }) => repo).join(', ')} is gone`)
}

/** What is saved already is not saved again, and a run that changed nothing has nothing to save. */
function isKnown({ snapshots }: Run, snapshot: Snapshot): boolean {
  const last = snapshots.at(-1)
  if (last === undefined) return !hasChanges(snapshot)
  const exact = (one: Snapshot): string => one.repos.map(({ repo, exactTree }) => `${repo} ${exactTree}`).join()
  return last.digest === snapshot.digest && exact(last) === exact(snapshot)
}

/** The record first: a ref that outlives it is dropped by the next one, a record that outlives its ref would be a lost snapshot. */
async function thin(services: CheckpointServices, run: Run, keep: number): Promise<void> {
  const chosen = chooseThinned(keptCheckpoints(run), keep)
  if (chosen.length === 0) return
  const { saved } = await services.log.append(run.id, { type: 'checkpoint.thinned', data: { snapshots: [...chosen], keep } })
  const numbers = saved.flatMap(({ snapshot, thinned }) => (thinned && snapshot !== null ? [parseRunOrSnapshot(snapshot)?.round ?? 0] : []))
  for (const { repo } of run.repos) {
    try {
      await services.snapshots.drop(await services.repoPaths.sourceOf(repo), run.id, numbers)
    } catch {
      // The checkpoint itself is saved; what is kept too long is dropped by the next one.
    }
  }
}
