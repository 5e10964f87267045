import { existsSync, type BigIntStats } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LandingRepo } from '@signalbox/core'
import { readGitDirs, type GitDirs } from './landing-place.ts'
import { lookAt } from './look-at.ts'
import { CHECKOUT_LOCKS } from './operation.ts'
import { isHeldByLiveProcess } from './landing-survivors.ts'

/** Milliseconds a lock of somebody else may still go away by itself: longer delays every start, shorter reports a git that was about to end. */
const PATIENCE_MS = 2_000

/** The files our own git commands lock: index, HEAD and ORIG_HEAD of the checkout, and the branch. */
function lockPaths({ gitDir, commonDir }: GitDirs, { branch, checkout }: Pick<LandingRepo, 'branch' | 'checkout'>): readonly string[] {
  const ref = join(commonDir, 'refs', 'heads', `${branch}.lock`)
  return checkout === null ? [ref] : [...CHECKOUT_LOCKS.map((name) => join(gitDir, name)), ref]
}

/**
 * Removes the locks that a killed landing left in a repo whose step is under way; returns the first that is not ours,
 * or undefined when none is left. A step begins only after a look that found no lock, so one found now is younger;
 * it is ours if its content is what our git writes there and no living process could own it.
 */
export async function clearOwnLocks(repo: LandingRepo, patienceMs = PATIENCE_MS): Promise<string | undefined> {
  const folder = repo.checkout ?? repo.source
  const dirs = readGitDirs(folder)
  for (const path of lockPaths(dirs, repo)) {
    const deadline = Date.now() + patienceMs
    for (let seen = lookAt(path); seen !== undefined; seen = lookAt(path)) {
      if (await isOurs(path, { ...dirs, folder }, repo)) {
        // Only the very file that was judged: another git may have taken the lock since.
        if (isSameFile(seen, lookAt(path))) await rm(path, { force: true })
      } else if (Date.now() > deadline) return path
      else await sleep(50)
    }
  }
  return undefined
}

/** A number of a file is soon given to the next one, which has another time. */
function isSameFile(seen: BigIntStats, now: BigIntStats | undefined): boolean {
  return seen.dev === now?.dev && seen.ino === now.ino && seen.ctimeNs === now.ctimeNs
}

async function isOurs(path: string, { folder, gitDir, commonDir }: GitDirs & { readonly folder: string }, repo: LandingRepo): Promise<boolean> {
  if (await isHeldByLiveProcess(path, [folder, gitDir, commonDir])) return false
  const content = await readFile(path).catch((error: unknown) => {
    if (existsSync(path)) throw error
    return undefined // it went away by itself
  })
  return content === undefined || couldBeOurs(path === join(gitDir, 'index.lock') ? 'index' : 'ref', content, repo)
}

/** Says whether git, killed while it moved a branch between these two commits, could have left this content in a lock. */
export function couldBeOurs(kind: 'index' | 'ref', content: Buffer, { from, to }: Pick<LandingRepo, 'from' | 'to'>): boolean {
  const text = content.toString('latin1')
  if (kind === 'index') return text.slice(0, 4) === 'DIRC'.slice(0, text.length)
  return `${from}\n`.startsWith(text) || `${to}\n`.startsWith(text)
}
