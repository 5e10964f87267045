import type { RunEventType, RunId } from '@signalbox/core'
import type { QueryKey } from '@tanstack/query-core'

/** Keys of the questions whose answer a new event of a run may have changed; the events themselves are added by hand. */
export function touchedByEvent({ run, type }: { readonly run: RunId; readonly type: string }): readonly QueryKey[] {
  const keys: QueryKey[] = [['runs'], ['run', run], ['gate', run]]
  if (type === 'round.sealed') keys.push(['diff', run, 'latest'])
  if (type === 'review.recorded' || type === 'round.sealed') keys.push(['findings', run])
  if (type === 'run.prepared') keys.push(['packet', run])
  // The task follows its run: it is in review once the run has ended, and done once it has landed.
  if (shiftsOrder.has(type)) keys.push(['forecast'])
  if (movesTask.has(type)) keys.push(['tasks'], ['task'])
  return keys
}

/** What opens a run for landing, gives or takes a yes, or moves a target. */
const shiftsOrder = new Set<string>(['round.sealed', 'approval.granted', 'run.rejected', 'merge.published', 'merge.undone'] satisfies RunEventType[])
const movesTask = new Set<string>(['run.queued', 'run.ended', 'run.rejected', 'merge.published', 'merge.undone'] satisfies RunEventType[])

/** Keys of the questions whose answer changed files of the memory repo may have changed; `undefined` means all of them. */
export function touchedByPaths(paths: readonly string[]): readonly QueryKey[] | undefined {
  if (paths.length === 0) return undefined
  const folders = new Set(paths.map((path) => path.split('/', 1)[0] ?? ''))
  const keys = [...folders].map((folder) => byFolder.get(folder))
  return keys.includes(undefined) ? undefined : keys.flatMap((known) => known ?? [])
}

/** Every record may be in a packet or found by a search; a task decides what its gate asks for. */
const everyRecord: readonly QueryKey[] = [['context'], ['search'], ['doctor']]
const byFolder = new Map<string, readonly QueryKey[]>([
  ['tasks', [['tasks'], ['task'], ['run'], ['gate'], ...everyRecord]],
  ['efforts', [['records', 'effort'], ['record', 'effort'], ...everyRecord]],
  ['decisions', [['records', 'decision'], ['record', 'decision'], ...everyRecord]],
  ['notes', [['records', 'note'], ['record', 'note'], ...everyRecord]],
  ['handoffs', [['handoffs'], ['handoff'], ...everyRecord]],
  // What a run's folder holds is told by its events.
  ['runs', []],
])
