import type { Effort, RecordKind, Task } from '@signalbox/core'
import type { Catalog } from './catalog.ts'
import type { Entry } from './index-entry.ts'

/** Sections that hold records picked by us. */
export type PickedSection = 'effort' | 'decisions' | 'notes' | 'handoffs' | 'related'

/** A record worth showing, and why. */
export interface Candidate {
  readonly section: PickedSection
  readonly entry: Entry
  readonly reason: string
}

/** Candidates in the order in which they get room, and ids that are asked for but not there. */
export interface Selection {
  readonly candidates: readonly Candidate[]
  readonly missing: readonly { readonly id: string; readonly reason: string }[]
  /** False when texts could not be searched, so that records related by words alone are not among the candidates. */
  readonly searched: boolean
}

interface Picked {
  readonly entry: Entry
  readonly reason: string
}

/** Most records of each section: what is further down the list is seldom read. */
const limits: Readonly<Record<PickedSection, number>> = { effort: 1, decisions: 10, notes: 10, handoffs: 5, related: 12 }
/** Records asked for at each step. */
const STEP = 20
/** Tasks of an effort whose handoffs are considered. */
const EFFORT_TASKS = 200

/** Section in which a record of each kind is shown. */
export const sectionOf = { effort: 'effort', decision: 'decisions', note: 'notes', handoff: 'handoffs', task: 'related' } as const satisfies Record<RecordKind, PickedSection>

/**
 * Picks what a run of this task should know: explicit links first, then what points at the task, then its effort, its repos, and
 * last what shares rare words with it; within each the newest first.
 */
export async function selectRecords(task: Task, effort: Effort | undefined, catalog: Catalog): Promise<Selection> {
  const linked = linksOf(task)
  const found = await catalog.find(linked.map(({ id }) => id))
  const naming = await catalog.naming(task.id, STEP)
  const resembling = await catalog.resembling(`${task.title}\n${task.body}`, STEP)
  const picked: readonly Picked[] = [
    ...found.map((entry) => ({ entry, reason: linked.find(({ id }) => id === entry.id)?.reason ?? '' })),
    ...(await pickBacklinks(task, catalog)),
    ...(await pickDependencyHandoffs(task, catalog)),
    ...[
      ...(naming ?? []).map((entry) => ({ entry, reason: `names ${task.id}` })),
      ...(await pickOfEffort(task, effort, catalog)),
      ...(await pickOfRepos(task, catalog)),
      ...(resembling ?? []).map(({ entry, words }) => ({ entry, reason: `mentions: ${words.join(', ')}` })),
    ].filter(({ entry }) => isCurrent(entry)),
  ]
  const known = new Set(found.map((entry) => entry.id))
  return {
    candidates: limitSections(picked.filter(({ entry }) => entry.id !== task.id)),
    missing: linked.filter(({ id, reason }) => !known.has(id) && reason !== namedInText),
    searched: naming !== undefined && resembling !== undefined,
  }
}

const namedInText = 'named in the task'

/** Ids the task asks for, the strongest reason first. Links that are no ids, such as addresses, stay in the task's own text. */
function linksOf(task: Task): readonly { readonly id: string; readonly reason: string }[] {
  const isId = (text: string): boolean => /^[TEDNH]\d{3,}$/.test(text)
  const links = [
    ...(task.effort === undefined ? [] : [{ id: task.effort, reason: 'effort of the task' }]),
    ...task.dependsOn.map((id) => ({ id, reason: 'the task depends on it' })),
    ...task.links.filter(isId).map((id) => ({ id, reason: 'linked from the task' })),
    ...(task.body.match(/\b[TEDNH]\d{3,}\b/g) ?? []).map((id) => ({ id, reason: namedInText })),
  ]
  return links.filter(({ id }, at) => id !== task.id && links.findIndex((other) => other.id === id) === at)
}

async function pickBacklinks(task: Task, catalog: Catalog): Promise<readonly Picked[]> {
  const handoffs = await catalog.pointingAt('task', [task.id], ['handoff'], STEP)
  const links = await catalog.pointingAt('link', [task.id], ['task', 'decision', 'note'], STEP)
  const dependents = await catalog.pointingAt('depends_on', [task.id], ['task'], STEP)
  return [
    ...handoffs.map(({ entry }) => ({ entry, reason: 'handoff of this task' })),
    ...links.map(({ entry }) => ({ entry, reason: 'links to this task' })),
    ...dependents.map(({ entry }) => ({ entry, reason: 'depends on this task' })),
  ]
}

async function pickDependencyHandoffs(task: Task, catalog: Catalog): Promise<readonly Picked[]> {
  if (task.dependsOn.length === 0) return []
  const found = await catalog.pointingAt('task', task.dependsOn, ['handoff'], STEP)
  return found.map(({ target, entry }) => ({ entry, reason: `handoff of ${target}, which the task depends on` }))
}

async function pickOfEffort(task: Task, effort: Effort | undefined, catalog: Catalog): Promise<readonly Picked[]> {
  if (task.effort === undefined) return []
  const linked = await catalog.find(effort?.links ?? [])
  const members = await catalog.pointingAt('effort', [task.effort], ['decision', 'note', 'task'], EFFORT_TASKS)
  const tasks = members.filter(({ entry }) => entry.kind === 'task')
  const open = tasks.filter(({ entry }) => entry.status !== 'done' && entry.status !== 'dropped')
  const closed = tasks.filter((member) => !open.includes(member))
  const handoffs = tasks.length === 0 ? [] : await catalog.pointingAt('task', tasks.map(({ entry }) => entry.id), ['handoff'], STEP)
  return [
    ...linked.map((entry) => ({ entry, reason: `linked from ${task.effort}` })),
    ...[...members.filter(({ entry }) => entry.kind !== 'task'), ...open, ...closed].map(({ entry }) => ({ entry, reason: 'same effort' })),
    ...handoffs.map(({ target, entry }) => ({ entry, reason: `handoff of ${target} in the same effort` })),
  ]
}

async function pickOfRepos(task: Task, catalog: Catalog): Promise<readonly Picked[]> {
  if (task.repos.length === 0) return []
  const found = await catalog.pointingAt('repo', task.repos, ['decision', 'note'], STEP)
  return found.map(({ target, entry }) => ({ entry, reason: `same repo: ${target}` }))
}

/** A decision that no longer holds, and a task nobody said is one (an agent may have proposed it), are shown to those only who asked for them by id. */
function isCurrent(entry: Entry): boolean {
  if (entry.kind === 'task') return entry.status !== 'draft'
  return entry.kind !== 'decision' || (entry.status !== 'superseded' && entry.status !== 'rejected')
}

/** Keeps the first reason of each record, and of each section the first few. */
function limitSections(picked: readonly Picked[]): readonly Candidate[] {
  const seen = new Set<string>()
  const counts = new Map<PickedSection, number>()
  return picked.flatMap(({ entry, reason }) => {
    const section = sectionOf[entry.kind]
    const count = counts.get(section) ?? 0
    if (seen.has(entry.path) || count >= limits[section]) return []
    seen.add(entry.path)
    counts.set(section, count + 1)
    return [{ section, entry, reason }]
  })
}
