import { emptyReview, nextFindingId, openFindings, type Finding, type NewFact, type Review, type Run } from '@signalbox/core'
import { readReview, recordFacts, refuseUnknownFacts } from './review-file.ts'
import type { Services } from './services.ts'

type DataOf<T extends NewFact['type']> = Omit<Extract<NewFact, { readonly type: T }>['data'], 'finding'>

/** An open finding, with what was said about it, as a run takes it over that begins with a round it is about. */
export interface CarriedFinding {
  readonly opened: DataOf<'finding.opened'>
  readonly replies: readonly DataOf<'finding.replied'>[]
}

/** Returns the open findings of a run for another one that begins with a round of it. @throws ControlError `record.quarantined`, `format.newer`: nobody goes on with what nobody can read the review of */
export async function readCarried(services: Pick<Services, 'memory'>, run: Run): Promise<readonly CarriedFinding[]> {
  const { review } = await readReview(services, run)
  refuseUnknownFacts(review)
  return openFindings(review).map((finding) => carriedOf(run.id, finding))
}

/** Who found and said what first stays said, however often it is carried over. */
export function carriedOf(run: Run['id'], { id, text, anchor, from, by, at, replies }: Finding): CarriedFinding {
  return {
    opened: { text, ...(anchor === undefined ? {} : { anchor }), from: { run, finding: id, by: from?.by ?? by, at: from?.at ?? at } },
    replies: replies.flatMap((reply) => (reply.text === null ? [] : [{ text: reply.text, from: { by: reply.by, at: reply.at } }])),
  }
}

/** Makes them findings of a run that was just queued: from here on they are its own, and block it. The caller holds the state lock. */
export async function carryFindings(services: Services, run: Run, carried: readonly CarriedFinding[]): Promise<void> {
  if (carried.length === 0) return
  const review: Review = emptyReview(run.id)
  const facts = carried.flatMap(({ opened, replies }, at): readonly NewFact[] => {
    const finding = nextFindingId({ length: at })
    return [{ type: 'finding.opened', data: { ...opened, finding } }, ...replies.map((said) => ({ type: 'finding.replied' as const, data: { ...said, finding } }))]
  })
  await recordFacts(services, run, { text: undefined, review }, { by: run.by, what: 'carried', facts })
}
