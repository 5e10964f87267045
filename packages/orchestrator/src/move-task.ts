import { hasCode, type TaskId, type TaskStatus } from '@signalbox/core'
import type { Services } from './services.ts'

/** Moves a task on as part of what happened to its run, only from the statuses named: what a human set meanwhile stands. */
export async function moveTask(services: Pick<Services, 'memory'>, id: TaskId, from: readonly TaskStatus[], to: TaskStatus): Promise<void> {
  try {
    const task = await services.memory.read('task', id)
    if (from.includes(task.status)) await services.memory.edit('task', id, { status: to }, { expect: task.hash })
  } catch (error) {
    // A task that was deleted, or is being edited into something unreadable, must not stop its run from ending; doctor shows it.
    if (!hasCode(error, 'task.not_found') && !hasCode(error, 'record.quarantined') && !hasCode(error, 'record.changed_underneath')) throw error
  }
}
