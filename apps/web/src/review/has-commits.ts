import type { RunCommits, RunView, Snapshot } from '@signalbox/core'

/** Tells whether there is anything to say of an agent's commits: some, or why they cannot land. A round that was computed was never led up to by any. */
export function hasCommits({ timeline }: Pick<RunView, 'timeline'>, { id, part }: Snapshot, { repos }: RunCommits): boolean {
  const reason = timeline.find(({ snapshot }) => snapshot === id)?.reason
  return part === undefined && reason !== 'refresh' && reason !== 'undo' && repos.some(({ commits, unfit }) => commits.length > 0 || unfit !== null)
}
