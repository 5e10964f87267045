import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { RepoName } from '@signalbox/core'
import { readCommonDir, readGitDir } from './git-dir.ts'
import type { SourceRef } from './source-ref.ts'

/** Returns the first of these sources that is a checkout of the same repository as the one at `path`; one that is gone is none. */
export function findTwin(path: string, sources: readonly SourceRef[]): RepoName | undefined {
  const repository = repositoryOf(path)
  return sources.find((source) => existsSync(join(source.path, '.git')) && repositoryOf(source.path) === repository)?.repo
}

function repositoryOf(path: string): string {
  return realpathSync(readCommonDir(readGitDir(path)))
}
