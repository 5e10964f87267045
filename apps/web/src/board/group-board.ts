import type { Quarantined, RunSummary, TaskView } from '@signalbox/core'
import { count } from '../words/amounts.ts'
import { isActive, runStanding, taskStanding, type Standing } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'
import { doneIn, waitsFor } from '../words/waits-for.ts'

/** One line of the board: what it is, why it is where it is, and the one thing to do about it. */
export interface BoardItem {
  /** The task's id, else the path of a file. */
  readonly id: string
  readonly href: string
  readonly title: string
  readonly standing: Standing
  readonly why: string
  readonly step: { readonly label: string; readonly href: string } | null
  /** The run whose gate says more; null where that changes nothing. */
  readonly review: RunSummary['id'] | null
  readonly repos: readonly string[]
  readonly priority: number | null
  readonly at: string | null
}

/** The parts of the board, in order, by what the human must do next. */
export const sectionIds = ['needs_you', 'running', 'ready', 'draft', 'done'] as const
export type SectionId = (typeof sectionIds)[number]

/** The whole board. */
export type Board = Readonly<Record<SectionId, readonly BoardItem[]>>

interface BoardFacts {
  readonly tasks: readonly TaskView[]
  readonly runs: readonly RunSummary[]
  readonly quarantined: readonly Quarantined[]
}

/** Returns the whole board. Every task is in exactly one section, and so is every file that could not be read. */
export function groupBoard({ tasks, runs, quarantined }: BoardFacts): Board {
  const runsOf = Map.groupBy(runs, ({ task }) => task)
  const done = doneIn(tasks)
  const placed = tasks.map((task) => placeTask(task, runsOf.get(task.id) ?? [], waitsFor(task, done)))
  const pick = (section: SectionId): readonly BoardItem[] => placed.filter((one) => one.section === section).map(({ item }) => item)
  return {
    needs_you: [...quarantined.map(fileItem), ...byPriority(pick('needs_you'))],
    running: pick('running'),
    ready: byPriority(pick('ready')),
    draft: pick('draft'),
    done: pick('done').toReversed(),
  }
}

interface Placed {
  readonly section: SectionId
  readonly item: BoardItem
}

function placeTask(task: TaskView, runs: readonly RunSummary[], open: readonly string[]): Placed {
  const base = { id: task.id, href: `/tasks/${task.id}`, title: visible(task.title), standing: taskStanding(task.status), step: null, review: null, repos: task.repos, priority: task.priority, at: runs.at(-1)?.queuedAt ?? null }
  const needed = findNeed(task, runs)
  if (needed !== undefined) return { section: 'needs_you', item: { ...base, ...needed } }
  const active = runs.findLast(isActive)
  if (active !== undefined) return { section: 'running', item: { ...base, standing: runStanding(active), why: `${active.id}: ${visible(active.because)}`, step: { label: 'Watch', href: `/runs/${active.id}` } } }
  switch (task.status) {
    case 'draft':
      return { section: 'draft', item: { ...base, why: '' } }
    case 'done':
    case 'dropped':
      return { section: 'done', item: { ...base, why: sayLanded(runs) } }
    case 'active':
      return { section: 'running', item: { ...base, why: 'Marked active, though no run is at work' } }
    default:
      return { section: 'ready', item: { ...base, why: sayReady(task, open), step: task.repos.length === 0 ? null : { label: 'Start a run', href: `/tasks/${task.id}?start` } } }
  }
}

type Need = Pick<BoardItem, 'why' | 'step' | 'review'> & { readonly standing?: Standing }

/** Finds what only the human can move on; undefined when nothing waits for them. */
function findNeed(task: TaskView, runs: readonly RunSummary[]): Need | undefined {
  const stuck = runs.findLast(({ merge }) => merge === 'stuck')
  if (stuck !== undefined) return { why: `The landing of ${stuck.id} stopped half-way`, standing: { word: 'stuck', tone: 'bad' }, step: { label: 'See what is stuck', href: `/runs/${stuck.id}/review` }, review: null }
  const waiting = runs.findLast((run) => run.waitsFor !== null && run.waitsFor !== 'quota')
  if (waiting !== undefined) return { why: `${waiting.id}: ${visible(waiting.because)}`, standing: runStanding(waiting), step: { label: 'Answer', href: `/runs/${waiting.id}` }, review: null }
  if (runs.some(isActive) || ['done', 'dropped', 'draft'].includes(task.status)) return undefined
  const last = runs.at(-1)
  if (task.status === 'review') return needReview(task, runs)
  if (task.status === 'blocked') return { why: 'Marked blocked', step: { label: 'Look', href: `/tasks/${task.id}` }, review: null }
  if (last !== undefined && ['failed', 'interrupted', 'escaped'].includes(last.outcome ?? '')) {
    return { why: `${last.id} ${last.outcome}: ${visible(last.because)}`, standing: runStanding(last), step: { label: 'Look at the run', href: `/runs/${last.id}` }, review: null }
  }
  return undefined
}

function needReview(task: TaskView, runs: readonly RunSummary[]): Need {
  // A newer run may have changed nothing, or been rejected: what waits then is the work before it.
  const sealed = runs.findLast(({ reviewable }) => reviewable) ?? runs.findLast(({ snapshot, merge }) => snapshot !== null && merge !== 'merged')
  if (sealed === undefined) return { why: 'In review, but no run of it has a sealed round', step: { label: 'Look', href: `/tasks/${task.id}` }, review: null }
  return { why: `${sealed.snapshot} waits for your review`, step: { label: 'Review', href: `/runs/${sealed.id}/review` }, review: sealed.id }
}

function sayReady(task: TaskView, open: readonly string[]): string {
  if (open.length > 0) return `Waits for ${open.join(', ')}`
  return task.repos.length === 0 ? 'Names no repo yet' : ''
}

function sayLanded(runs: readonly RunSummary[]): string {
  const landed = runs.findLast(({ merge }) => merge === 'merged')
  return landed === undefined ? '' : `${landed.id} landed${runs.length > 1 ? `, of ${count(runs.length, 'run')}` : ''}`
}

function fileItem({ path, line, reason }: Quarantined): BoardItem {
  const place = visible(line === null ? path : `${path}:${line}`)
  return { id: place, href: '/doctor', title: 'This file cannot be read', standing: { word: 'quarantined', tone: 'bad' }, why: visible(reason), step: { label: 'Open doctor', href: '/doctor' }, review: null, repos: [], priority: null, at: null }
}

function byPriority(items: readonly BoardItem[]): readonly BoardItem[] {
  return items.toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0) || (a.id < b.id ? -1 : 1))
}
