import { ControlError, latestRound, reportGate, type Blocker, type Run, type Waiver, type WaiverRequest } from '@signalbox/core'
import { sealWaiver } from './approval-key.ts'
import { refuseOtherThanSeen } from './approve-run.ts'
import { gatherFacts } from './gather-facts.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import type { Services } from './services.ts'

/** Records a human's word that what blocks under one code now does not matter for the latest round. The caller holds the state lock. */
export async function waiveRun(services: Services, run: Run, { code, repo, because, digest }: WaiverRequest): Promise<readonly Waiver[]> {
  refuseActive(run)
  refuseMerged(run)
  const report = reportGate(await gatherFacts(services, run))
  refuseOtherThanSeen(run, report, { digest })
  const round = latestRound(run)
  const chosen = report.blockers.filter((blocker) => blocker.code === code && (repo === undefined || blocker.repo === repo))
  if (round === undefined || chosen.length === 0) {
    throw new ControlError('waiver.not_needed', `${code} does not block ${run.id}${repo === undefined ? '' : ` in ${repo}`} now; there is nothing to waive`, { hint: `Ask the gate what blocks: signalbox gate ${run.id}` })
  }
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

function aboutOf({ repo, message, data }: Blocker): Pick<Waiver, 'repo' | 'message' | 'data'> {
  return { ...(repo === undefined ? {} : { repo }), message, data }
}
