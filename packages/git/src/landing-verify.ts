import { nameUpTo5, type LandingRepo } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readChanges } from './landing-changes.ts'
import type { Side } from './landing-journal.ts'
import { readTrackedStatus, type CheckedOut } from './landing-survey.ts'
import { showPath } from './raw-diff.ts'
import { gitInSource } from './source-ref.ts'

/**
 * Returns in what a target that was just taken to `goal` differs from it; undefined when it is exactly that: the
 * branch, the tree that was approved, and HEAD and index of the checkout. Files are not compared: the human may
 * save one at any moment, and git has checked its own writes.
 */
export async function findMismatch(git: Git, repo: LandingRepo, goal: Side): Promise<string | undefined> {
  const name = `${repo.branch} of ${repo.repo}`
  const ref = `refs/heads/${repo.branch}`
  const { text } = await gitInSource(git, repo.source)(['rev-parse', ref, `${ref}^{tree}`])
  const [head = '', tree = ''] = text.split('\n')
  if (head !== repo[goal]) return `${name} is at ${head.slice(0, 10)} and not at ${repo[goal].slice(0, 10)}`
  if (goal === 'to' && tree !== repo.tree) return `${name} has the tree ${tree.slice(0, 10)} and not the approved ${repo.tree.slice(0, 10)}`
  return repo.checkout === null ? undefined : findCheckoutMismatch(git, { ...repo, checkout: repo.checkout }, goal)
}

async function findCheckoutMismatch(git: Git, repo: CheckedOut, goal: Side): Promise<string | undefined> {
  const { checkout } = repo
  const [status, changes] = await Promise.all([readTrackedStatus(git, checkout), readChanges(git, checkout, repo)])
  if (status.branch !== repo.branch || status.head !== repo[goal]) return `${checkout} is not at ${repo[goal].slice(0, 10)} of ${repo.branch}`
  const changed = new Set(changes.map(({ path }) => path))
  const differing = status.staged.filter((path) => changed.has(path))
  return differing.length > 0 ? `the index of ${checkout} differs in ${nameUpTo5(differing.map(showPath))}` : undefined
}
