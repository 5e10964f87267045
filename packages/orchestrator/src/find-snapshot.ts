import { ControlError, latestRound, type Run, type Snapshot } from '@signalbox/core'

/** Finds a snapshot of a run by its number, the latest round without one. @throws ControlError `snapshot.not_found` */
export function findSnapshot(run: Run, round: number | undefined): Snapshot {
  const snapshot = round === undefined ? latestRound(run) : run.snapshots.find((candidate) => candidate.id === `${run.id}.s${round}`)
  if (snapshot !== undefined) return snapshot
  const hint = run.state.kind === 'ended' ? `See why: signalbox show ${run.id}` : `Wait for the run to end: signalbox log ${run.id} -f`
  throw new ControlError('snapshot.not_found', round === undefined ? `${run.id} has no sealed round` : `There is no snapshot ${run.id}.s${round}`, { hint })
}
