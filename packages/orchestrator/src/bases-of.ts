import type { Oid, RepoName, Run } from '@signalbox/core'

/** Returns the commits of a repo that a run began on, or has rounds on. */
export function basesOf({ repos, snapshots }: Pick<Run, 'repos' | 'snapshots'>, repo: RepoName): readonly Oid[] {
  const begun = repos.filter((one) => one.repo === repo).map(({ baseHead }) => baseHead)
  return [...new Set([...begun, ...snapshots.flatMap((snapshot) => snapshot.repos.filter((one) => one.repo === repo).map(({ base }) => base))])]
}
