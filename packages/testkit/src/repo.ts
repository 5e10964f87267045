import { mkdirSync } from 'node:fs'
import { createTempDir } from './temp-dir.ts'
import { run } from './run.ts'
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
  inOneShell(path, 'git init --quiet --initial-branch="$1" --object-format="$2"; git config user.name Human; git config user.email human@example.com', options.branch ?? 'main', options.objectFormat ?? 'sha1')
  writeFiles(path, files)
  commitAll(path, 'first')
  return path
}

/** Commits everything that lies in the checkout and returns the commit's id. */
export function commitAll(path: string, message: string): string {
  return inOneShell(path, 'git add --all; git -c maintenance.auto=false commit --quiet --allow-empty --message "$1"; git rev-parse HEAD', message)
}

/** Runs commands one after another, with `$1` and so on. In one process: it is the test's own memory that makes a start slow. */
function inOneShell(cwd: string, script: string, ...args: readonly string[]): string {
  return run(cwd, 'sh', ['-ec', script, 'sh', ...args]).trimEnd()
}
