import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, createRepo, headOf } from './repo.ts'
import { git, run } from './run.ts'
import { writeFiles, type Files } from './write-files.ts'

/** One repository a change is to land in on `main`, and the saved change in a vault beside it. */
export interface Target {
  /** Top of the registered worktree. */
  readonly path: string
  /** The worktree that has `main` checked out; null when none has. */
  readonly checkout: string | null
  readonly base: string
  /** Commit in the vault whose parent is `base`. */
  readonly snapshotCommit: string
  readonly tree: string
}

export interface TargetPlan {
  /** Where `main` is checked out: in the registered worktree, in a linked one, or nowhere. */
  readonly main: 'here' | 'linked' | 'nowhere'
  readonly files: Files
  /** What the change writes; null deletes. */
  readonly change: Files
}

/** Creates the repository `folder/name`, and the vault `folder/state/vaults/name.git` holding the change, with plain git. */
export function createTarget(folder: string, name: string, plan: TargetPlan): Target {
  const path = createRepo(plan.files, { path: join(folder, name) })
  const base = headOf(path)
  if (plan.main !== 'here') leave(path)
  const linked = join(folder, `${name}-linked`)
  if (plan.main === 'linked') git(path, 'worktree', 'add', '--quiet', linked, 'main')
  const vault = createVault(folder, name, path)
  const snapshotCommit = commitChange(folder, { name, vault, base, change: plan.change })
  const checkout = { here: path, linked, nowhere: null }[plan.main]
  return { path, checkout, base, snapshotCommit, tree: git(vault, '--git-dir', vault, 'rev-parse', `${snapshotCommit}^{tree}`) }
}

/** Puts the checkout on a branch that has nothing to do with main. */
function leave(path: string): void {
  git(path, 'switch', '--quiet', '--orphan', 'elsewhere')
  writeFiles(path, { 'elsewhere.txt': 'elsewhere\n' })
  commitAll(path, 'elsewhere')
}

function createVault(folder: string, name: string, source: string): string {
  const vault = join(folder, 'state', 'vaults', `${name}.git`)
  mkdirSync(vault, { recursive: true })
  run(vault, 'git', ['init', '--quiet', '--bare', '--template=', '.'])
  mkdirSync(join(vault, 'objects', 'info'), { recursive: true })
  writeFileSync(join(vault, 'objects', 'info', 'alternates'), `${join(source, '.git', 'objects')}\n`)
  return vault
}

/** Commits the change on top of `base` in a worktree of the vault's own, which is removed again. */
function commitChange(folder: string, { name, vault, base, change }: { readonly name: string; readonly vault: string; readonly base: string; readonly change: Files }): string {
  const scratch = join(folder, `${name}-scratch`)
  run(vault, 'git', ['--git-dir', vault, 'worktree', 'add', '--quiet', '--detach', scratch, base])
  writeFiles(scratch, change)
  git(scratch, 'add', '--all', '--force')
  const commit = commitAll(scratch, 'R0001.s1')
  run(vault, 'git', ['--git-dir', vault, 'update-ref', 'refs/signalbox/runs/R0001/s1', commit])
  run(vault, 'git', ['--git-dir', vault, 'worktree', 'remove', '--force', scratch])
  return commit
}
