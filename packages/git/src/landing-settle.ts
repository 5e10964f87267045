import { ControlError, nameUpTo5, type LandingRepo } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readGitDir } from './git-dir.ts'
import { readChanges } from './landing-changes.ts'
import { readWritten, type StoredFile } from './landing-bytes.ts'
import { makeFolder, readDisk, removeEntry, scratchOf, sweepScratch, writeEntry } from './landing-disk.ts'
import { explain } from './landing-hindrance.ts'
import { otherSide, type Failpoint, type Side } from './landing-journal.ts'
import { swapBranch } from './landing-move.ts'
import { describePosition, readPosition } from './landing-place.ts'
import { surveyPaths, type CheckedOut, type SurveyedPath } from './landing-survey.ts'
import { findMismatch } from './landing-verify.ts'
import { findOperations } from './operation.ts'
import { showPath, type TreeEntry } from './raw-diff.ts'
import { gitInSource } from './source-ref.ts'
import { readStatus } from './status.ts'

/**
 * What it takes to bring a target whose step was interrupted to a side. `resting`: nothing in it is half-written, so
 * it can be treated like one that no step was begun for. `blocked`: something of a human's is in the way.
 */
export type Repair =
  | { readonly kind: 'resting' }
  | { readonly kind: 'blocked'; readonly because: string }
  /** `side` is the one it is mended to: the goal, or the other, from which git itself goes on. */
  | { readonly kind: 'work'; readonly side: Side; readonly write: readonly SurveyedPath[]; readonly stage: readonly SurveyedPath[]; readonly moveBranch: boolean }

/** Looks at a target whose step was interrupted and says what brings it to `goal`; changes nothing. */
export async function planRepair(git: Git, repo: LandingRepo, goal: Side): Promise<Repair> {
  const { checkout } = repo
  if (checkout === null) return { kind: 'resting' } // a branch alone moves in one step
  const [position, paths] = await Promise.all([readPosition(git, repo), surveyPaths(git, checkout, repo)])
  if (position.checkout !== checkout) return planTakenOver(git, checkout, paths, `${checkout} is not on ${repo.branch} any more`)
  if (position.at !== 'from' && position.at !== 'to') return planTakenOver(git, checkout, paths, describePosition(repo, position))
  const operations = findOperations(readGitDir(checkout))
  if (operations.length > 0) return { kind: 'blocked', because: `${operations.join(', ')} under way in ${checkout}` }
  const unplaced = (side: Side): boolean => paths.some((path) => path[side] !== undefined && path.staged !== side && path.disk.kind === 'nothing')
  const side = unplaced(goal) && (await isSparse(git, checkout)) ? otherSide(goal) : goal
  if (side !== goal && unplaced(side)) return { kind: 'blocked', because: `${checkout} leaves out files, and its index holds some of the interrupted landing and some of what was there before` }
  return planPaths(paths, checkout, { at: position.at, goal, side })
}

/** Only git can tell which of its files such a checkout leaves out: what neither lies there nor is in its index yet is for git to place. */
async function isSparse(git: Git, checkout: string): Promise<boolean> {
  const { text } = await gitInSource(git, checkout)(['config', '--type=bool', '--get', 'core.sparseCheckout'], { okExits: [0, 1] })
  return text.trim() === 'true'
}

interface Way {
  readonly at: Side
  readonly goal: Side
  readonly side: Side
}

function planPaths(paths: readonly SurveyedPath[], checkout: string, { at, goal, side }: Way): Repair {
  const isHere = at === goal && paths.every(({ state, staged }) => (state === goal || state === 'foreign') && staged === goal)
  const isThere = at !== goal && paths.every(({ state, staged }) => state === at && staged === at)
  if (isHere || isThere) return { kind: 'resting' }
  const foreign = paths.filter(({ state, staged }) => state === 'foreign' || staged === 'foreign')
  if (foreign.length > 0) return { kind: 'blocked', because: `${list(foreign)} in ${checkout} was edited after the landing was interrupted, and that edit is kept` }
  return { kind: 'work', side, write: paths.filter(({ state }) => state !== side), stage: paths.filter(({ staged }) => staged !== side), moveBranch: at !== side }
}

/** The human switched branches or committed since: what they did stands, as long as nothing half-written of ours lies about. */
async function planTakenOver(git: Git, checkout: string, paths: readonly SurveyedPath[], how: string): Promise<Repair> {
  const { staged, unstaged, untracked } = await readStatus(git, checkout)
  const dirty = new Set([...staged, ...unstaged, ...untracked])
  const left = paths.filter(({ path }) => dirty.has(path))
  if (left.length === 0) return { kind: 'resting' }
  return { kind: 'blocked', because: `${how}, and the interrupted landing may have left ${list(left)} half-written` }
}

function list(paths: readonly SurveyedPath[]): string {
  return nameUpTo5(paths.map(({ path }) => showPath(path)))
}

/** A repair that has something to do. */
export type RepairWork = Extract<Repair, { readonly kind: 'work' }>

/** What a repair needs beside git. */
export interface RepairTools {
  readonly git: Git
  readonly tag: string
  readonly failpoint: Failpoint
}

/** Does the work of a repair, to its side, and verifies it; returns why it could not be done, or undefined. */
export async function repairTarget(tools: RepairTools, repo: CheckedOut, repair: RepairWork): Promise<string | undefined> {
  return explain(async () => {
    await mendCheckout(tools, repo, repair)
    await tools.failpoint(`landing.mended:${repo.repo}`)
    if (repair.moveBranch) await swapBranch(tools.git, repo.checkout, repo, repair.side)
    return findMismatch(tools.git, repo, repair.side)
  })
}

async function mendCheckout({ git, tag, failpoint }: RepairTools, { repo, checkout }: CheckedOut, repair: RepairWork): Promise<void> {
  const { side } = repair
  const scratch = scratchOf(checkout, tag)
  // A file where the folder of a submodule belongs goes as well.
  for (const path of repair.write.filter((each) => each[side] === undefined || each[side].mode === '160000')) {
    await refuseEdited(checkout, path)
    await removeEntry(checkout, path.path)
  }
  const placed = repair.write.flatMap((path) => withEntry(path, path[side]))
  for (const one of placed) if (one.entry.mode === '160000') await makeFolder(checkout, one.path)
  const wanted = placed.filter((one) => one.entry.mode !== '160000')
  for await (const [{ surveyed, path, entry }, content] of readWritten(gitInSource(git, checkout), wanted)) {
    await writeEntry(scratch, path, entry, { content, check: () => refuseEdited(checkout, surveyed) })
    await failpoint(`landing.mended_path:${repo}`)
  }
  if (repair.stage.length > 0) await stageEntries(git, checkout, repair.stage, side)
  // The files just written have new times; without this git would have to read them all at each status.
  await gitInSource(git, checkout)(['update-index', '-q', '--refresh'], { okExits: [0, 1] })
}

interface Wanted extends StoredFile {
  readonly surveyed: SurveyedPath
  readonly entry: TreeEntry
}

function withEntry(surveyed: SurveyedPath, entry: TreeEntry | undefined): readonly Wanted[] {
  return entry === undefined ? [] : [{ surveyed, path: surveyed.path, entry, oid: entry.oid }]
}

/** Looks once more right before a write: between the survey and now a human may have saved the file. */
async function refuseEdited(root: string, { path, disk, from, to }: SurveyedPath): Promise<void> {
  const like = from ?? to
  const now = like === undefined ? disk : await readDisk(root, path, like.oid)
  const isSame = now.kind === disk.kind && (!('oid' in now) || !('oid' in disk) || now.oid === disk.oid)
  // A folder that was there at the survey may be gone because the files in it were removed a moment ago, by us.
  if (isSame || now.kind === 'nothing') return
  throw new ControlError('merge.stopped', `${showPath(path)} in ${root} was edited while an interrupted landing was mended, and that edit is kept`)
}

/** Sets the index entries of these paths to one side, removals first so that a file may become a folder. */
async function stageEntries(git: Git, checkout: string, paths: readonly SurveyedPath[], goal: Side): Promise<void> {
  const lines = paths.map((path) => {
    const entry = path[goal]
    return { removal: entry === undefined, line: entry === undefined ? `0 ${'0'.repeat(path.to?.oid.length ?? path.from?.oid.length ?? 40)}\t${path.path}\0` : `${entry.mode} ${entry.oid}\t${path.path}\0` }
  })
  const ordered = [...lines.filter(({ removal }) => removal), ...lines.filter(({ removal }) => !removal)]
  const stdin = Buffer.from(ordered.map(({ line }) => line).join(''), 'latin1')
  await gitInSource(git, checkout)(['update-index', '--replace', '-z', '--index-info'], { stdin })
}

/** Removes scratch files of a killed repair. */
export async function sweepRepair(git: Git, repo: LandingRepo, tag: string): Promise<void> {
  if (repo.checkout === null) return
  const paths = await readChanges(git, repo.checkout, repo)
  await sweepScratch(scratchOf(repo.checkout, tag), paths.map(({ path }) => path))
}
