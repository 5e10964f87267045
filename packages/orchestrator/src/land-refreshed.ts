import { ControlError, foldRun, isHeldUpByTargets, isKnown, latestRound, reportGate, type Approval, type Blocker, type GateFacts, type GateReport, type MergeRequest, type MergeResult, type Run, type SnapshotId } from '@signalbox/core'
import { blocked, grantApproval, refuseOtherThanSeen } from './approve-run.ts'
import { gatherFacts } from './gather-facts.ts'
import { mergeRun, strategyOf } from './merge-run.ts'
import { refreshRun } from './refresh-run.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import type { Services } from './services.ts'

/** What is to be done before the landing: `refreshed` is a round that was just made, and whether checks have to run on the latest one. */
export interface Readied {
  readonly refreshed: SnapshotId | undefined
  readonly unchecked: boolean
}

/**
 * Refreshes a round whose approval holds but for targets that moved; where anything else stands in the way, refuses and changes nothing. Asked for again,
 * it goes on with the round that an earlier try made. The caller holds the state lock.
 */
export async function readyRefreshed(services: Services, run: Run, request: MergeRequest): Promise<Readied> {
  refuseActive(run)
  await refuseMerged(services, run)
  const facts = await gatherFacts(services, run, strategyOf(run, request))
  const report = reportGate(facts)
  refuseOtherThanSeen(run, report, request)
  if (report.verdict === 'mergeable') return { refreshed: undefined, unchecked: false }
  if ((await findCarried(services, run, facts)) === undefined) throw blocked(report)
  if (!has(report, 'target_moved')) return { refreshed: undefined, unchecked: has(report, 'checks_missing', 'checks_stale') }
  await refreshRun(services, run)
  return { refreshed: latestRound(await services.log.fold(run.id))?.id, unchecked: true }
}

/** Carries the approval over to the latest round where its change is proven the same and nothing else blocks, and lands it. The caller holds the state lock. */
export async function landRefreshed(services: Services, run: Run, request: MergeRequest, { refreshed }: Readied): Promise<MergeResult> {
  const facts = await gatherFacts(services, run, strategyOf(run, request))
  const report = reportGate(facts)
  if (report.verdict !== 'mergeable') {
    const earlier = await findCarried(services, run, facts)
    // What was waived is in the record of this round, and the yes was to another one.
    const isReady = earlier !== undefined && earlier.snapshot !== report.snapshot && report.waived.length === 0 && report.blockers.every(({ code }) => code === 'approval_stale')
    if (!isReady) throw stopped(run, report, refreshed)
    const { snapshot, digest, by, at } = earlier
    await grantApproval(services, run, { facts, report, carriedFrom: { snapshot, digest, by, at } })
  }
  return mergeRun(services, await services.log.fold(run.id), { strategy: request.strategy })
}

/**
 * Returns the approval that holds but for targets that moved since: of the latest round, or of an earlier one with the very same change; undefined where
 * a human has to say yes anew.
 */
async function findCarried(services: Services, run: Run, facts: GateFacts): Promise<Approval | undefined> {
  const { approval } = run
  // A refresh leaves the agent's commits behind: a yes to those is none to what it makes.
  if (approval === undefined || facts.strategy === 'keep') return undefined
  if (approval.snapshot === latestRound(run)?.id) return isHeldUpByTargets(facts) ? approval : undefined
  if (!(await isSameChange(services, run, approval))) return undefined
  return isHeldUpByTargets(await gatherFacts(services, await foldAsApproved(services, run, approval), facts.strategy)) ? approval : undefined
}

/** The refresh recorded that it is; the trees say so again, for a log may have come from elsewhere. */
async function isSameChange(services: Services, run: Run, { snapshot, digest }: Approval): Promise<boolean> {
  const approved = run.snapshots.find((saved) => saved.id === snapshot && saved.digest === digest)
  const latest = latestRound(run)
  if (!run.sameChange.includes(snapshot) || approved === undefined || latest === undefined || approved.repos.length !== latest.repos.length) return false
  const same = await Promise.all(
    latest.repos.map(async (saved) => {
      const before = approved.repos.find(({ repo }) => repo === saved.repo)
      return before !== undefined && services.snapshots.isSameChange(await services.repoPaths.sourceOf(saved.repo), before, saved)
    }),
  )
  return same.every(Boolean)
}

/** The run as it was with the round that was approved: its receipts and its waivers, before any refresh. */
async function foldAsApproved(services: Services, { id }: Run, { seal }: Approval): Promise<Run> {
  const events = await services.log.read(id)
  const given = events.findLastIndex((event) => isKnown(event) && event.type === 'approval.granted' && event.data.approval.seal === seal)
  const refreshed = events.findIndex((event, at) => at > given && event.type === 'round.sealed')
  return foldRun(events.slice(0, refreshed))
}

/** A refusal after something was done says so, and what leads on from there. */
function stopped(run: Run, report: GateReport, refreshed: SnapshotId | undefined): ControlError {
  const others = report.blockers.filter(({ code }) => code !== 'approval_stale')
  const refusal = blocked(report, others.length === 0 ? report.blockers : others)
  const isSame = run.approval !== undefined && run.sameChange.includes(run.approval.snapshot)
  const why = isSame || run.approval === undefined ? refusal.message : `its change is not the one of ${run.approval.snapshot}, which was approved`
  const first = others.length > 0 || run.approval === undefined ? refusal.hint : `See what is new: signalbox diff ${run.id} --since ${run.approval.snapshot}`
  const again = `signalbox merge ${run.id} ${isSame && report.waived.length === 0 ? '--refresh' : '--approve'}`
  return new ControlError('gate.blocked', `${refreshed === undefined ? `${report.snapshot} did not land` : `${refreshed} was made on the moved targets, and did not land`}: ${why}`, {
    hint: `${first}. Then: ${again}`,
    data: { report, ...(refreshed === undefined ? {} : { refreshed }) },
  })
}

function has({ blockers }: GateReport, ...codes: readonly Blocker['code'][]): boolean {
  return blockers.some(({ code }) => codes.includes(code))
}
