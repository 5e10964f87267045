import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseOid, type BranchName, type LandingRepo, type Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readCommonDir, readGitDir, readIfThere } from './git-dir.ts'
import { explain, findHindrance, type Course } from './landing-hindrance.ts'
import { otherSide, type Side } from './landing-journal.ts'
import { findMismatch } from './landing-verify.ts'
import { gitInSource } from './source-ref.ts'
import { syncFolder } from './write-synced.ts'

/** Milliseconds git may take to update a checkout: stopping it half-way costs a repair, so only a hung disk should reach this. */
const CHECKOUT_MS = 10 * 60_000

/**
 * Takes a target from its other side to its goal by git and verifies it; returns why not, or undefined when it is there.
 * The caller has looked for hindrances. After a refusal the target may be half-written only if git was stopped or
 * failed in the middle.
 */
export async function moveTarget(git: Git, repo: LandingRepo, course: Course): Promise<string | undefined> {
  const { goal } = course
  return explain(async () => {
    if (repo.checkout === null) await swapBranch(git, repo.source, repo, goal)
    else {
      const changed = await findChangeSince(git, repo, repo.checkout, course)
      if (changed !== undefined) return changed
      await (goal === 'to' ? fastForward : stepBack)(git, repo.checkout, repo)
    }
    await syncBranch(repo)
    return findMismatch(git, repo, goal)
  })
}

/**
 * Looks once more right before git works in a checkout. A fast-forward swaps the branch against its old head itself,
 * so only HEAD has to be looked at; a step back would take any commit along, so everything has.
 */
async function findChangeSince(git: Git, repo: LandingRepo, checkout: string, course: Course): Promise<string | undefined> {
  if (course.goal === 'from') return findHindrance(git, repo, course)
  const { text } = await gitInSource(git, checkout)(['symbolic-ref', '--quiet', 'HEAD'], { okExits: [0, 1] })
  return text.trim() === `refs/heads/${repo.branch}` ? undefined : `${checkout} is not on ${repo.branch} any more`
}

/** Moves a branch by compare-and-swap. Only for one that is checked out nowhere, or whose checkout holds the goal already. */
export async function swapBranch(git: Git, folder: string, repo: LandingRepo, goal: Side): Promise<void> {
  const message = `signalbox: ${goal === 'to' ? 'land' : 'take back'} ${repo.to.slice(0, 10)}`
  await gitInSource(git, folder)(['update-ref', '-m', message, `refs/heads/${repo.branch}`, repo[goal], repo[otherSide(goal)]])
}

/** Git has written the branch to disk, but not the name of its file. Refs may lie in no files; then git sees to them. */
async function syncBranch({ source, branch }: LandingRepo): Promise<void> {
  const folder = dirname(join(readCommonDir(readGitDir(source)), 'refs/heads', branch))
  if (existsSync(folder)) await syncFolder(folder)
}

/** The one method of git that updates a checkout and refuses to overwrite ignored files; the swap of the branch is its own. */
async function fastForward(git: Git, checkout: string, { branch, to }: LandingRepo): Promise<void> {
  const flags = ['--ff-only', '--no-overwrite-ignore', '--no-autostash', '--no-verify-signatures', '--no-squash', '--no-edit', '--no-stat', '--quiet']
  await gitInSource(git, checkout)(['merge', ...flags, to], { timeoutMs: CHECKOUT_MS, config: asGitAlone(branch) })
}

/**
 * Settings by which a human has their merges made in another way. Some strategies make a commit of their own whatever the
 * flags say, so that `ours` would leave out the very change that was approved. Git takes no empty name for a strategy.
 */
function asGitAlone(branch: BranchName): Readonly<Record<string, string>> {
  return { [`branch.${branch}.mergeOptions`]: '', 'pull.twohead': 'recursive' }
}

async function stepBack(git: Git, checkout: string, { branch, from }: LandingRepo): Promise<void> {
  const flags = ['--no-overwrite-ignore', '--no-recurse-submodules', '--no-track', '--quiet']
  await gitInSource(git, checkout)(['checkout', ...flags, '-B', branch, from, '--'], { timeoutMs: CHECKOUT_MS })
}

/** Returns the ORIG_HEAD of a checkout, which a fast-forward overwrites; null when it has none. */
export function readOrigHead(checkout: string): Oid | null {
  return parseOid(readIfThere(join(readGitDir(checkout), 'ORIG_HEAD'))?.trim()) ?? null
}

/**
 * Puts ORIG_HEAD back as it was before the landing, unless somebody else has written it since.
 * It is the only thing a fast-forward leaves beside the branch; MERGE_HEAD and AUTO_MERGE come from true merges.
 */
export async function restoreOrigHead(git: Git, { checkout, origHead, from }: LandingRepo): Promise<undefined> {
  if (checkout === null || origHead === undefined || origHead === from) return
  const file = join(readGitDir(checkout), 'ORIG_HEAD')
  if (readIfThere(file)?.trim() !== from) return
  if (origHead === null) await rm(file) // update-ref would lock packed-refs for it, one more thing to clean up after a kill
  else await gitInSource(git, checkout)(['update-ref', 'ORIG_HEAD', origHead, from])
}
