import type { NewTask, TaskChanges, TaskStatus, TaskView } from '@signalbox/core'
import { branchIn } from '../words/targets.ts'

/** A task as text fields hold it: lists are lines or words with commas between, a branch without text is the registered one. */
export interface TaskDraft {
  readonly title: string
  readonly status: TaskStatus
  readonly body: string
  readonly repos: readonly string[]
  /** Branch by repo. */
  readonly branches: Readonly<Record<string, string>>
  /** Globs by repo, one a line. */
  readonly scope: Readonly<Record<string, string>>
  readonly effort: string
  readonly priority: number
  readonly labels: string
  readonly links: string
  readonly dependsOn: string
}

/** What a new task begins as. */
export const emptyDraft: TaskDraft = { title: '', status: 'ready', body: '', repos: [], branches: {}, scope: {}, effort: '', priority: 3, labels: '', links: '', dependsOn: '' }

/** Returns a task as its fields are shown for editing. */
export function draftOf(task: TaskView): TaskDraft {
  return {
    title: task.title,
    status: task.status,
    body: task.body,
    repos: task.repos,
    branches: Object.fromEntries(task.repos.map((repo) => [repo, branchIn(task, repo) ?? ''])),
    scope: Object.fromEntries(Object.entries(task.scope ?? {}).map(([repo, globs]) => [repo, globs.join('\n')])),
    effort: task.effort ?? '',
    priority: task.priority,
    labels: task.labels.join(', '),
    links: task.links.join(', '),
    dependsOn: task.dependsOn.join(', '),
  }
}

/** Returns what a new task is made from; what was left empty is left out. */
export function newTaskOf(draft: TaskDraft): NewTask {
  const { title, body, effort, status } = draft
  const branches = branchesOf(draft)
  const scope = scopeOf(draft)
  return {
    title,
    body,
    repos: [...draft.repos],
    status: status === 'draft' ? 'draft' : 'ready',
    labels: wordsOf(draft.labels),
    links: wordsOf(draft.links),
    dependsOn: wordsOf(draft.dependsOn),
    priority: draft.priority,
    ...(effort === '' ? {} : { effort }),
    ...(branches === undefined ? {} : { baseBranch: branches }),
    ...(Object.keys(scope).length === 0 ? {} : { scope }),
  }
}

/** Returns only what the human changed: fields somebody else changed meanwhile are not written over. */
export function changesBetween(before: TaskDraft, after: TaskDraft): TaskChanges {
  const branches = branchesOf(after)
  return {
    ...(after.title === before.title ? {} : { title: after.title }),
    ...(after.status === before.status ? {} : { status: after.status }),
    ...(after.body === before.body ? {} : { body: after.body }),
    ...(same(after.repos, before.repos) ? {} : { repos: [...after.repos] }),
    ...(branches === undefined || same(branches, branchesOf(before)) ? {} : { baseBranch: branches }),
    ...(same(scopeOf(after), scopeOf(before)) ? {} : { scope: scopeOf(after) }),
    ...(after.effort === before.effort || after.effort === '' ? {} : { effort: after.effort }),
    ...(after.priority === before.priority ? {} : { priority: after.priority }),
    ...(same(wordsOf(after.labels), wordsOf(before.labels)) ? {} : { labels: wordsOf(after.labels) }),
    ...(same(wordsOf(after.links), wordsOf(before.links)) ? {} : { links: wordsOf(after.links) }),
  }
}

/** One field that two people changed: what it was, what each of them wants. */
export interface Difference {
  readonly field: string
  readonly mine: string
  readonly theirs: string
}

/** Returns every field that both of us changed since `base`, to something else each. Other fields do not clash: both changes can stand. */
export function findClashes({ base, mine, theirs }: { readonly base: TaskDraft; readonly mine: TaskDraft; readonly theirs: TaskDraft }): readonly Difference[] {
  return fields.flatMap((field) => {
    const [was, mineText, theirsText] = [textOf(base[field]), textOf(mine[field]), textOf(theirs[field])]
    return mineText === was || theirsText === was || mineText === theirsText ? [] : [{ field: names[field], mine: mineText, theirs: theirsText }]
  })
}

const names = { title: 'Title', status: 'Status', body: 'Body', repos: 'Repos', branches: 'Lands on', scope: 'Scope', effort: 'Effort', priority: 'Priority', labels: 'Labels', links: 'Links' } as const
const fields = ['title', 'status', 'body', 'repos', 'branches', 'scope', 'effort', 'priority', 'labels', 'links'] as const

/** Branch of each chosen repo that names one: one name where all agree; undefined where none does. */
function branchesOf({ repos, branches }: TaskDraft): string | Record<string, string> | undefined {
  const named = repos.flatMap((repo) => (branches[repo] === undefined || branches[repo].trim() === '' ? [] : [[repo, branches[repo].trim()] as const]))
  const [first] = named
  if (first === undefined) return undefined
  return named.length === repos.length && named.every(([, branch]) => branch === first[1]) ? first[1] : Object.fromEntries(named)
}

function scopeOf({ repos, scope }: TaskDraft): Record<string, string[]> {
  const lines = repos.map((repo) => [repo, (scope[repo] ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '')] as const)
  return Object.fromEntries(lines.filter(([, globs]) => globs.length > 0))
}

function wordsOf(text: string): string[] {
  return text.split(/[,\s]+/).filter((word) => word !== '')
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function textOf(value: string | number | readonly string[] | Readonly<Record<string, string>>): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  return Array.isArray(value) ? value.join(', ') : Object.entries(value).map(([key, text]) => `${key}: ${text}`).join('\n')
}
