import { existsSync } from 'node:fs'
import { ControlError, latestRound, startWords, type Run, type RunId } from '@signalbox/core'
import type { Services } from './services.ts'
import type { StateLayout } from './state-layout.ts'
import { findTakenBackBy } from './taken-back.ts'

/** Refuses what makes no sense once a run has landed, with the result. @throws ControlError `run.already_merged`, `merge.pending` */
export async function refuseMerged(services: Services, run: Run): Promise<void> {
  if (run.merge.kind === 'merged') {
    const by = await findTakenBackBy(services, run)
    const landed = `${run.id} is already merged: ${run.merge.repos.map((repo) => `${repo.repo} ${repo.branch} is at ${repo.to.slice(0, 10)}`).join(', ')}`
    throw new ControlError('run.already_merged', by === undefined ? landed : `${landed}, and ${by} took it back`, {
      hint: by === undefined ? `Look at it with \`signalbox show ${run.id}\`, or take it back with \`signalbox undo ${run.id}\`` : sayAfter(run, by),
      data: { state: 'merged', repos: run.merge.repos },
    })
  }
  if (run.merge.kind === 'merging' || run.merge.kind === 'stuck') {
    throw new ControlError('merge.pending', `A landing of ${run.id} stopped half-way and is not settled`, { hint: 'Read what it needs with `signalbox doctor`; every command tries to settle it first' })
  }
}

/** Says what there is to do about a landing that was taken back. */
function sayAfter(run: Run, by: RunId): string {
  const look = `Look at what took it back with \`signalbox show ${by}\``
  const round = latestRound(run)
  // What took a landing back itself is made anew by nobody but us.
  return round === undefined || run.takesBack !== undefined ? look : `${look}, or bring its change onto the targets as they are, which its gate has you waive as reverts_landed_work: signalbox ${startWords(run, `--from ${round.id} --onto-target`)}`
}

/** Refuses to move anything for a run while a journal lies there that could not be settled: it is all that is known of what was begun. @throws ControlError `merge.pending` */
export function refuseUnsettled(layout: StateLayout, { id }: Run): void {
  const { journal } = layout.run(id)
  if (existsSync(journal)) throw new ControlError('merge.pending', `What was begun to land or take back ${id} is not settled: ${journal} is still there`, { hint: 'Read what it needs with `signalbox doctor`; every command tries to settle it first' })
}

/** Refuses what needs a run that has ended. @throws ControlError `run.active` */
export function refuseActive(run: Run): void {
  if (run.state.kind !== 'ended') {
    throw new ControlError('run.active', `${run.id} is ${run.state.kind}`, { hint: `Follow it with \`signalbox log ${run.id} -f\`, or end it with \`signalbox cancel ${run.id}\`` })
  }
}
