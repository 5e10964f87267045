import type { RepoName } from '@signalbox/core'
import { repositoryOf } from './git-dir.ts'
import type { SourceRef } from './source-ref.ts'

/** Returns the first of these sources that is a checkout of the same repository as the one at `path`; one that is gone is none. */
export function findTwin(path: string, sources: readonly SourceRef[]): RepoName | undefined {
  const repository = repositoryOf(path)
  return repository === undefined ? undefined : sources.find((source) => repositoryOf(source.path) === repository)?.repo
}
