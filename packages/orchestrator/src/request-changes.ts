import { ControlError, latestRound, nextFindingId, openFindings, type ChangesRequest, type NewFact, type Run, type RunId, type Snapshot } from '@signalbox/core'
import { carriedOf } from './carry-findings.ts'
import { readReview, recordFacts, refuseUnknownFacts } from './review-file.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import type { Services } from './services.ts'
import { launchQueued, queueRun } from './start-run.ts'

/** Starts a run that begins with the latest round and whose packet holds what is open about it. What is said on the way is one more finding. */
export function requestChanges(services: Services, id: RunId, { text, agent, argv }: ChangesRequest): Promise<RunId> {
  return launchQueued(services, async () => {
    const run = await services.log.foldToChange(id)
    const round = findReviewed(run)
    const read = await readReview(services, run)
    refuseUnknownFacts(read.review)
    const by = await services.readActor()
    const said = text === undefined ? [] : [{ id: nextFindingId(read.review), text, anchor: undefined, from: undefined, by, at: services.clock.now() }]
    const open = [...openFindings(read.review), ...said]
    if (open.length === 0) throw nothingSaid(id)
    const task = await services.memory.read('task', run.task)
    const begun = await queueRun(services, task, {
      request: {
        agent: agent ?? run.agent,
        argv: argv ?? (agent === undefined || agent === run.agent ? [...run.argv] : []),
        isolation: run.isolation,
        from: round.id,
        minutes: run.minutes,
        ...(run.budget === null ? {} : { budget: run.budget }),
      },
      carried: open.map((finding) => carriedOf(id, finding)),
    })
    const facts = said.map((finding): NewFact => ({ type: 'finding.opened', data: { finding: finding.id, text: finding.text } }))
    if (facts.length > 0) await recordFacts(services, run, read, { by, what: 'opened', facts })
    await services.log.append(id, { type: 'changes.requested', data: { by, of: round.id, run: begun.id, findings: open.map((finding) => finding.id) } })
    await services.log.publish(id)
    return begun
  })
}

/** The latest round, of work that is over and has not landed, and that another run can go on with. */
function findReviewed(run: Run): Snapshot {
  refuseActive(run)
  refuseMerged(run)
  const round = latestRound(run)
  if (round === undefined) throw new ControlError('snapshot.not_found', `${run.id} has no sealed round that could be changed`, { hint: `Start a new run: signalbox run ${run.task} --agent ${run.agent}` })
  if (!round.complete) throw new ControlError('workspace.changed', `Not everything in ${round.id} could be saved, and what it lacks would be gone in another run`, { hint: `See what: signalbox show ${run.id}. Remove or repair that in its workspace, then seal again: signalbox seal ${run.id}` })
  if (run.takesBack !== undefined) throw new ControlError('input.invalid', `${run.id} takes a landing back, which another run would not`, { hint: 'Choose a part of it, or reject it and take the landing back by hand' })
  return round
}

function nothingSaid(id: RunId): ControlError {
  return new ControlError('input.invalid', `${id} has no open finding, and nothing was said`, { hint: `Say what is to change: signalbox request-changes ${id} TEXT, or comment on a line first: signalbox comment ${id} --at REPO:PATH:LINE TEXT` })
}
