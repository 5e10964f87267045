import { approvedStrategy, chooseBlockers, ControlError, latestRound, reportGate, type Blocker, type GateReport, type Run, type Waiver, type WaiverRequest } from '@signalbox/core'
import { sealWaiver } from './approval-key.ts'
import { refuseOtherThanSeen } from './approve-run.ts'
import { gatherFacts } from './gather-facts.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import type { Services } from './services.ts'

/** Records a human's word that what blocks under one code now, or the one blocker they saw, does not matter for the latest round. The caller holds the state lock. */
export async function waiveRun(services: Services, run: Run, request: WaiverRequest): Promise<readonly Waiver[]> {
  refuseActive(run)
  await refuseMerged(services, run)
  const { code, because, digest } = request
  const report = reportGate(await gatherFacts(services, run, request.strategy ?? approvedStrategy(run)))
  refuseOtherThanSeen(run, report, { digest })
  const round = latestRound(run)
  const chosen = chooseBlockers(report.blockers, request)
  if (round === undefined || chosen.length === 0) throw refuseNone(run, report, request)
  const by = await services.readActor()
  const granted: Waiver[] = []
  for (const blocker of chosen) {
    const waiver = await sealWaiver(services.layout, { code, ...aboutOf(blocker), snapshot: round.id, digest: round.digest, because, by, at: services.clock.now() })
    await services.log.append(run.id, { type: 'waiver.granted', data: { waiver } })
    granted.push(waiver)
  }
  await services.log.publish(run.id)
  return granted
}

/** What blocks otherwise than it was seen is no longer what the reason is about. */
function refuseNone(run: Run, report: GateReport, { data, ...request }: WaiverRequest): ControlError {
  const { code, repo, check } = request
  const what = `${code}${check === undefined ? '' : ` of check ${check}`}`
  const where = repo === undefined ? '' : ` in ${repo}`
  const hint = `Ask the gate what blocks: signalbox gate ${run.id}`
  if (data !== undefined && chooseBlockers(report.blockers, request).length > 0) return new ControlError('record.changed_underneath', `${what} does not block ${run.id}${where} as you saw it any more, so nothing was waived`, { hint })
  return new ControlError('waiver.not_needed', `${what} does not block ${run.id}${where} now; there is nothing to waive`, { hint })
}

function aboutOf({ repo, message, data }: Blocker): Pick<Waiver, 'repo' | 'message' | 'data'> {
  return { ...(repo === undefined ? {} : { repo }), message, data }
}
