import { existsSync } from 'node:fs'
import { ControlError, type Run } from '@signalbox/core'
import type { StateLayout } from './state-layout.ts'

/** Refuses what makes no sense once a run has landed, with the result. @throws ControlError `run.already_merged`, `merge.pending` */
export function refuseMerged(run: Run): void {
  if (run.merge.kind === 'merged') {
    throw new ControlError('run.already_merged', `${run.id} is already merged: ${run.merge.repos.map((repo) => `${repo.repo} ${repo.branch} is at ${repo.to.slice(0, 10)}`).join(', ')}`, {
      hint: `Look at it with \`signalbox show ${run.id}\`, or take it back with \`signalbox undo ${run.id}\``,
      data: { state: 'merged', repos: run.merge.repos },
    })
  }
  if (run.merge.kind === 'merging' || run.merge.kind === 'stuck') {
    throw new ControlError('merge.pending', `A landing of ${run.id} stopped half-way and is not settled`, { hint: 'Read what it needs with `signalbox doctor`; every command tries to settle it first' })
  }
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
