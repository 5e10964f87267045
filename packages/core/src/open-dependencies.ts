import type { TaskId } from './ids.ts'
import type { Task } from './records.ts'

/** Returns the open tasks that a task depends on, directly or by others that are open. What is done or dropped is waited for no more. */
export function findOpenDependencies(id: TaskId, tasks: ReadonlyMap<string, Pick<Task, 'status' | 'dependsOn'>>): readonly TaskId[] {
  const found = new Set<TaskId>()
  const follow = (from: TaskId): void => {
    for (const next of tasks.get(from)?.dependsOn ?? []) {
      const status = tasks.get(next)?.status
      if (next === id || found.has(next) || status === undefined || status === 'done' || status === 'dropped') continue
      found.add(next)
      follow(next)
    }
  }
  follow(id)
  return [...found]
}
