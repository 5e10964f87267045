import { ControlError, hasCode, latestRound, nextFindingId, openFindings, sayRequest, type ChangesRequest, type Finding, type NewFact, type Run, type RunId, type Snapshot } from '@signalbox/core'
import { carriedOf } from './carry-findings.ts'
import { placeFindings } from './place-findings.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import { refuseResume, resumeRun } from './resume-run.ts'
import { readReview, recordFacts, refuseUnknownFacts, type ReadReview } from './review-file.ts'
import { withState, type Services } from './services.ts'
import { launchQueued, queueRun, waitForClaim } from './start-run.ts'
import { unlessChecked } from './while-checked.ts'

/**
 * Sends all that is open to an agent, in one message: the run goes on with it in its workspace, or with an agent named, a run of its own begins with the latest round.
 * What is said on the way is one more finding. Returns the run that is at work once its supervisor owns it.
 */
export async function requestChanges(services: Services, id: RunId, request: ChangesRequest): Promise<RunId> {
  if (request.agent !== undefined) return launchQueued(services, () => queueChanges(services, id, request))
  await withState(services, () => unlessChecked(services, id, () => resumeForChanges(services, id, request)))
  await waitForClaim(services, id)
  return id
}

async function resumeForChanges(services: Services, id: RunId, request: ChangesRequest): Promise<void> {
  const { run, round, ...asked } = await readAsked(services, id, request)
  await refuseResume(services, run).catch((error: unknown) => {
    if (!hasCode(error, 'resume.refused') || !(error instanceof ControlError)) throw error
    throw new ControlError('resume.refused', error.message, { hint: `Let a run of its own begin with ${round.id}: signalbox request-changes ${id} --agent ${run.agent}` })
  })
  const text = sayRequest(round.id, await placeFindings(services, run, asked.open, round))
  await recordAsked(services, run, asked, { round, by: id })
  await resumeRun(services, await services.log.foldToChange(id), { text })
}

/** Another run can go on only with what its round has. */
async function queueChanges(services: Services, id: RunId, request: ChangesRequest): Promise<Run> {
  const { run, round, ...asked } = await readAsked(services, id, request)
  if (!round.complete) throw new ControlError('workspace.changed', `Not everything in ${round.id} could be saved, and what it lacks would be gone in another run`, { hint: `See what, and what to do about it: signalbox gate ${id}` })
  if (run.takesBack !== undefined) throw new ControlError('input.invalid', `${id} takes a landing back, which another run would not`, { hint: 'Choose a part of it, or reject it and take the landing back by hand' })
  const agent = request.agent ?? run.agent
  const task = await services.memory.read('task', run.task)
  const begun = await queueRun(services, task, {
    request: {
      agent,
      argv: request.argv ?? (agent === run.agent ? [...run.argv] : []),
      isolation: run.isolation,
      from: round.id,
      minutes: run.minutes,
      ...(run.budget === null ? {} : { budget: run.budget }),
      ...(run.silentMinutes === undefined ? {} : { silentMinutes: run.silentMinutes }),
      ...run.spending,
    },
    carried: asked.open.map((finding) => carriedOf(id, finding)),
  })
  await recordAsked(services, run, asked, { round, by: begun.id })
  return begun
}

/** What is asked for: all that is open, with what is only said now. */
interface Asked {
  readonly read: ReadReview
  readonly actor: string
  readonly said: readonly NewFact[]
  readonly open: readonly Finding[]
}

async function readAsked(services: Services, id: RunId, { text }: ChangesRequest): Promise<Asked & { readonly run: Run; readonly round: Snapshot }> {
  const run = await services.log.foldToChange(id)
  refuseActive(run)
  await refuseMerged(services, run)
  const round = latestRound(run)
  if (round === undefined) throw new ControlError('snapshot.not_found', `${id} has no sealed round that could be changed`, { hint: `Let it go on: signalbox resume ${id}` })
  const read = await readReview(services, run)
  refuseUnknownFacts(read.review)
  const actor = await services.readActor()
  const added: readonly Finding[] = text === undefined ? [] : [{ id: nextFindingId(read.review.findings), text, anchor: undefined, from: undefined, by: actor, at: services.clock.now(), state: 'open', replies: [] }]
  const open = [...openFindings(read.review), ...added]
  if (open.length === 0) throw new ControlError('input.invalid', `${id} has no open finding, and nothing was said`, { hint: `Say what is to change: signalbox request-changes ${id} TEXT, or comment on a line first: signalbox comment ${id} --at REPO:PATH:LINE TEXT` })
  return { run, round, read, actor, open, said: added.map((finding) => ({ type: 'finding.opened', data: { finding: finding.id, text: finding.text } })) }
}

async function recordAsked(services: Services, run: Run, { read, actor, said, open }: Asked, { round, by }: { readonly round: Snapshot; readonly by: RunId }): Promise<void> {
  if (said.length > 0) await recordFacts(services, run, read, { by: actor, what: 'opened', facts: said })
  await services.log.append(run.id, { type: 'changes.requested', data: { by: actor, of: round.id, run: by, findings: open.map(({ id }) => id) } })
  await services.log.publish(run.id)
}
