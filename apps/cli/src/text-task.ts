import type { Quarantined, TaskView } from '@signalbox/core'
import type { Look } from './look.ts'
import { table } from './table.ts'
import { blocks, fields } from './text-parts.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns tasks as a table, and below it the files that could not be read as one. */
export function taskListText(tasks: readonly TaskView[], quarantined: readonly Quarantined[], look: Look): string {
  const rows = table(
    tasks,
    [
      { title: 'TASK', text: ({ id }) => id, dress: look.ink.bold },
      { title: 'STATUS', text: ({ status }) => status, dress: (text, { status }) => statusInk(status, look)(text) },
      { title: 'PRIO', text: ({ priority }) => `P${priority}` },
      { title: 'REPOS', text: ({ repos }) => repos.join(', ') },
      { title: 'TITLE', text: ({ title }) => visible(title) },
    ],
    look,
  )
  return blocks(tasks.length === 0 ? undefined : rows, quarantinedText(quarantined, look))
}

/** Returns one task: what it is, where it lands, and its text. */
export function taskText(task: TaskView, { ink }: Look): string {
  const facts = fields(
    [
      ['Status', statusInk(task.status, { ink })(task.status)],
      ['Priority', `P${task.priority}`],
      ['Lands on', targetsText(task)],
      ['Scope', task.scope === undefined ? undefined : Object.entries(task.scope).map(([repo, globs]) => `${repo}: ${globs.map(visible).join(', ')}`).join('\n')],
      ['Effort', task.effort],
      ['Depends on', listed(task.dependsOn)],
      ['Labels', listed(task.labels)],
      ['Links', listed(task.links)],
      ['File', visible(task.path)],
    ],
    ink.dim,
  )
  return blocks(`${ink.bold(task.id)}  ${visible(task.title)}`, facts, visibleLines(task.body.trim()))
}

/** Returns the files that could not be read, each with its line and reason; empty when there are none. */
export function quarantinedText(quarantined: readonly Quarantined[], { ink }: Pick<Look, 'ink'>): string {
  if (quarantined.length === 0) return ''
  const lines = quarantined.map(({ path, line, reason }) => `  ${visible(path)}${line === null ? '' : `:${line}`}  ${visible(reason)}`)
  return [ink.yellow(`Could not be read (${quarantined.length}); the files are left as they are:`), ...lines].join('\n')
}

function targetsText({ repos, baseBranch }: TaskView): string {
  if (repos.length === 0) return 'no repos yet'
  return repos.map((repo) => `${repo} → ${visible(typeof baseBranch === 'object' ? (baseBranch?.[repo] ?? '?') : baseBranch)}`).join('\n')
}

function listed(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.map(visible).join(', ')
}

function statusInk(status: TaskView['status'], { ink }: Pick<Look, 'ink'>): (text: string) => string {
  const inks = { draft: ink.dim, ready: ink.cyan, active: ink.yellow, review: ink.yellow, blocked: ink.red, done: ink.green, dropped: ink.dim } as const
  return inks[status]
}
