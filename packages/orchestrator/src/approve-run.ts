import { blockersOfApproval, ControlError, latestRound, reportGate, type Approval, type ApprovalRequest, type Blocker, type GateFacts, type GateReport, type Run } from '@signalbox/core'
import { sealApproval } from './approval-key.ts'
import { gatherFacts } from './gather-facts.ts'
import type { Services } from './services.ts'
import { refuseMerged } from './refuse-merged.ts'

/** Records a human's yes to the latest round on the targets as they are now. The caller holds the state lock. */
export async function approveRun(services: Services, run: Run, request: ApprovalRequest): Promise<Approval> {
  await refuseMerged(services, run)
  const facts = await gatherFacts(services, run, request.strategy ?? 'squash')
  const report = reportGate(facts)
  refuseOtherThanSeen(run, report, request)
  const blockers = blockersOfApproval(report.blockers)
  if (blockers.length > 0) throw blocked(report, blockers)
  const holds = !report.blockers.some((blocker) => blocker.code === 'approval_missing' || blocker.code === 'approval_stale')
  if (holds && run.approval !== undefined) return run.approval
  return grantApproval(services, run, { facts, report })
}

/** What a yes is to; `carriedFrom`: the earlier one that it carries over. */
interface Granting {
  readonly facts: GateFacts
  readonly report: GateReport
  readonly carriedFrom?: NonNullable<Approval['carriedFrom']>
}

/** Seals and records a yes to what the gate let through. The caller holds the state lock. */
export async function grantApproval(services: Services, run: Run, { facts, report, carriedFrom }: Granting): Promise<Approval> {
  const bound = await toApproval(services, facts, report)
  const approval = await sealApproval(services.layout, { ...bound, ...(carriedFrom === undefined ? {} : { carriedFrom }) })
  await services.log.append(run.id, { type: 'approval.granted', data: { approval } })
  await services.log.publish(run.id)
  // Here, not by who asked: a merge that approves first may be refused after it.
  await services.memory.commit(`${run.task}: ${carriedFrom === undefined ? 'approve' : 'carry the approval of'} ${run.id}`)
  return approval
}

/** Turns a verdict into the refusal of an act, with the whole report as data. */
export function blocked(report: GateReport, blockers: readonly Blocker[] = report.blockers): ControlError {
  const first = blockers[0]
  const more = blockers.length > 1 ? ` (and ${blockers.length - 1} more)` : ''
  const remedy = first === undefined ? undefined : first.remedy.command === undefined ? first.remedy.sentence : `${first.remedy.sentence}: ${first.remedy.command}`
  return new ControlError('gate.blocked', `${first?.message ?? `${report.run} has nothing to merge`}${more}`, {
    data: { report: { ...report, blockers } },
    ...(remedy === undefined ? {} : { hint: remedy }),
  })
}

async function toApproval(services: Services, facts: GateFacts, report: GateReport): Promise<Omit<Approval, 'seal'>> {
  if (facts.round === undefined || !facts.metadata.known) throw new TypeError('the gate let an unsealed run through')
  const targetHeads: Record<string, string> = {}
  for (const repo of report.repos) if (repo.changed && repo.targetHead !== null) targetHeads[repo.repo] = repo.targetHead
  return {
    snapshot: facts.round.id,
    digest: facts.round.digest,
    targetHeads: targetHeads as Approval['targetHeads'],
    taskRevision: facts.metadata.value.taskRevision,
    packetHash: facts.packetHash,
    receipts: facts.receiptsHash,
    ...(facts.waiversHash === undefined ? {} : { waivers: facts.waiversHash }),
    ...(facts.strategy === 'keep' ? { commits: requireCommits(facts) } : {}),
    by: await services.readActor(),
    at: services.clock.now(),
  }
}

function requireCommits({ commitsHash }: GateFacts): string {
  if (commitsHash === undefined) throw new TypeError('the gate let commits through that nobody could look at')
  return commitsHash
}

/** A caller that says what it saw is refused when that is not what there is (an approval is for one exact tree). */
export function refuseOtherThanSeen(run: Run, report: GateReport, request: ApprovalRequest): void {
  const round = latestRound(run)
  if (request.round !== undefined) {
    const named = `${run.id}.s${request.round}`
    if (!run.snapshots.some((snapshot) => snapshot.id === named)) throw new ControlError('snapshot.not_found', `There is no snapshot ${named}`, { hint: `List them with \`signalbox show ${run.id}\`` })
    if (round !== undefined && named !== round.id) throw stale(run, report, `${named} is not the latest round; that is ${round.id}`)
  }
  if (request.digest !== undefined && request.digest !== report.digest) throw stale(run, report, `The latest round is not the one you saw: its digest is ${report.digest}`)
  if (request.commits !== undefined && request.commits !== report.kept?.digest) throw stale(run, report, `The agent's commits are not the ones you saw: their digest is ${report.kept?.digest ?? 'none'}`)
  if (request.targetHeads !== undefined) refuseUnnamed(report, request.targetHeads)
  for (const [repo, head] of Object.entries(request.targetHeads ?? {})) {
    const now = report.repos.find((candidate) => candidate.repo === repo)?.targetHead
    if (now !== head) throw stale(run, report, `The target of ${repo} is at ${now ?? 'nothing'}, not at ${head} as you saw`)
  }
}

/** Whoever names target heads has to name them all: the one left out could be anywhere. */
function refuseUnnamed(report: GateReport, heads: NonNullable<ApprovalRequest['targetHeads']>): void {
  const unnamed = report.repos.filter(({ repo, changed }) => changed && !Object.hasOwn(heads, repo)).map(({ repo }) => repo)
  if (unnamed.length > 0) throw new ControlError('input.invalid', `targetHeads names no head of ${unnamed.join(', ')}`, { hint: `Name the target head of every changed repo, as \`signalbox gate ${report.run} --json\` says it` })
}

function stale(run: Run, report: GateReport, message: string): ControlError {
  const blocker: Blocker = { code: 'approval_stale', message, data: {}, remedy: { sentence: 'Review the latest round, then decide on that', command: `signalbox diff ${run.id}` } }
  return blocked({ ...report, verdict: 'blocked' }, [blocker])
}
