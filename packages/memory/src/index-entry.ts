import { recordKinds, type Handoff, type RecordKind, type RecordOf } from '@signalbox/core'

/** A record together with its kind. */
export type AnyRecord = { readonly [K in RecordKind]: { readonly kind: K; readonly record: RecordOf[K] } }[RecordKind]

/** How one record points at something: `changed` is a path that a handoff reports as changed, all others are ids or repo names. */
export const relations = ['effort', 'repo', 'link', 'depends_on', 'task', 'changed'] as const
export type Relation = (typeof relations)[number]

export interface Edge {
  readonly relation: Relation
  readonly target: string
}

/** What can be said of a record without its text. */
export interface Entry {
  readonly kind: RecordKind
  readonly id: string
  readonly path: string
  readonly title: string
  readonly status: string | null
  /** The instant of a handoff or the day of a decision; null when the file does not say. */
  readonly at: string | null
}

/** What the index keeps of one record. `title` and `body` are the searchable text. */
export interface Described {
  readonly entry: Entry
  readonly edges: readonly Edge[]
  readonly title: string
  readonly body: string
}

/** Returns everything the index keeps of a record. */
export function describeRecord(any: AnyRecord): Described {
  const { id, path } = any.record
  const described = { edges: edgesOf(any), title: `${id} ${titleOf(any)}`, body: searchableBody(any).join('\n') }
  return { ...described, entry: { kind: any.kind, id, path, title: titleOf(any), status: statusOf(any), at: instantOf(any) } }
}

/** Returns one line that names a record; a handoff has no title of its own, so its first sentence of `what` serves. */
export function titleOf(any: AnyRecord): string {
  if (any.kind !== 'handoff') return any.record.title
  const [line = ''] = any.record.what.trim().split('\n')
  return `Handoff of ${any.record.task}${line === '' ? '' : `: ${line}`}`
}

/**
 * Returns the place of an id among all records, newest highest: by number first, so that a query that nearly everything
 * matches can be answered newest first without sorting. Undefined for a number beyond what a row id can hold.
 */
export function placeOf(kind: RecordKind, id: string): number | undefined {
  const number = Number(id.slice(1))
  return number < 2 ** 45 ? number * 8 + recordKinds.indexOf(kind) : undefined
}

function statusOf(any: AnyRecord): string | null {
  return 'status' in any.record ? any.record.status : null
}

function instantOf(any: AnyRecord): string | null {
  if (any.kind === 'handoff') return any.record.at
  return any.kind === 'decision' ? (any.record.date ?? null) : null
}

function edgesOf(any: AnyRecord): readonly Edge[] {
  const edges = (relation: Relation, targets: readonly string[]): readonly Edge[] => [...new Set(targets)].map((target) => ({ relation, target }))
  if (any.kind === 'handoff') return [...edges('task', [any.record.task]), ...edges('changed', changedPaths(any.record))]
  const { record } = any
  // Nobody asks for all tasks of a repo: a packet takes decisions and notes by repo, tasks by effort.
  const common = [...(any.kind === 'task' ? [] : edges('repo', record.repos)), ...edges('link', record.links)]
  if (any.kind === 'effort') return common
  const effort = any.record.effort === undefined ? [] : [any.record.effort]
  return [...common, ...edges('effort', effort), ...(any.kind === 'task' ? edges('depends_on', any.record.dependsOn) : [])]
}

/** Returns the distinct paths that a handoff reports as changed, in its order. */
export function changedPaths(handoff: Handoff): readonly string[] {
  return [...new Set(handoff.evidence.changed.flatMap((change) => change.files))]
}

/** The text below the front matter, and what people look for in it: what a handoff says, labels, old ids. */
function searchableBody(any: AnyRecord): readonly string[] {
  if (any.kind === 'task') return [any.record.body, ...any.record.labels, ...any.record.aliases]
  if (any.kind !== 'handoff') return [any.record.body]
  const { task, run, what, next, blocker, evidence, body } = any.record
  const changed = evidence.changed.flatMap((change) => [change.reason ?? '', ...change.files])
  return [what, next, blocker ?? '', ...changed, ...evidence.validation.map((line) => line.text), task, run ?? '', body]
}
