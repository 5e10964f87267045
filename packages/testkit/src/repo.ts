import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir } from './temp-dir.ts'
import { git, run } from './run.ts'
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
  run(path, 'git', ['init', '--quiet', `--initial-branch=${options.branch ?? 'main'}`, `--object-format=${options.objectFormat ?? 'sha1'}`])
  appendFileSync(join(path, '.git', 'config'), '[user]\n\tname = Human\n\temail = human@example.com\n')
  writeFiles(path, files)
  commitAll(path, 'first')
  return path
}

/** Commits everything that lies in the checkout and returns the commit's id. */
export function commitAll(path: string, message: string): string {
  // In one process: it is the test's own memory that makes a start slow.
  run(path, 'sh', ['-ec', 'git add --all; git -c maintenance.auto=false commit --quiet --allow-empty --message "$1"', 'sh', message])
  return headOf(path)
}

/** Returns the commit that is checked out; without a process where its branch lies in a file of its own. */
export function headOf(path: string): string {
  const [, name = ''] = /^ref: (refs\/heads\/.+)\n$/.exec(textOf(join(path, '.git', 'HEAD'))) ?? []
  const loose = name === '' ? '' : textOf(join(path, '.git', name)).trim()
  return /^[0-9a-f]{40,64}$/.test(loose) ? loose : git(path, 'rev-parse', 'HEAD')
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
