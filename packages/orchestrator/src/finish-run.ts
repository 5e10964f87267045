import { isEscaped, latestRound, sayEscape, type NewRunEvent, type Run, type RunId, type Snapshot, type SnapshotRepo } from '@signalbox/core'
import { unmarkActive } from './active-runs.ts'
import { captureSnapshot, hasChanges } from './capture-snapshot.ts'
import { compareSources } from './compare-sources.ts'
import { compareForeign } from './foreign-sources.ts'
import { becauseOf } from './look.ts'
import { moveTask } from './move-task.ts'
import { isAnotherInReview } from './open-run.ts'
import { endTagged } from './process-tree.ts'
import { runChecks } from './run-checks.ts'
import { findUnresolved } from './resolve-run.ts'
import type { RunEnd } from './run-end.ts'
import { readRunTag } from './run-tag.ts'
import { recordSurvivors } from './survivors.ts'
import { withState, type Services } from './services.ts'
import { freeReserve } from './watch-room.ts'
import type { Transcript } from './transcript.ts'
import { writeHandoff } from './write-handoff.ts'

/** Ends a run in order: processes, sealed round, checks, handoff, end. Each step is skipped where an earlier try already did it. */
export async function finishRun(services: Services, id: RunId, end: RunEnd, transcript: Transcript, abort: AbortSignal): Promise<void> {
  const sealed = await withState(services, () => sealEnding(services, id, end))
  if (end.outcome === 'completed' && !abort.aborted) await tryChecks(services, sealed, transcript, abort)
  await withState(services, () => recordEnd(services, id, end))
}

/** Ends what still lives of the run and seals its workspace. The caller holds the state lock. */
export async function sealEnding(services: Services, id: RunId, end: RunEnd): Promise<Run> {
  const survivors = await endTagged(await readRunTag(services.layout, id))
  await freeReserve(services)
  const before = await services.log.fold(id)
  if (before.state.kind !== 'sealing') await services.log.append(id, { type: 'sealing.started', data: {} })
  const run = await recordSurvivors(services, id, survivors)
  // Before the packet there is no workspace yet; a workspace that was lost since is captured as an incomplete round that says so.
  if (run.endSealed || run.packet === undefined) return run
  const sealed = await trySeal(services, run, end)
  const round = latestRound(sealed)
  if (round === undefined || !sealed.endSealed) return sealed
  await services.log.publish(id)
  // What is written under the lock is committed under it: whoever holds it next would take the rest for a killed operation's.
  await services.memory.commit(`${run.task}: seal ${round.id}`)
  return sealed
}

/** Seals, and compares the sources. The run must end with a handoff even when git or the disk refuses: the reason becomes part of how it ended. */
async function trySeal(services: Services, run: Run, end: RunEnd): Promise<Run> {
  try {
    const snapshot = withUnresolved(await captureSnapshot(services, run, 'round'), await findUnresolved(services, run))
    return await services.log.append(run.id, ...(await compareAll(services, run, snapshot)), { type: 'round.sealed', data: { snapshot, by: end.by, sameChange: null } })
  } catch (error) {
    const now = await services.log.fold(run.id)
    return services.log.append(run.id, ...(await compareAll(services, now, undefined)), { type: 'seal.failed', data: { because: becauseOf(error) } })
  }
}

/** First those of the run: that keeps what its git was seen to do, for all of them. */
async function compareAll(services: Services, run: Run, round: Snapshot | undefined): Promise<readonly NewRunEvent[]> {
  return [...(await compareSources(services, run, round)), ...(await compareForeign(services, run, round))]
}

/** What conflicts and was not settled makes a round incomplete: it is saved, and cannot be approved. Of some the capture said so already. */
function withUnresolved(snapshot: Snapshot, unresolved: Awaited<ReturnType<typeof findUnresolved>>): Snapshot {
  if (unresolved.length === 0) return snapshot
  const withTheirs = ({ repo, missing }: SnapshotRepo): SnapshotRepo['missing'] => {
    const theirs = unresolved.filter((one) => one.repo === repo && !missing.some(({ path, reason }) => path === one.path && reason === 'conflict_unsettled'))
    return [...missing, ...theirs.map(({ path }) => ({ path, reason: 'conflict_unsettled' as const }))]
  }
  return { ...snapshot, complete: false, repos: snapshot.repos.map((saved) => ({ ...saved, missing: withTheirs(saved) })) }
}

async function tryChecks(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<void> {
  const round = latestRound(run)
  if (round === undefined || !hasChanges(round)) return
  try {
    await runChecks(services, run, round, transcript, abort)
  } catch (error) {
    // Checks that could not run leave no receipt, which the gate reports as checks_missing.
    transcript.write('signalbox', `Checks could not run: ${becauseOf(error)}`)
  }
}

/** Writes the handoff and the end, moves the task on, and publishes. The caller holds the state lock. */
export async function recordEnd(services: Services, id: RunId, end: RunEnd): Promise<void> {
  let run = await services.log.fold(id)
  const final = finalEnd(run, end)
  const handoff = await writeHandoff(services, run, final)
  if (run.handoff === undefined) run = await services.log.append(id, { type: 'handoff.written', data: { handoff } })
  const inReview = ((final.outcome === 'completed' || final.outcome === 'escaped') && hasChanges(latestRound(run))) || (await isAnotherInReview(services, run))
  await moveTask(services, run.task, ['active'], inReview ? 'review' : 'ready')
  await services.log.append(id, { type: 'run.ended', data: { outcome: final.outcome, because: final.because } })
  await services.log.publish(id)
  await services.memory.commit(`${run.task}: ${id} ${final.outcome}`)
  await unmarkActive(services.layout, id)
}

/** How a run ended once its work is sealed and its sources are compared: what was found there outweighs how the agent exited. */
function finalEnd({ sources, sealFailure }: Run, end: RunEnd): RunEnd {
  const because = sealFailure === undefined ? end.because : `${end.because}; nothing was sealed: ${sealFailure}`
  if (isEscaped(sources)) return { ...end, outcome: 'escaped', because: `${sayEscape(sources)}; ${because}` }
  return { ...end, outcome: sealFailure === undefined || end.outcome !== 'completed' ? end.outcome : 'failed', because }
}
