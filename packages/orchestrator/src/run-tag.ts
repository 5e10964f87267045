import { ControlError, type RunId } from '@signalbox/core'
import { readIfThere } from './durable-file.ts'
import type { StateLayout } from './state-layout.ts'

/** Returns the tag that every process of a run carries in its environment. */
export async function readRunTag(layout: StateLayout, run: RunId): Promise<string> {
  const tag = await readIfThere(layout.run(run).tag)
  if (tag === undefined || tag === '') {
    throw new ControlError('run.log_invalid', `The tag of ${run} is missing from the state folder, so its processes cannot be told from others`, { hint: 'Look for processes of the run yourself; we end only what we started' })
  }
  return tag
}
