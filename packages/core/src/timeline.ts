import type { Run } from './run.ts'
import type { TimelineEntry } from './views.ts'

/** Returns when and why a run was saved, in order, each with how much it had changed by then in all its repos. */
export function timelineOf({ saved, snapshots }: Pick<Run, 'saved' | 'snapshots'>): TimelineEntry[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]))
  return saved.map((moment) => {
    const repos = moment.snapshot === null ? undefined : byId.get(moment.snapshot)?.repos
    const sum = (which: 'files' | 'insertions' | 'deletions'): number | null => repos?.reduce((total, repo) => total + repo[which], 0) ?? null
    return { ...moment, files: sum('files'), insertions: sum('insertions'), deletions: sum('deletions') }
  })
}
