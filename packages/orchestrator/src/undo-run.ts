import { rm } from 'node:fs/promises'
import { ControlError, latestRound, settleWords, type LandingOutcome, type LandingRepo, type MergeResult, type Run } from '@signalbox/core'
import { markActive, unmarkActive } from './active-runs.ts'
import { journalFileOf, record, sayWhy, toJournal, toLanded } from './merge-run.ts'
import { moveTask } from './move-task.ts'
import { refuseUnsettled } from './refuse-merged.ts'
import { requireOwnLanding } from './require-own-landing.ts'
import type { Services } from './services.ts'
import { refuseTakenBack } from './taken-back.ts'

/** Takes a landing back in all its repos, where nothing was built on top. The caller holds the state lock. */
export async function undoRun(services: Services, run: Run): Promise<MergeResult> {
  if (run.merge.kind !== 'merged') {
    throw new ControlError('run.not_merged', `${run.id} is not merged, so there is nothing to undo`, { hint: `Its state: signalbox show ${run.id}` })
  }
  refuseUnsettled(services.layout, run)
  await refuseTakenBack(services, run)
  await requireOwnLanding(services, run, run.merge.repos)
  const round = latestRound(run)
  const landed = await Promise.all(
    run.merge.repos.map(async ({ repo, branch, from, to, commits }): Promise<LandingRepo> => {
      const saved = round?.repos.find((candidate) => candidate.repo === repo)
      if (saved === undefined) throw new ControlError('snapshot.not_found', `The round that landed in ${repo} is not in the record of ${run.id}`)
      const { path } = await services.repoPaths.sourceOf(repo)
      return { repo, source: path, branch, from, to, tree: saved.tree, ...(commits === undefined ? {} : { commits }), checkout: null, step: 'published' }
    }),
  )
  await markActive(services.layout, run.id)
  const outcome = await services.landing.undo(toJournal(run, 'undo', landed), journalFileOf(services, run))
  return settleUndo(services, run, outcome)
}

/** Records how an undo ended. Throws unless every target is back. */
export async function settleUndo(services: Services, run: Run, outcome: LandingOutcome): Promise<MergeResult> {
  const repos = outcome.repos.map(toLanded)
  if (outcome.state === 'undone') {
    await moveTask(services, run.task, [run.takesBack === undefined ? 'done' : 'ready'], 'review')
    await services.log.append(run.id, { type: 'merge.undone', data: { by: await services.readActor(), repos } })
    await record(services, run, 'undo')
  }
  const because = sayWhy(outcome)
  if (outcome.state === 'stuck') {
    // An undo that stays stuck is tried again by every command; it is recorded once.
    if (run.merge.kind !== 'stuck' || run.merge.because !== because) {
      await services.log.append(run.id, { type: 'merge.stopped', data: { because, stuck: true, repos: outcome.repos.map((repo) => ({ repo: repo.repo, step: repo.step, because: repo.because ?? null })) } })
      await record(services, run, 'undo stopped')
    }
  } else {
    await rm(services.layout.run(run.id).journal, { force: true })
    await unmarkActive(services.layout, run.id)
  }
  if (outcome.state === 'undone') return { state: 'undone', repos: repos.map((repo) => ({ ...repo, from: repo.to, to: repo.from })) }
  if (outcome.state === 'done' && run.merge.kind === 'stuck') await services.log.append(run.id, { type: 'merge.stopped', data: { because, stuck: false, repos: [] } })
  throw new ControlError(outcome.state === 'done' ? 'undo.refused' : 'merge.stopped', `The landing of ${run.id} ${outcome.state === 'done' ? 'was not taken back' : 'is taken back only in part'}: ${because}`, {
    hint: outcome.state === 'done' ? `Clear what it names; where something was built on top, make a run that takes it back, to be reviewed and landed like any other: signalbox undo ${run.id} --as-run` : settleWords,
    data: { state: outcome.state, repos: outcome.repos },
  })
}
