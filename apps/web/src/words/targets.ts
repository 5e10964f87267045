import type { TaskView } from '@signalbox/core'
import { visible } from './untrusted.ts'

/** Returns the branch a task lands on in one of its repos; undefined when the repo is not registered. */
export function branchIn({ baseBranch }: Pick<TaskView, 'baseBranch'>, repo: string): string | undefined {
  if (baseBranch === null || typeof baseBranch === 'string') return baseBranch ?? undefined
  return Object.entries(baseBranch).find(([name]) => name === repo)?.[1]
}

/** Returns where a task lands: `api → main`, one a repo. */
export function targetsOf(task: Pick<TaskView, 'baseBranch' | 'repos'>): readonly string[] {
  return task.repos.map((repo) => `${repo} → ${visible(branchIn(task, repo) ?? '?')}`)
}
