import picomatch from 'picomatch'
import type { Known, RepoName, Task } from '@signalbox/core'

/** Returns what tells the paths of a repo that are outside the task's globs; undefined where there are none. */
export function offScopeOf(task: Known<Task>, repo: RepoName): ((path: string) => boolean) | undefined {
  const globs = task.known ? task.value.scope?.[repo] : undefined
  if (globs === undefined) return undefined
  // A name may hold a line break, which a glob is to match like any other character.
  const isInScope = picomatch([...globs], { dot: true, flags: 's' })
  return (path) => !isInScope(path)
}
