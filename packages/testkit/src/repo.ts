import { mkdirSync } from 'node:fs'
import { createTempDir } from './temp-dir.ts'
import { git } from './run.ts'
import { writeFiles, type Files } from './write-files.ts'

export interface RepoOptions {
  /** Where to make it. Default: a new temp folder. */
  readonly path?: string
  readonly branch?: string
  readonly objectFormat?: 'sha1' | 'sha256'
}

/** Creates a repository with one commit of these files on `main` and returns its path; it carries an identity of its own. */
export function createRepo(files: Files, options: RepoOptions = {}): string {
  const path = options.path ?? createTempDir()
  mkdirSync(path, { recursive: true })
  git(path, 'init', '--quiet', `--initial-branch=${options.branch ?? 'main'}`, `--object-format=${options.objectFormat ?? 'sha1'}`)
  git(path, 'config', 'user.name', 'Human')
  git(path, 'config', 'user.email', 'human@example.com')
  writeFiles(path, files)
  commitAll(path, 'first')
  return path
}

/** Commits everything that lies in the checkout and returns the commit's id. */
export function commitAll(path: string, message: string): string {
  git(path, 'add', '--all')
  git(path, 'commit', '--quiet', '--allow-empty', '--message', message)
  return git(path, 'rev-parse', 'HEAD')
}
