import { ControlError, latestRound, nextFindingId, type Comment, type Finding, type FindingId, type FindingState, type FindingView, type NewFact, type Run, type Snapshot } from '@signalbox/core'
import { anchorAt } from './anchor-at.ts'
import { findSnapshot } from './find-snapshot.ts'
import { placeFindings } from './place-findings.ts'
import { readReview, recordFacts, refuseUnknownFacts, type ReadReview, type Said } from './review-file.ts'
import type { Services } from './services.ts'

/** Records what a reviewer says, and returns the finding it is about. The caller holds the state lock. */
export async function commentRun(services: Services, run: Run, comment: Comment): Promise<FindingView> {
  const read = await readReview(services, run)
  refuseUnknownFacts(read.review)
  const said = comment.finding === undefined ? await openFinding(services, run, read, comment) : sayOf(run, read, comment.finding, comment)
  const review = await recordFacts(services, run, read, { ...said, by: await services.readActor() })
  const id = said.facts[0]?.data.finding
  await services.memory.commit(`${run.task}: ${said.what} ${id} of ${run.id}`)
  const [view] = await placeFindings(services, run, review.findings.filter((finding) => finding.id === id))
  if (view === undefined) throw new TypeError(`${id} is not in the review it was recorded in`)
  return view
}

/** Returns all that reviewers found in a run, each where it lies in the latest round. */
export async function listFindings(services: Services, run: Run): Promise<{ readonly snapshot: Snapshot['id'] | null; readonly findings: readonly FindingView[] }> {
  const { review } = await readReview(services, run)
  return { snapshot: latestRound(run)?.id ?? null, findings: await placeFindings(services, run, review.findings) }
}

type Words = Omit<Said, 'by'>

async function openFinding(services: Services, run: Run, { review }: ReadReview, { text, at, round }: Comment): Promise<Words> {
  if (text === undefined) throw new ControlError('input.invalid', 'A comment needs words')
  const anchor = at === undefined ? undefined : await anchorAt(services, findSnapshot(run, round), at)
  return { what: 'opened', facts: [{ type: 'finding.opened', data: { finding: nextFindingId(review.findings), text, ...(anchor === undefined ? {} : { anchor }) } }] }
}

function sayOf(run: Run, { review }: ReadReview, id: FindingId, { text, state }: Comment): Words {
  const finding = review.findings.find((one) => one.id === id)
  if (finding === undefined) throw new ControlError('finding.not_found', `There is no finding ${id} in ${run.id}`, { hint: `List them: signalbox review ${run.id}` })
  if (state !== undefined) {
    refuseSettled(run, finding, state)
    return { what: words[state], facts: [{ type: `finding.${words[state]}`, data: { finding: id, ...(text === undefined ? {} : { text }) } } satisfies NewFact] }
  }
  if (text === undefined) throw new ControlError('input.invalid', 'A reply needs words')
  return { what: 'replied', facts: [{ type: 'finding.replied', data: { finding: id, text } }] }
}

const words = { open: 'reopened', addressed: 'addressed', declined: 'declined' } as const satisfies Record<FindingState, Said['what']>

function refuseSettled(run: Run, { id, state }: Finding, next: FindingState): void {
  if (state === 'open' ? next !== 'open' : next === 'open') return
  throw new ControlError('finding.settled', `${id} of ${run.id} is ${state} already`, { hint: state === 'open' ? `Settle it: signalbox comment ${run.id} --addressed ${id}` : `Open it again first: signalbox comment ${run.id} --reopen ${id}` })
}
