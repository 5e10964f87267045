import { rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { approvedStrategy, ControlError, formats, isPart, latestRound, messageOf, reportGate, settleWords, type Approval, type GateReport, type LandedRepo, type LandingJournal, type LandingOutcome, type LandingRepo, type MergeRequest, type MergeResult, type MergeStrategy, type Run, type Snapshot, type TakesBack } from '@signalbox/core'
import { markActive, unmarkActive } from './active-runs.ts'
import { approveRun, blocked } from './approve-run.ts'
import { writeDurably } from './durable-file.ts'
import { changedRepos } from './capture-snapshot.ts'
import { gatherFacts } from './gather-facts.ts'
import { isMemory } from './memory-source.ts'
import { moveTask } from './move-task.ts'
import type { JournalFile, LandingRequest } from './landing-ports.ts'
import { identifyProcess } from './process-tree.ts'
import { refuseMerged, refuseUnsettled } from './refuse-merged.ts'
import type { Services } from './services.ts'

/** Lands the approved round in all its repos, or in none. The caller holds the state lock. */
export async function mergeRun(services: Services, run: Run, request: MergeRequest): Promise<MergeResult> {
  await refuseMerged(services, run)
  refuseUnsettled(services.layout, run)
  const strategy = strategyOf(run, request)
  if (request.approve === true) await approveRun(services, run, { digest: request.digest, targetHeads: request.targetHeads, commits: request.commits, strategy })
  const approved = await services.log.fold(run.id)
  // What of our records could not be committed before is in the way where the memory repo is a target.
  await flushRecords(services, approved)
  const report = reportGate(await gatherFacts(services, approved, strategy))
  if (report.verdict !== 'mergeable') throw blocked(report)
  const round = latestRound(approved)
  if (round === undefined) throw new TypeError('the gate let an unsealed run through')
  const prepared = await prepare(services, approved, round, report, strategy)
  await services.log.append(run.id, { type: 'merge.started', data: { strategy, repos: prepared.map((repo) => toStarted(repo, report)) } })
  const outcome = await publish(services, run, prepared)
  return settleMerge(services, approved, outcome, strategy)
}

/** Returns how a run is to land: as it was asked, else as it was approved. Whoever approves it in the same breath and says nothing means one commit. */
export function strategyOf(run: Run, { strategy, approve }: Pick<MergeRequest, 'strategy' | 'approve'>): MergeStrategy {
  return strategy ?? (approve === true ? 'squash' : approvedStrategy(run))
}

/** Records how a landing ended, whoever brought it to its end. Throws unless it is done. */
export async function settleMerge(services: Services, run: Run, outcome: LandingOutcome, strategy: MergeStrategy): Promise<MergeResult> {
  const repos = outcome.repos.map(toLanded)
  if (outcome.state === 'done') {
    // The task first: a kill between the two is settled again, and then finds only the event missing.
    // Taken back, it is still to be done.
    if (run.takesBack === undefined) await moveTask(services, run.task, ['draft', 'ready', 'active', 'review', 'blocked'], 'done')
    else await moveTask(services, run.task, ['review', 'done'], 'ready')
    await services.log.append(run.id, { type: 'merge.published', data: { strategy, repos } })
    await record(services, run, 'merge')
    await forget(services, run)
    const leftOut = latestRound(run)?.part?.leftOut ?? []
    return { state: 'merged', repos, ...(leftOut.length === 0 ? {} : { leftOut }) }
  }
  const stuck = outcome.state === 'stuck'
  const because = sayWhy(outcome)
  // A landing that stays stuck is tried again by every command; it is recorded once.
  const known = run.merge.kind === 'stuck' && stuck && run.merge.because === because
  if (!known) await services.log.append(run.id, { type: 'merge.stopped', data: { because, stuck, repos: outcome.repos.map((repo) => ({ repo: repo.repo, step: repo.step, because: repo.because ?? null })) } })
  if (!known) await record(services, run, 'merge stopped')
  if (!stuck) await forget(services, run)
  throw new ControlError('merge.stopped', stuck ? `The landing of ${run.id} is stuck half-way: ${because}` : `The landing of ${run.id} stopped and every target is as it was: ${because}`, {
    hint: stuck ? `${settleWords}. \`signalbox doctor\` shows it again` : `Clear what it names, then merge again: signalbox merge ${run.id}`,
    data: { state: stuck ? 'stuck' : 'undone', repos: outcome.repos },
  })
}

/** Says why a landing did not end as meant, repo by repo. */
export function sayWhy(outcome: LandingOutcome): string {
  return outcome.repos.flatMap((repo) => (repo.because === undefined ? [] : [`${repo.repo}: ${repo.because}`])).join('; ') || 'it was interrupted before any target moved'
}

/** Publishes the record of a run and commits it; a failure after the targets moved must not look like a failed landing. */
export async function record(services: Services, run: Run, act: string): Promise<void> {
  try {
    await services.log.publish(run.id)
    await services.memory.commit(`${run.task}: ${act} ${run.id}`)
  } catch (error) {
    process.emitWarning(`${run.id} is settled, but its record could not be written to the memory repo yet: ${messageOf(error)}`, 'SignalboxWarning')
  }
}

/** Returns the journal file of a run's landing. */
export function journalFileOf(services: Services, run: Pick<Run, 'id'>): JournalFile {
  return { write: (journal) => writeDurably(services.layout, services.layout.run(run.id).journal, JSON.stringify(journal)) }
}

/** Begins the journal of a landing or undo, owned by this process. */
export function toJournal(run: Pick<Run, 'id'>, kind: LandingJournal['kind'], repos: readonly LandingRepo[]): LandingJournal {
  const owner = identifyProcess(process.pid)
  if (owner === undefined) throw new ControlError('internal.unexpected', 'This process could not read its own identity')
  return { format: formats.journal, run: run.id, kind, owner, tag: randomUUID(), repos: [...repos] }
}

/** Makes the commits of a round that a human approved, and moves nothing. From here on a crash leaves something to settle, so recovery must find the run. */
export async function prepare(services: Services, run: Run, round: Snapshot, judged: Pick<GateReport, 'repos' | 'waived' | 'kept'>, strategy: MergeStrategy): Promise<readonly LandingRepo[]> {
  await markActive(services.layout, run.id)
  try {
    return await services.landing.prepare(run.id, await toRequests(services, run, round, judged), { message: await sayMessage(services, run, round, judged.waived), strategy })
  } catch (error) {
    await unmarkActive(services.layout, run.id)
    throw error
  }
}

async function publish(services: Services, run: Run, prepared: readonly LandingRepo[]): Promise<LandingOutcome> {
  return services.landing.publish(toJournal(run, 'merge', prepared), journalFileOf(services, run))
}

async function forget(services: Services, run: Run): Promise<void> {
  await rm(services.layout.run(run.id).journal, { force: true })
  await unmarkActive(services.layout, run.id)
}

async function toRequests(services: Services, run: Run, round: Snapshot, { repos: judged, kept }: Pick<GateReport, 'repos' | 'kept'>): Promise<readonly LandingRequest[]> {
  return Promise.all(
    changedRepos(round).map(async (repo) => {
      const started = run.repos.find((candidate) => candidate.repo === repo.repo)
      if (started === undefined) throw new TypeError(`${round.id} holds ${repo.repo}, which ${run.id} was not started on`)
      const source = await services.repoPaths.sourceOf(repo.repo)
      const onto = judged.find((report) => report.repo === repo.repo)?.advanced?.to
      const commits = kept?.repos.find((one) => one.repo === repo.repo)?.commits ?? []
      if (onto === undefined) return { source, branch: started.baseBranch, base: repo.base, snapshotCommit: repo.commit, tree: repo.tree, commits }
      const carried = await services.snapshots.carry(source, repo, onto)
      return { source, branch: started.baseBranch, base: onto, snapshotCommit: carried.commit, tree: carried.tree, commits }
    }),
  )
}

async function sayMessage(services: Services, run: Run, round: Snapshot, waived: GateReport['waived']): Promise<string> {
  const task = await services.memory.read('task', run.task)
  const trailers = [`Signalbox-Task: ${run.task}`, `Signalbox-Run: ${run.id}`, `Signalbox-Snapshot: ${round.id}`, `Signalbox-Approved-by: ${run.approval?.by ?? ''}`, ...sayCarried(run.approval?.carriedFrom), ...waived.map(sayWaived)]
  const { takesBack } = run
  const subject = `${task.title} (${task.id})`
  return takesBack === undefined ? `${subject}\n\n${trailers.join('\n')}\n` : `Take back ${isPart(run) ? 'a part of ' : ''}${subject}\n\n${sayTakenBack(takesBack, isPart(run))}\n\n${trailers.join('\n')}\n`
}

function sayTakenBack({ run, repos }: TakesBack, part: boolean): string {
  return `This takes back ${part ? 'a part of ' : ''}what ${run} landed:\n${repos.map(({ repo, branch, to }) => `${to} on ${branch} of ${repo}`).join('\n')}`
}

function sayCarried(from: Approval['carriedFrom']): readonly string[] {
  return from === undefined ? [] : [`Signalbox-Carried-from: ${from.snapshot}, approved by ${from.by}`]
}

/** A trailer is one line, whatever the reason was written on; what was waived in whole is in the run's log. */
function sayWaived({ code, repo, because }: GateReport['waived'][number]): string {
  return `Signalbox-Waived: ${code}${repo === undefined ? '' : ` in ${repo}`}: ${because.replaceAll(/[\s\p{Cc}]+/gu, ' ')}`
}

/** Says of a landing on top of records of ours which head was approved. */
function toStarted(repo: LandingRepo, { repos }: GateReport): LandedRepo {
  const judged = repos.find((one) => one.repo === repo.repo)
  return judged?.advanced === undefined || judged.targetHead === null ? toLanded(repo) : { ...toLanded(repo), approved: judged.targetHead }
}

async function flushRecords(services: Services, run: Run): Promise<void> {
  const paths = await services.repoPaths.read()
  if (run.repos.some(({ repo }) => isMemory(services, { path: paths[repo] ?? '' }))) await services.memory.commit(`${run.task}: record ${run.id}`)
}

export function toLanded({ repo, branch, from, to, commits }: LandingRepo): LandedRepo {
  return { repo, branch, from, to, ...(commits === undefined ? {} : { commits }) }
}
