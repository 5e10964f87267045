import { applyFact, ControlError, emptyReview, formats, hasCode, messageOf, parseFact, sayUnknownFact, type NewFact, type Review, type ReviewFact, type Run, type RunEventOf, type UnknownFact } from '@signalbox/core'
import type { Services } from './services.ts'

/** A review with the very text it was read from: what is written next takes the place of exactly that. */
export interface ReadReview {
  readonly text: string | undefined
  readonly review: Review
}

type ReviewServices = Pick<Services, 'memory'>

/**
 * Reads the review of a run. Its file is the record, written whole each time, so half a line in it is damage, and so is a file with fewer facts than the log
 * of the run knows of. @throws ControlError `record.quarantined`
 */
export async function readReview({ memory }: ReviewServices, run: Pick<Run, 'id' | 'reviewFacts'>): Promise<ReadReview> {
  const text = await memory.readRunFile(run.id, 'review.jsonl')
  const review = (text ?? '').split('\n').reduce((before, line, at) => (line === '' ? before : withLine(before, line, at + 1)), emptyReview(run.id))
  if (review.lastSeq < run.reviewFacts) {
    throw quarantined(run.id, undefined, text === undefined ? `it is gone, and had ${run.reviewFacts} facts` : `it has ${review.lastSeq} of the ${run.reviewFacts} facts that were recorded`)
  }
  return { text, review }
}

/** Refuses what acts on a review of which this version understands only a part. @throws ControlError `format.newer` */
export function refuseUnknownFacts(review: Review): void {
  const because = sayUnknownFact(review)
  if (because !== undefined) throw new ControlError('format.newer', because, { hint: 'Update Signalbox. Until then everything can be read, and nothing of it is changed or approved' })
}

/** What is recorded at once, and how the log of the run names it. */
export interface Said {
  readonly by: string
  readonly what: RunEventOf<'review.recorded'>['data']['what']
  readonly facts: readonly NewFact[]
}

/**
 * Records facts in a review: first in its file, then in the log, which tells whoever follows and holds how many there are. The caller holds the state lock and
 * commits. @throws ControlError `record.changed_underneath`, `record.quarantined` when they cannot follow; nothing is then written
 */
export async function recordFacts(services: Pick<Services, 'memory' | 'clock' | 'log'>, run: Run, { text, review }: ReadReview, { by, what, facts }: Said): Promise<Review> {
  refuseUnknownFacts(review)
  const at = services.clock.now()
  let after = review
  const lines = facts.map(({ type, data }) => {
    const fact = { format: formats.review, seq: after.lastSeq + 1, at, run: run.id, by, type, data } as ReviewFact
    after = applyFact(after, fact)
    return `${JSON.stringify(fact)}\n`
  })
  // An editor may have left the last line without its end.
  const before = text === undefined || text === '' || text.endsWith('\n') ? (text ?? '') : `${text}\n`
  await services.memory.replaceRunFile(run.id, 'review.jsonl', text, `${before}${lines.join('')}`)
  await services.log.append(run.id, { type: 'review.recorded', data: { by, what, findings: [...new Set(facts.map(({ data }) => data.finding))], facts: after.lastSeq } })
  await services.log.publish(run.id)
  return after
}

function withLine(review: Review, line: string, number: number): Review {
  const fact = parseLine(line)
  if (fact === undefined) throw quarantined(review.run, number, 'it is no fact of a review')
  try {
    return applyFact(review, fact)
  } catch (error) {
    if (!hasCode(error, 'record.quarantined')) throw error
    throw quarantined(review.run, number, messageOf(error))
  }
}

function parseLine(line: string): ReviewFact | UnknownFact | undefined {
  try {
    return parseFact(JSON.parse(line))
  } catch {
    // Damage is reported by the caller with the line number; the text itself may be anything.
    return undefined
  }
}

function quarantined(run: Run['id'], line: number | undefined, because: string): ControlError {
  const path = `runs/${run}/review.jsonl`
  return new ControlError('record.quarantined', `${path} cannot be read${line === undefined ? '' : ` at line ${line}`}: ${because}`, {
    hint: `Bring it back as it was, from the history of the memory repo: git log -p -- ${path}`,
    data: { path, line: line ?? null },
  })
}
