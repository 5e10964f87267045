import type { TaskId, TaskView } from '@signalbox/core'

/** Returns the tasks that are done: nobody waits for them any more. */
export function doneIn(tasks: readonly Pick<TaskView, 'id' | 'status'>[]): ReadonlySet<TaskId> {
  return new Set(tasks.filter(({ status }) => status === 'done').map(({ id }) => id))
}

/** Returns the tasks that a task depends on and that are not done, missing ones too. */
export function waitsFor({ dependsOn }: Pick<TaskView, 'dependsOn'>, done: ReadonlySet<TaskId>): readonly TaskId[] {
  return dependsOn.filter((id) => !done.has(id))
}
