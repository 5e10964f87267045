import type { RunDiff } from '@signalbox/core'

/** Characters of a patch that fill any screen; reading them takes no time that anybody sees. */
const FIRST_CHARACTERS = 100_000

/**
 * Returns as much of a diff as the first frame needs: the repos with their patches cut at a line. The diff itself when it
 * is short.
 */
export function beginningOf(diff: RunDiff): RunDiff {
  let left = FIRST_CHARACTERS
  if (diff.repos.reduce((sum, { patch }) => sum + patch.length, 0) <= left) return diff
  const repos = diff.repos.map((repo) => {
    const end = left >= repo.patch.length ? repo.patch.length : repo.patch.lastIndexOf('\n', left) + 1
    left = Math.max(0, left - repo.patch.length)
    return { ...repo, patch: repo.patch.slice(0, end) }
  })
  return { ...diff, repos }
}
