import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** One repository's working tree that this run may change. */
export interface Checkout {
  readonly name: string
  /** Absolute real path. */
  readonly path: string
}

/** Returns the checkouts in the run's folder, by name: the folder itself for a task with one repo, else its folders. */
export function findCheckouts(folder: string): readonly Checkout[] {
  if (existsSync(join(folder, '.git'))) return [{ name: basename(folder), path: folder }]
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, '.git')))
    .map((entry) => ({ name: entry.name, path: join(folder, entry.name) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** The agent signs as itself, so that it needs nobody's settings and nobody takes its commits for a human's. */
const identity = {
  GIT_AUTHOR_NAME: 'Signalbox demo agent',
  GIT_AUTHOR_EMAIL: 'demo-agent@signalbox.invalid',
  GIT_COMMITTER_NAME: 'Signalbox demo agent',
  GIT_COMMITTER_EMAIL: 'demo-agent@signalbox.invalid',
}

/** Runs git in a checkout and returns what it printed; throws with git's own words when it fails. */
export function git(checkout: Checkout, ...args: readonly string[]): string {
  // An inherited GIT_DIR or the like would answer for a repository that is none of our business.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const env = { ...Object.fromEntries(inherited), ...identity, GIT_CEILING_DIRECTORIES: dirname(checkout.path), GIT_TERMINAL_PROMPT: '0' }
  return execFileSync('git', ['-c', 'commit.gpgSign=false', ...args], { cwd: checkout.path, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Commits exactly these paths and returns the short id of the commit. */
export function commit(checkout: Checkout, paths: readonly string[], message: string): string {
  git(checkout, 'add', '--', ...paths)
  git(checkout, 'commit', '--quiet', '-m', message, '--', ...paths)
  return git(checkout, 'rev-parse', '--short', 'HEAD').trim()
}
