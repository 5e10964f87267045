import * as z from 'zod'
import { ControlError } from './errors.ts'
import { formats } from './formats.ts'
import { findingIdSchema, oidSchema, repoNameSchema, runIdSchema, snapshotIdSchema, type FindingId, type RunId } from './ids.ts'

/** Which side of a change lines are on: as they would land, or as they were in its base. */
export const sides = ['new', 'old'] as const

/** What a finding is about, named by content: a file as somebody saw it, and lines of it. */
export const anchorSchema = z.object({
  repo: repoNameSchema,
  path: z.string().min(1),
  side: z.enum(sides),
  /** The round that was looked at. */
  snapshot: snapshotIdSchema,
  /** The commit in the vault that has the file as it was seen: that of the round, or its base for the old side. */
  commit: oidSchema,
  /** Numbers of the first and last line from 1, and the sha256 of `anchoredText`; absent for the file as a whole. */
  lines: z
    .object({ from: z.int().positive(), to: z.int().positive(), hash: z.string() })
    .refine(({ from, to }) => from <= to, 'lines are counted downwards')
    .optional(),
})
export type Anchor = z.infer<typeof anchorSchema>

/** Who said something first, in an earlier run. */
const saidBySchema = z.object({ by: z.string(), at: z.string() })

/** A finding of an earlier run that this one began with. */
const carriedFromSchema = saidBySchema.extend({ run: runIdSchema, finding: findingIdSchema })

const text = z.string().min(1)
const word = z.object({ finding: findingIdSchema, text: text.optional() })

/** Data of each type of fact in a review. */
const factData = {
  'finding.opened': z.object({ finding: findingIdSchema, text, anchor: anchorSchema.optional(), from: carriedFromSchema.optional() }),
  'finding.replied': z.object({ finding: findingIdSchema, text, from: saidBySchema.optional() }),
  'finding.addressed': word,
  'finding.declined': word,
  'finding.reopened': word,
} as const satisfies Record<string, z.ZodType>

export type FactType = keyof typeof factData

const envelope = { seq: z.int().positive(), at: z.string(), run: runIdSchema, by: z.string() }

/** One line of `runs/R0031/review.jsonl`. */
export type ReviewFact = { [T in FactType]: FactOf<T> }[FactType]
interface FactOf<T extends FactType> {
  readonly format: typeof formats.review
  readonly seq: number
  readonly at: string
  readonly run: RunId
  readonly by: string
  readonly type: T
  readonly data: z.infer<(typeof factData)[T]>
}
/** What is said; the record adds the envelope. */
export type NewFact = { [T in FactType]: { readonly type: T; readonly data: z.infer<(typeof factData)[T]> } }[FactType]

/** A fact of a newer version: kept as it is, and never acted on. */
export interface UnknownFact extends Pick<ReviewFact, 'seq' | 'at' | 'run' | 'by'> {
  readonly format: number
  readonly type: string
  readonly unknown: true
}

const typeSchema = z.enum(Object.keys(factData) as [FactType, ...FactType[]])
const headSchema = z.object({ format: z.int().positive(), ...envelope, type: z.string(), data: z.unknown() })

/** Parses one line's JSON value, also a fact that only a newer version knows; `undefined` when it is none, or one of a known type that is not in its shape: that is damage. */
export function parseFact(value: unknown): ReviewFact | UnknownFact | undefined {
  const head = headSchema.safeParse(value)
  if (!head.success) return undefined
  const { format, seq, at, run, by, data } = head.data
  const type = typeSchema.safeParse(head.data.type)
  if (!type.success || format > formats.review) return { format, seq, at, run, by, type: head.data.type, unknown: true }
  const parsed = factData[type.data].safeParse(data)
  // The schema that checked `data` was chosen by `type`, which the compiler cannot follow through the table.
  return parsed.success ? ({ format: formats.review, seq, at, run, by, type: type.data, data: parsed.data } as ReviewFact) : undefined
}

export const findingStates = ['open', 'addressed', 'declined'] as const
export type FindingState = (typeof findingStates)[number]

/** What was said about a finding after it was opened, and what that made of it. */
export interface Reply {
  readonly by: string
  readonly at: string
  readonly text: string | null
  readonly state: FindingState | null
}

/** One comment of a reviewer, with what became of it. */
export interface Finding {
  readonly id: FindingId
  readonly text: string
  readonly by: string
  readonly at: string
  /** Undefined for one on the run as a whole. */
  readonly anchor: Anchor | undefined
  readonly from: z.infer<typeof carriedFromSchema> | undefined
  readonly state: FindingState
  readonly replies: readonly Reply[]
}

/** Everything the facts of a review say. */
export interface Review {
  readonly run: RunId
  readonly findings: readonly Finding[]
  /** Facts that this version does not know or, after one of those, cannot place: while there are any, nobody can say what is open. */
  readonly unknown: readonly Pick<UnknownFact, 'seq' | 'type' | 'format'>[]
  readonly lastSeq: number
}

/** Returns the review of a run of which nobody said anything. */
export function emptyReview(run: RunId): Review {
  return { run, findings: [], unknown: [], lastSeq: 0 }
}

/**
 * Returns the review after one more fact. Whoever writes calls this first, so that an impossible fact never reaches disk.
 * @throws ControlError `record.quarantined` when it cannot follow
 */
export function applyFact(review: Review, fact: ReviewFact | UnknownFact): Review {
  const disorder = fact.run !== review.run ? `it belongs to ${fact.run}` : fact.seq === review.lastSeq + 1 ? undefined : `the last seq is ${review.lastSeq}`
  const because = disorder ?? ('unknown' in fact ? undefined : findContradiction(review, fact))
  const isUnknown = disorder === undefined && ('unknown' in fact || (because !== undefined && review.unknown.length > 0))
  if (isUnknown) return { ...review, unknown: [...review.unknown, { seq: fact.seq, type: fact.type, format: fact.format }], lastSeq: fact.seq }
  if (because !== undefined || 'unknown' in fact) throw new ControlError('record.quarantined', `${fact.type} (seq ${fact.seq}) cannot follow in the review of ${review.run}: ${because}`)
  return { ...review, findings: withFact(review.findings, fact), lastSeq: fact.seq }
}

/** Returns those that nobody settled. They block, wherever their lines are by now. */
export function openFindings({ findings }: Pick<Review, 'findings'>): readonly Finding[] {
  return findings.filter(({ state }) => state === 'open')
}

/** Returns the id of the next finding after those there are. */
export function nextFindingId(findings: { readonly length: number }): FindingId {
  return findingIdSchema.parse(`F${findings.length + 1}`)
}

/** Returns what a review holds that a newer version wrote, as a sentence; undefined when this version knows all of it. */
export function sayUnknownFact({ run, unknown }: Pick<Review, 'run' | 'unknown'>): string | undefined {
  const [first] = unknown
  return first === undefined ? undefined : `The review of ${run} has a fact that this version of Signalbox does not know: ${first.type} (format ${first.format}, seq ${first.seq}); it knows format ${formats.review}`
}

/** The text whose sha256 anchors lines: each with its end. */
export function anchoredText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

function findContradiction(review: Review, { type, data }: ReviewFact): string | undefined {
  if (type === 'finding.opened') return data.finding === nextFindingId(review.findings) ? undefined : `the next finding is ${nextFindingId(review.findings)}, not ${data.finding}`
  const found = review.findings.find(({ id }) => id === data.finding)
  if (found === undefined) return `there is no finding ${data.finding}`
  const isOpen = found.state === 'open'
  if (type === 'finding.replied' || isOpen === (type !== 'finding.reopened')) return undefined
  return `${found.id} is ${found.state}`
}

const stateAfter = { 'finding.replied': null, 'finding.addressed': 'addressed', 'finding.declined': 'declined', 'finding.reopened': 'open' } as const

function withFact(findings: readonly Finding[], fact: ReviewFact): readonly Finding[] {
  const { by, at } = fact
  if (fact.type === 'finding.opened') {
    const { finding: id, text: said, anchor, from } = fact.data
    return [...findings, { id, text: said, by, at, anchor, from, state: 'open', replies: [] }]
  }
  const { finding: id, text: said = null } = fact.data
  const state = stateAfter[fact.type]
  const { by: from, at: when } = (fact.type === 'finding.replied' ? fact.data.from : undefined) ?? fact
  return findings.map((finding) => (finding.id === id ? { ...finding, state: state ?? finding.state, replies: [...finding.replies, { by: from, at: when, text: said, state }] } : finding))
}
