import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, run, writeFiles } from '@signalbox/testkit'
import { findFile } from './find-files.ts'
import { humanCommits } from './shop.ts'

/** Stages a change of a tracked file, as a human would. */
export function stage(repo: string, name: string): void {
  writeFiles(repo, { [name]: 'mine\n' })
  git(repo, 'add', name)
}

/** Stops a merge before its commit, with nothing dirty: only MERGE_HEAD tells. */
export function startMerge(repo: string): void {
  git(repo, 'branch', 'side', git(repo, 'commit-tree', '-p', 'HEAD', '-m', 'side', 'HEAD^{tree}'))
  git(repo, 'merge', '--quiet', '--no-commit', '--no-ff', '--strategy', 'ours', 'side')
}

/** Stops a rebase of the target at its first step: HEAD is detached, so the branch seems to be checked out nowhere. */
export function startRebase(repo: string): void {
  run(repo, 'git', ['rebase', '--quiet', '--interactive', 'HEAD'], { env: { GIT_SEQUENCE_EDITOR: 'sed -i.bak 1ibreak' } })
}

/** Deletes the target branch after leaving it. */
export function deleteTarget(repo: string): void {
  git(repo, 'switch', '--quiet', '--create', 'other')
  git(repo, 'branch', '--quiet', '--delete', '--force', 'main')
}

/** Moves the target, dirties its checkout and holds its index, all at once. */
export function spoilTarget(repo: string): void {
  humanCommits(repo, 'later.txt', 'later\n')
  writeFiles(repo, { 'kept.txt': 'mine\n', '.git/index.lock': '' })
}

/** Loses every object that the vault of a repo holds itself. */
export function emptyVault(state: string, repo: string): void {
  const objects = findFile(state, new RegExp(`(^|/)vaults/${repo}\\.git/objects$`))
  for (const name of readdirSync(objects)) if (name !== 'info') rmSync(join(objects, name), { recursive: true })
}

/** Leaves the markers of a half-done merge in a file of the memory repo. */
export function leaveConflictMarkers(path: string): void {
  writeFileSync(path, `<<<<<<< ours\n${readFileSync(path, 'utf8')}=======\n>>>>>>> theirs\n`)
}
