import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { apiHistory } from './demo-api.ts'
import type { DemoCommit } from './demo-commit.ts'
import { webHistory } from './demo-web.ts'
import { HUMAN, humanGit } from './human-git.ts'

/** Absolute paths of the two demo repositories. */
export interface DemoRepos {
  readonly api: string
  readonly web: string
}

/** What the human keeps in a file that git ignores: no landing may touch it. */
export const HUMAN_ENV = 'SHOP_KEY=only-on-this-machine\n'

/** Makes the demo's two repositories in `dir`, side by side, each with a history, a second branch and a human's ignored file. */
export async function makeRepos(dir: string): Promise<DemoRepos> {
  const repos = { api: join(dir, 'api'), web: join(dir, 'web') }
  await Promise.all([makeRepo(repos.api, apiHistory), makeRepo(repos.web, webHistory)])
  return repos
}

async function makeRepo(path: string, history: readonly DemoCommit[]): Promise<void> {
  await mkdir(path)
  await humanGit(path, ['init', '--quiet', '--initial-branch=main', '--template='])
  for (const [key, value] of settings) await humanGit(path, ['config', key, value])
  const branches = new Set(['main'])
  for (const [index, commit] of history.entries()) await makeCommit(path, commit, index, branches)
  await humanGit(path, ['checkout', '--quiet', 'main'])
  await writeFile(join(path, '.env'), HUMAN_ENV)
}

/** Settings of the repository, so that it behaves the same under any user's own. */
const settings = [
  ['user.name', HUMAN.name],
  ['user.email', HUMAN.email],
  ['core.autocrlf', 'false'],
  ['commit.gpgSign', 'false'],
] as const

async function makeCommit(path: string, { branch, message, files }: DemoCommit, index: number, branches: Set<string>): Promise<void> {
  const known = branches.has(branch)
  if (index > 0) await humanGit(path, ['checkout', '--quiet', ...(known ? [branch] : ['-b', branch])])
  branches.add(branch)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, file)), { recursive: true })
    await writeFile(join(path, file), text)
  }
  await humanGit(path, ['add', '--all'])
  // Fixed days: the same history, and so the same commit ids, on every machine.
  const date = `2026-03-${String(index + 2).padStart(2, '0')}T09:00:00+00:00`
  await humanGit(path, ['commit', '--quiet', '-m', message], { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date })
}
