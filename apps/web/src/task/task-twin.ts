import type { NewTask, TaskChanges } from '@signalbox/core'
import { quote } from '../words/shell-quote.ts'
import { newTaskOf, type TaskDraft } from './task-draft.ts'

/** Returns the command that makes the task of a form. */
export function newTaskTwin(draft: TaskDraft): string {
  const { title, status, dependsOn = [], priority, ...rest } = newTaskOf(draft)
  const own = [...dependsOn.flatMap((id) => ['--depends-on', id]), ...(status === 'draft' ? ['--draft'] : []), ...(priority === 3 ? [] : ['--priority', String(priority)])]
  return ['task new', title === '' ? 'TITLE' : title, ...flagsOf(rest), ...own].map(quoteFlag).join(' ')
}

/** Returns the command that makes the changes of a form. */
export function editTaskTwin(id: string, changes: TaskChanges): string {
  const { title, status, priority, ...rest } = changes
  const own = [...(title === undefined ? [] : ['--title', title]), ...(status === undefined ? [] : ['--status', status]), ...(priority === undefined ? [] : ['--priority', String(priority)])]
  return ['task edit', id, ...own, ...flagsOf(rest)].map(quoteFlag).join(' ')
}

/** Flags that both commands have. A text of several lines comes by standard input, which `-` stands for. */
function flagsOf({ repos = [], baseBranch, body = '', scope = {}, effort, labels = [], links = [] }: Partial<Pick<NewTask & TaskChanges, 'repos' | 'baseBranch' | 'body' | 'scope' | 'effort' | 'labels' | 'links'>>): readonly string[] {
  const branches = baseBranch === undefined ? [] : typeof baseBranch === 'string' ? [baseBranch] : Object.entries(baseBranch).map(([repo, branch]) => `${repo}=${branch}`)
  return [
    ...repos.flatMap((repo) => ['--repo', repo]),
    ...branches.flatMap((branch) => ['--base-branch', branch]),
    ...(body === '' ? [] : ['--body', body.includes('\n') ? '-' : body]),
    ...Object.entries(scope).flatMap(([repo, globs]) => globs.flatMap((glob) => ['--scope', `${repo}:${glob}`])),
    ...(effort === undefined ? [] : ['--effort', effort]),
    ...labels.flatMap((label) => ['--label', label]),
    ...links.flatMap((link) => ['--link', link]),
  ]
}

/** The two words of the command itself stay two words. */
function quoteFlag(word: string, at: number): string {
  return at === 0 ? word : quote(word)
}
