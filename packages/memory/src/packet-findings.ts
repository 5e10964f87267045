import type { PacketItem } from '@signalbox/core'
import { itemOf } from './packet-item.ts'
import { joinParts } from './packet-text.ts'

/** Open findings that a run begins with, as the packet states them. */
export interface StatedReview {
  /** The round they are about, whose files the checkouts hold. */
  readonly of: string
  /** Path of the review in the memory repo, and its text. */
  readonly source: string
  readonly text: string
  readonly findings: readonly {
    readonly id: string
    /** Where it is, such as `api/src/a.ts:4-6`. */
    readonly place: string
    readonly by: string
    readonly text: string
    /** What was said about it, a text each. */
    readonly replies: readonly string[]
  }[]
}

/** Bytes of one finding with its replies at most. All findings are in, whatever the budget: they are one message. */
const MAX_FINDING = 4_000

/** Returns what is to be done about what a review found; nothing where this run was not started for it. */
export function requestItems(review: StatedReview | undefined): readonly PacketItem[] {
  if (review === undefined) return []
  const text = joinParts([
    `${review.of}, made by an earlier run of this task, was reviewed, and changes are asked for. What it did stays as it is where no finding is about it.`,
    'See to every one of the open findings below. Where you think that one is wrong, leave it and say why in your handoff: a reviewer decides. They stay open until a reviewer settled them.',
  ])
  return [itemOf(`See to the findings of ${review.of}`, { source: review.of, bytes: undefined, reason: 'this run goes on with it', text, limit: 2_000 })]
}

/** Returns each open finding with where it is and what was said about it. */
export function findingItems(review: StatedReview | undefined): readonly PacketItem[] {
  if (review === undefined) return []
  const bytes = Buffer.from(review.text)
  return review.findings.map(({ id, place, by, text, replies }) => {
    const parts = [text, ...replies.map((reply) => `Said later: ${reply}`)]
    return itemOf(`${id} on ${place}`, { source: review.source, bytes, reason: `open finding of ${review.of}, by ${by}`, text: joinParts(parts), limit: MAX_FINDING })
  })
}
