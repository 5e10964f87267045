import { messageOf, type BranchName, type Busy, type CheckoutFacts, type Known, type Oid, type TargetFacts } from '@signalbox/core'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { findForeignFilter } from './foreign-filter.ts'
import { findInTheWay } from './in-the-way.ts'
import type { InspectTools } from './inspect.ts'
import { findHoldOn, findLocks, findOperations, listWorktreeDirs, readWorktreePath } from './operation.ts'
import { withPreviews } from './previews.ts'
import { showPath, type RawChange } from './raw-diff.ts'
import { splitNames } from './scan.ts'
import { gitInSource, reach, unreachable, type GitHere, type SourceRef } from './source-ref.ts'
import { readHead } from './source.ts'
import { readStatus, type Status } from './status.ts'
import { findTrap } from './traps.ts'
import type { Vault, Vaults } from './vault.ts'
import { listCheckouts, type BranchCheckout } from './worktrees.ts'

export interface TargetRequest {
  readonly source: SourceRef
  readonly branch: BranchName
  /** The change that would land there. */
  readonly round: Change
}

type TargetTools = InspectTools & { readonly vaults: Vaults }

/**
 * Returns everything the gate must know of a target, changing nothing there. The usual case, a branch checked out
 * in the registered folder and not moved, takes two git processes at the same time. A round that cannot be read leaves
 * `unread` what depends on it.
 * @throws ControlError `repo.unreachable`, `repo.filter_not_allowed` where landing there would run such a program, `git.*`
 */
export function readTarget(tools: TargetTools, { source, branch, round }: TargetRequest): Promise<TargetFacts> {
  const { git } = tools
  return reach(source, async () => {
    refuseTraps(source)
    // The longest first: each start of a process holds up the next.
    const [statusHere, checkouts, change] = await Promise.all([readStatus(git, source.path), listCheckouts(git, source.path, branch), lookAtRound(() => openRound(tools, source, round))])
    const [checkout] = checkouts
    const head = checkout?.head ?? (await readHead(git, source, branch))
    const status = checkout === undefined || checkout.path === source.path ? statusHere : await readStatus(git, checkout.path)
    const moved = head !== undefined && head !== round.base
    const fit = change.known ? await lookAtRound(() => readFit(tools, change.value, { round, checkout: checkout?.path, onto: moved ? head : undefined })) : change
    if (fit.known && fit.value.foreign !== undefined) throw fit.value.foreign
    const changes = change.known ? filesOf(change.value.changes) : []
    return {
      head,
      checkout: checkout === undefined ? undefined : checkoutFacts(checkout.path, status, await readInTheWay(gitInSource(git, checkout.path), { root: checkout.path, changes, moved })),
      busy: findBusy(source, branch, checkouts),
      conflicts: fit.known ? fit.value.conflicts : [],
      ...(fit.known ? {} : { unread: fit.because }),
    }
  })
}

/** Looks at the round, in the vault. What fails there says nothing of the source, which is as it is. */
async function lookAtRound<T>(look: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await look() }
  } catch (error) {
    return { known: false, because: messageOf(error) }
  }
}

interface OpenRound {
  readonly vault: Vault
  readonly changes: readonly RawChange[]
}

async function openRound({ vaults }: TargetTools, source: SourceRef, round: Change): Promise<OpenRound> {
  const vault = await vaults.open(source)
  return { vault, changes: await readChangeList(vault, round) }
}

interface Landing {
  readonly round: Change
  /** Where the target is checked out. */
  readonly checkout: string | undefined
  /** The head of a target that moved. */
  readonly onto: Oid | undefined
}

/** Tells which filter program that may not run would run at a landing, and what would conflict with a target that moved. */
async function readFit(tools: TargetTools, { vault }: OpenRound, { round, checkout, onto }: Landing): Promise<{ readonly foreign: Error | undefined; readonly conflicts: readonly string[] }> {
  const foreign = checkout === undefined ? undefined : await findForeignFilter(tools, { checkout, commits: [round.base, round.commit], objects: vault.git })
  const merged = onto === undefined || foreign !== undefined ? undefined : await withPreviews(vault, (preview) => preview(round, onto))
  return { foreign, conflicts: merged?.kind === 'conflict' ? merged.paths : [] }
}

/** Git would wait where an agent laid a pipe, and with it whoever holds the state lock. */
function refuseTraps(source: SourceRef): void {
  const gitDir = readGitDir(source.path)
  const trap = findTrap({ checkout: source.path, gitDir, commonDir: readCommonDir(gitDir) })
  if (trap !== undefined) throw unreachable(source, trap)
}

interface Way {
  readonly root: string
  readonly changes: readonly RawChange[]
  readonly moved: boolean
}

/** Names what git does not track and the change would write over. The base does not know what a moved target tracks by now, so git is asked. */
async function readInTheWay(here: GitHere, { root, changes, moved }: Way): Promise<readonly string[]> {
  const found = findInTheWay(root, changes)
  if (!moved || found.length === 0) return found
  const tracked = new Set(splitNames((await here(['ls-files', '-z'])).stdout))
  return found.filter((path) => !tracked.has(path))
}

function checkoutFacts(path: string, { staged, unstaged, untracked, conflicted, announced, submodules }: Status, inTheWay: readonly string[]): CheckoutFacts {
  const known = new Set([...staged, ...unstaged])
  const names = new Set(untracked)
  const folders = untracked.filter((name) => name.endsWith('/')) // repositories of their own, which git does not look into
  const isUntracked = (each: string): boolean => names.has(each) || folders.some((folder) => `${each}/`.startsWith(folder))
  return {
    path,
    staged: staged.map(showPath),
    unstaged: unstaged.map(showPath),
    untracked: untracked.map(showPath),
    untrackedInTheWay: inTheWay.filter(isUntracked).map(showPath),
    ignoredInTheWay: inTheWay.filter((each) => !isUntracked(each) && !known.has(each)).map(showPath),
    conflicted: conflicted.map(showPath),
    announced: announced.map(showPath),
    submodules: submodules.map(showPath),
  }
}

/** Returns what is under way that involves the branch; empty when nothing is. */
function findBusy(source: SourceRef, branch: BranchName, checkouts: readonly BranchCheckout[]): readonly Busy[] {
  const own = readGitDir(source.path)
  const commonDir = readCommonDir(own)
  const gitDirs = checkouts.map(({ path }) => ({ path, gitDir: readGitDir(path) }))
  const here = gitDirs.flatMap(({ path, gitDir }) => findOperations(gitDir).map((operation) => operationOf(`${operation} in ${path}`)))
  const elsewhere = listWorktreeDirs(commonDir)
    .filter((gitDir) => gitDirs.every((each) => each.gitDir !== gitDir))
    .flatMap((gitDir) => findHoldOn(gitDir, branch).map((operation) => operationOf(`${operation} of ${branch} in ${gitDir === own ? source.path : readWorktreePath(commonDir, gitDir)}`)))
  const locks = findLocks(commonDir, branch, gitDirs[0]?.gitDir).map((path): Busy => ({ kind: 'lock', path }))
  const twice: readonly Busy[] = checkouts.length > 1 ? [{ kind: 'checkouts', paths: checkouts.map(({ path }) => path) }] : []
  return [...here, ...elsewhere, ...locks, ...twice]
}

function operationOf(what: string): Busy {
  return { kind: 'operation', what }
}
