import { messageOf, nameUpTo5, type LandingRepo } from '@signalbox/core'
import type { Git } from './exec.ts'
import { findInTheWay } from './in-the-way.ts'
import { otherSide, type Side } from './landing-journal.ts'
import { describePosition, readGitDirs, readPosition } from './landing-place.ts'
import { readTrackedStatus, surveyDisk, type CheckedOut } from './landing-survey.ts'
import { findHoldOn, findLocks, findOperations, listWorktreeDirs } from './operation.ts'
import { showPath } from './raw-diff.ts'
import { gitInSource } from './source-ref.ts'

/**
 * Which uncommitted changes of the human hold a move up: `any` before it is begun, as the gate has it; only those
 * `in_the_way` once something has moved, for then every other edit is safe both ways and waiting for it helps nobody.
 */
export type Dirt = 'any' | 'in_the_way'

/** Where a target is to go, and how much dirt is tolerated there. */
export interface Course {
  readonly goal: Side
  readonly dirt: Dirt
}

/**
 * Returns why a target cannot be taken from its other side to its goal by git now; undefined when it can.
 * A look that failed is a hindrance.
 */
export function findHindrance(git: Git, repo: LandingRepo, course: Course): Promise<string | undefined> {
  return explain(async () => {
    const position = await readPosition(git, repo)
    if (position.at !== otherSide(course.goal)) return describePosition(repo, position)
    return position.checkout === repo.checkout ? findObstacle(git, repo, course) : `${repo.branch} of ${repo.repo} is not checked out where it was`
  })
}

/** Returns what is in the way of a target that was just seen to be at its other side; a failed look throws. */
export async function findObstacle(git: Git, repo: LandingRepo, course: Course): Promise<string | undefined> {
  const { checkout } = repo
  const { gitDir, commonDir } = readGitDirs(checkout ?? repo.source)
  const [lock] = findLocks(commonDir, repo.branch, checkout === null ? undefined : gitDir)
  if (lock !== undefined) return `${lock} is in the way: git is at work there, or was killed`
  if (checkout === null) return findBranchObstacle(git, repo, commonDir)
  const operations = findOperations(gitDir)
  return operations.length > 0 ? `${operations.join(', ')} under way in ${checkout}` : findCheckoutObstacle(git, { ...repo, checkout }, course)
}

/** Returns what went wrong as a sentence, with a failure of git or the disk as one more reason. */
export async function explain(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work()
  } catch (error) {
    return messageOf(error)
  }
}

async function findBranchObstacle(git: Git, { source, branch, repo }: LandingRepo, commonDir: string): Promise<string | undefined> {
  const held = listWorktreeDirs(commonDir).flatMap((gitDir) => findHoldOn(gitDir, branch).map((operation) => `${operation} of ${branch} under way in ${gitDir}`))
  if (held.length > 0) return held.join(', ')
  const { exitCode, text } = await gitInSource(git, source)(['symbolic-ref', '--quiet', `refs/heads/${branch}`], { okExits: [0, 1] })
  return exitCode === 0 ? `${branch} of ${repo} only stands for ${text.trim()}; name that branch instead` : undefined
}

async function findCheckoutObstacle(git: Git, repo: CheckedOut, { goal, dirt }: Course): Promise<string | undefined> {
  const { checkout } = repo
  const [paths, status] = await Promise.all([surveyDisk(git, checkout, repo), readTrackedStatus(git, checkout)])
  if (status.branch !== repo.branch || status.head !== repo[otherSide(goal)]) return `${checkout} is not at ${repo[otherSide(goal)].slice(0, 10)} of ${repo.branch} any more`
  const changed = new Set(paths.map(({ path }) => path))
  const dirty = [...new Set([...status.staged, ...status.unstaged])].filter((path) => dirt === 'any' || changed.has(path))
  if (dirty.length > 0) return `${checkout} has changes that are not committed: ${nameUpTo5(dirty.map(showPath))}`
  const inTheWay = new Set([
    ...paths.filter(({ state }) => state !== otherSide(goal)).map(({ path }) => path),
    // What lies in a submodule is its own; git leaves it there.
    ...findInTheWay(checkout, paths.filter((change) => change[goal]?.mode !== '160000').map((change) => ({ ...change, from: change[otherSide(goal)], to: change[goal] }))),
  ])
  return inTheWay.size > 0 ? `${nameUpTo5([...inTheWay].map(showPath))} in ${checkout} would be written over, and what lies there is not what the branch has` : undefined
}
