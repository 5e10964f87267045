import { ControlError, isComputed, keptCheckpoints, keptSnapshots, latestRound, type Run, type Snapshot, type SnapshotRepo } from '@signalbox/core'
import type { SavedFiles } from './git-ports.ts'

/** Finds a snapshot of a run by its number, the latest round without one. @throws ControlError `snapshot.not_found` */
export function findSnapshot(run: Run, round: number | undefined): Snapshot {
  const id = `${run.id}.s${round}`
  const snapshot = round === undefined ? latestRound(run) : keptSnapshots(run).find((candidate) => candidate.id === id)
  if (snapshot !== undefined) return snapshot
  if (run.snapshots.some((candidate) => candidate.id === id)) throw new ControlError('snapshot.not_found', `The checkpoint ${id} was thinned out and is not kept any more`, { hint: `See which are: signalbox show ${run.id}` })
  const hint = run.state.kind === 'ended' ? `See why: signalbox show ${run.id}` : sayMeanwhile(run)
  throw new ControlError('snapshot.not_found', round === undefined ? `${run.id} has no sealed round` : `There is no snapshot ${run.id}.s${round}`, { hint })
}

/** Returns what is needed of a snapshot to write its files again, for each of its repos. */
export function savedFilesOf({ saved }: Pick<Run, 'saved'>, { id, repos }: Snapshot): readonly (SavedFiles & Pick<SnapshotRepo, 'repo'>)[] {
  const computed = saved.some(({ snapshot, reason }) => snapshot === id && isComputed(reason))
  return repos.map(({ repo, commit, exactTree }) => ({ repo, commit, exactTree, isComputed: computed }))
}

/** Says what there is to see of a run that is still at work. */
function sayMeanwhile(run: Run): string {
  const last = keptCheckpoints(run).at(-1)
  return last === undefined ? `Wait for the run to end: signalbox log ${run.id} -f` : `Look at its last checkpoint: signalbox diff ${last}`
}
