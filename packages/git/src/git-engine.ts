import type { Advance, AgentHistory, AllowedFilter, BlamedCommit, BlamedLine, BranchName, FilterRequest, Oid, RemoteTarget, RepoName, RevertSearch, RunId, SourceChange, SourceFingerprint, TargetFacts } from '@signalbox/core'
import { programsHere, type RunProgram } from '@signalbox/programs'
import { carry, readAdvance } from './advance.ts'
import { readAddedText, type AddedText, type TextBounds } from './added-text.ts'
import { readAgentHistory, type SavedStep } from './agent-history.ts'
import { bringFiles, type BroughtFiles } from './bring-files.ts'
import { blameLine, readCommitOf } from './blame.ts'
import { capture, changedSince, isReadable, type SavedState } from './capture.ts'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { readCheckTree, resetCheckFolder } from './check-folder.ts'
import { readPlace, type CheckoutPlace } from './checkout-place.ts'
import { diff, type ChangeDiff } from './diff.ts'
import { discardCheckFolder, discardWorkspace, hasLeftovers } from './discard.ts'
import { createGit } from './exec.ts'
import { createFilters, guardFilters } from './filters.ts'
import { followSource } from './follow-source.ts'
import { withRoom } from './full-disk.ts'
import type { Environment } from './human-settings.ts'
import { openPullRequest, type PullRequest } from './gh.ts'
import { digestTrace, traceEnvironment } from './git-trace.ts'
import { inspect, type InspectedSource } from './inspect.ts'
import { interdiff, type Interdiff } from './interdiff.ts'
import { reopenDiff } from './kept-diff.ts'
import type { Failpoint } from './landing-journal.ts'
import { createLanding, type Landing } from './landing.ts'
import { observeSource, type ObservedSource } from './fingerprint.ts'
import { layoutOf } from './layout.ts'
import { findLeftLocks, removeLeftLock, type LeftLock } from './lock-care.ts'
import { findLostRounds, type LostRound, type SavedRound } from './lost-rounds.ts'
import { findUnresolved, mergeIntoCheckout, type LeftConflict, type MergeCheckoutRequest } from './merge-checkout.ts'
import type { MergePreview } from './merge-preview.ts'
import { findSparePins, isKeptElsewhere, listPins, pinAgain, removePin, type Pin } from './pin-care.ts'
import { withPreviews, type Preview } from './previews.ts'
import { pushCommit, type PushEnd, type PushTask } from './push.ts'
import { reachOfCheckFolder, reachOfCheckout, type GitReach } from './git-reach.ts'
import { showPath } from './raw-diff.ts'
import { isSameChange, refresh, type RefreshedRepo, type RefreshRequest } from './refresh.ts'
import { readRemote, type RemoteRequest } from './remote.ts'
import { restoreRound, setDamagedAside } from './restore-round.ts'
import type { CapturedRepo } from './save-tree.ts'
import { findReverts } from './reverts.ts'
import { selectPart, type Choice, type SelectedPart } from './select-part.ts'
import { readSavedTexts, type SavedText } from './saved-texts.ts'
import { findAbsent, isThere, readHead } from './source.ts'
import type { CheckoutRef, SourceRef } from './source-ref.ts'
import { noticeChanges } from './notice.ts'
import { writeFiles, type SavedFiles } from './saved-files.ts'
import { dropRefs } from './snapshot-ref.ts'
import { previewTakeBack, takeBack, type LandedMove, type TakeBackPreview } from './take-back.ts'
import { takeFiles, type TakenFiles } from './take-files.ts'
import { readTarget } from './target.ts'
import { countTrash, emptyTrash } from './trash.ts'
import { findUnsaved, type Unsaved } from './unsaved.ts'
import { compareForeign, compareSource, findStanding, observeForeign, type ComparedSource, type ForeignWork, type OwnWork, type Standing } from './tripwire.ts'
import { findTwin } from './twin.ts'
import { createVaults } from './vault.ts'
import { findBrokenVault, mendVault } from './vault-care.ts'
import { createWorkspace, removeWorkspace } from './workspace.ts'

/** Looks at the human's repositories; changes nothing. */
export interface Sources {
  /** `filters`: programs the human allows to run for it, in the place of those allowed before. `movedFrom`: where it was. Nothing is noted yet. */
  inspect(path: string, filters?: readonly FilterRequest[], movedFrom?: string): Promise<InspectedSource>
  /** Whether a repository lies there at all. */
  isThere(source: SourceRef): boolean
  /** Those of some commits that a source does not hold. */
  findAbsent(source: SourceRef, commits: readonly Oid[]): Promise<readonly Oid[]>
  /** The first of these sources that is a checkout of the same repository as the one at `path`; undefined when none is. */
  findTwin(path: string, sources: readonly SourceRef[]): RepoName | undefined
  listFilters(source: SourceRef): readonly AllowedFilter[]
  /** Notes which filter programs may run for a repository, on this machine. */
  allowFilters(source: SourceRef, filters: readonly AllowedFilter[]): Promise<void>
  readHead(source: SourceRef, branch: BranchName): Promise<Oid | undefined>
  observe(source: SourceRef): Promise<ObservedSource>
  readTarget(source: SourceRef, branch: BranchName, round: Change): Promise<TargetFacts>
  blameLine(sources: readonly SourceRef[], file: string, line: number): Promise<BlamedLine>
  readCommit(source: SourceRef, commit: Oid): Promise<Pick<BlamedCommit, 'parents' | 'trailers'>>
  /** How a branch came from one commit to a later one; undefined where not by commits of one parent each. */
  readAdvance(source: SourceRef, from: Oid, to: Oid): Promise<Advance | undefined>
}

/** Private checkouts of runs, and the folders checks run in. */
export interface Workspaces {
  create(checkout: CheckoutRef, base: Oid, baseBranch: BranchName): Promise<void>
  /** The same with the files of a snapshot on that base. */
  createWith(saved: SavedFiles, checkout: CheckoutRef, base: Oid, baseBranch: BranchName): Promise<void>
  /** Lets a checkout whose source was moved find it again. */
  follow(checkout: CheckoutRef): Promise<void>
  /** Copies ignored files of the human's own checkout into a fresh one: all of those named that are there, or none. */
  bringFiles(checkout: CheckoutRef, base: Oid, paths: readonly string[]): Promise<BroughtFiles>
  remove(checkout: CheckoutRef): Promise<void>
  /** What lies where a checkout was made. */
  readPlace(checkout: CheckoutRef): CheckoutPlace
  /** Makes a private checkout anew and merges a change into it, conflicts and all. */
  merge(request: MergeCheckoutRequest): Promise<readonly LeftConflict[]>
  /** Those of its conflicts that nobody settled. */
  findUnresolved(checkout: CheckoutRef, base: Oid, conflicts: readonly LeftConflict[]): readonly string[]
  /** What git reaches for beside the tree of a checkout. */
  reachOfCheckout(checkout: CheckoutRef): GitReach
  /** The same of a kept check folder. */
  reachOfCheckFolder(source: SourceRef): GitReach
  resetCheckFolder(source: SourceRef, path: string, commit: Oid): Promise<void>
  readCheckTree(source: SourceRef, path: string): Promise<Oid>
  /** Takes a run's whole workspace folder away in one rename, and what is kept of its checkouts; `emptyTrash` deletes it. */
  discard(run: RunId, workspace: string, linked: readonly CheckoutRef[]): Promise<void>
  /** Takes a kept check folder away in one rename; `emptyTrash` deletes it. */
  discardCheckFolder(folder: string): Promise<void>
  /** Says whether a run has git directories or indexes here, though its workspace may be gone. */
  hasLeftovers(run: RunId): boolean
  /** Deletes what was taken away, also what a killed process left. */
  emptyTrash(): Promise<void>
  /** How many things wait to be deleted. */
  countTrash(): number
}

/** Saved states of checkouts in our vaults. */
export interface Snapshots {
  capture(checkout: CheckoutRef, base: Oid, number: number): Promise<CapturedRepo>
  changedSince(checkout: CheckoutRef, saved: SavedState): Promise<readonly string[]>
  /** A text for what differs from the last capture, another one whenever that is written again; undefined when nothing does. */
  noticeChanges(checkout: CheckoutRef, base: Oid): Promise<string | undefined>
  /** Lets go of snapshots that are not kept any more. */
  drop(source: SourceRef, run: RunId, numbers: readonly number[]): Promise<void>
  /** Writes the exact bytes of a snapshot into an empty folder. */
  writeFiles(source: SourceRef, saved: SavedFiles, folder: string): Promise<void>
  /** What would be lost with a checkout, compared with a snapshot of it. */
  findUnsaved(checkout: CheckoutRef, snapshot: Change): Promise<Unsaved>
  isReadable(source: SourceRef, base: Oid, commit: Oid): Promise<boolean>
  findReverts(source: SourceRef, base: Oid, commit: Oid): Promise<RevertSearch>
  /** Reads the objects each time. */
  diff(source: SourceRef, base: Oid, commit: Oid): Promise<ChangeDiff>
  /** The same, from a copy that the first call keeps: no git is started for it again. */
  reopenDiff(source: SourceRef, base: Oid, commit: Oid): Promise<ChangeDiff>
  /** The agent's own commits that led to a captured snapshot. */
  readAgentHistory(source: SourceRef, saved: SavedStep): Promise<AgentHistory>
  /** What a newer change is beyond an older one, also where its base moved. */
  interdiff(source: SourceRef, older: Change, newer: Change): Promise<Interdiff>
  /** What a change would give on another commit: nothing is saved. */
  preview(source: SourceRef, change: Change, onto: Oid): Promise<MergePreview>
  readAddedText(source: SourceRef, base: Oid, commit: Oid, bounds: TextBounds): Promise<readonly AddedText[]>
  /** The texts of files in a saved commit, in the order asked. */
  readTexts(source: SourceRef, commit: Oid, paths: readonly string[]): Promise<readonly SavedText[]>
  /** Puts a change on a commit that differs from its base in other paths only; no ref knows it. */
  carry(source: SourceRef, change: Change, onto: Oid): Promise<CapturedRepo>
  /** The paths of a change, as people read them. */
  listPaths(source: SourceRef, change: Change): Promise<readonly string[]>
  /** Whether two changes are the same patch, each on its own base. */
  isSameChange(source: SourceRef, one: Change, other: Change): Promise<boolean>
  refresh(source: SourceRef, run: RunId, number: number, from: RefreshRequest['from'], newBase: Oid): Promise<RefreshedRepo>
  /** Saves a part of a change on its own base as snapshot `number` of a run. */
  selectPart(source: SourceRef, run: RunId, number: number, of: Change, choice: Choice): Promise<SelectedPart>
  /** What taking a landing back would give there: nothing is saved. */
  previewTakeBack(source: SourceRef, landed: LandedMove, onto: Oid): Promise<TakeBackPreview>
  /** What takes a landing back on a target as it is now; nothing where nothing landed. */
  takeBack(source: SourceRef, run: RunId, number: number, landed: LandedMove | undefined, onto: Oid): Promise<RefreshedRepo>
  /** Runs `work` with a way to compute any number of merges; nothing is saved. */
  withPreviews<T>(source: SourceRef, work: (preview: Preview) => Promise<T>): Promise<T>
}

/** Looks for damage in what is ours, and mends it. Callers of what changes anything hold a lock. */
export interface Care {
  /** The vault of a source, where it is there and git cannot open it. */
  findBrokenVault(source: SourceRef): Promise<string | undefined>
  /** Writes anew what git reads of such a vault before any object or ref, and touches none of those. @throws ControlError `git.command_failed` where that is not enough */
  mendVault(source: SourceRef): Promise<void>
  /** Those of the rounds of one source that its vault does not hold as they were saved. */
  findLostRounds(source: SourceRef, rounds: readonly SavedRound[]): Promise<readonly LostRound[]>
  /** Moves what is damaged in the vault of a source out of the way, so that it can be read again. */
  setDamagedAside(source: SourceRef): Promise<void>
  /** Brings a round back from the source or the checkout it was captured from; says whether it can be read now. */
  restoreRound(checkout: CheckoutRef, round: SavedRound): Promise<boolean>
  listPins(source: SourceRef): Promise<readonly Pin[]>
  /** Pins a base of a run again. @throws ControlError `snapshot.not_found` when the source has it no more */
  pinBase(run: RunId, source: SourceRef, base: Oid): Promise<void>
  isKeptElsewhere(source: SourceRef, pin: Pin): Promise<boolean>
  /** The pins of landings of a run whose commits a branch or tag keeps anyway. */
  findSparePins(source: SourceRef, run: RunId): Promise<readonly Pin[]>
  removePin(source: SourceRef, pin: Pin): Promise<void>
  /** Locks that nobody alive holds. */
  findLeftLocks(source: SourceRef): Promise<readonly LeftLock[]>
  removeLeftLock(source: SourceRef, lock: LeftLock): Promise<void>
}

/** Tells what became of the human's repositories while a run was on. */
export interface Tripwire {
  environment(run: RunId): Readonly<Record<string, string>>
  /** Keeps of what the run's git noted only what a comparison needs; before the first one. */
  digestTrace(run: RunId): Promise<void>
  compare(checkout: CheckoutRef, before: SourceFingerprint, work: OwnWork): Promise<ComparedSource>
  /** Looks at a source that a run has no checkout of, before it; `compareForeign` compares that with how it is then. */
  observeForeign(source: SourceRef): Promise<SourceFingerprint>
  compareForeign(run: RunId, source: SourceRef, before: SourceFingerprint, work: ForeignWork): Promise<ComparedSource>
  findStanding(source: SourceRef, changes: readonly SourceChange[]): Promise<Standing>
  takeFiles(taken: readonly TakenFiles[]): Promise<void>
}

/** Speaks with the remotes that a source has, by the human's own ssh and credential helpers. */
export interface Remotes {
  read(request: RemoteRequest): Promise<RemoteTarget>
  push(task: PushTask): Promise<PushEnd>
  openPullRequest(request: PullRequest): Promise<string>
}

export interface GitEngine {
  readonly care: Care
  readonly sources: Sources
  readonly workspaces: Workspaces
  readonly snapshots: Snapshots
  readonly tripwire: Tripwire
  readonly landing: Landing
  readonly remotes: Remotes
}

export interface GitEngineOptions {
  /** Folder, outside every repository, for vaults and what belongs to runs. */
  readonly stateDir: string
  /** Environment of the human: HOME, their git settings and PATH. Default: that of this process. */
  readonly env?: Environment
  /** What starts git. Default: this process itself. */
  readonly runProgram?: RunProgram
  /** Called at every named moment of a landing; tests end or disturb it there. */
  readonly failpoint?: Failpoint
}

/** Creates the worktree engine. Nothing is read or started before the first call. */
export function createGitEngine({ stateDir, env = process.env, runProgram = programsHere.run, failpoint }: GitEngineOptions): GitEngine {
  const door = createGit({ env, runProgram })
  const layout = layoutOf(stateDir)
  const filters = createFilters({ git: door, env, file: layout.filters })
  const git = guardFilters(door, filters)
  const vaults = createVaults(git, layout)
  const tools = { git, layout, vaults, filters, env }
  const writing = <T>(source: SourceRef, work: () => Promise<T>): Promise<T> => withRoom({ stateDir, vault: layout.vault(source.repo) }, work)
  return {
    sources: {
      inspect: (folder, asked, movedFrom) => inspect(tools, { folder, asked, movedFrom }),
      isThere,
      findAbsent: (source, commits) => findAbsent(git, source, commits),
      findTwin: (path, sources) => findTwin(path, sources),
      listFilters: ({ path }) => filters.list(path),
      allowFilters: ({ path }, allowed) => filters.allow(path, allowed),
      readHead: (source, branch) => readHead(git, source, branch),
      observe: (source) => observeSource(git, source),
      readTarget: (source, branch, round) => readTarget(tools, { source, branch, round }),
      blameLine: (sources, file, line) => blameLine(git, sources, { file, line }),
      readCommit: (source, commit) => readCommitOf(git, source, commit),
      readAdvance: (source, from, to) => readAdvance(git, source, from, to),
    },
    workspaces: {
      create: (checkout, base, baseBranch) => writing(checkout.source, () => createWorkspace(tools, checkout, { base, baseBranch, saved: undefined })),
      createWith: (saved, checkout, base, baseBranch) => writing(checkout.source, () => createWorkspace(tools, checkout, { base, baseBranch, saved })),
      follow: (checkout) => followSource(tools, checkout),
      bringFiles: (checkout, base, paths) => bringFiles(tools, checkout, base, paths),
      remove: (checkout) => removeWorkspace(layout, checkout),
      readPlace: ({ path }) => readPlace(path),
      merge: (request) => writing(request.checkout.source, () => mergeIntoCheckout(tools, stateDir, request)),
      findUnresolved: (checkout, base, conflicts) => findUnresolved(layout, checkout, base, conflicts),
      reachOfCheckout: (checkout) => reachOfCheckout(layout, checkout),
      reachOfCheckFolder: (source) => reachOfCheckFolder(layout, source),
      resetCheckFolder: (source, path, commit) => writing(source, () => resetCheckFolder(tools, source, path, commit)),
      readCheckTree: (source, path) => readCheckTree(tools, source, path),
      discard: (run, workspace, linked) => discardWorkspace(layout, stateDir, { run, workspace, linked }),
      discardCheckFolder: (folder) => discardCheckFolder(layout, stateDir, folder),
      hasLeftovers: (run) => hasLeftovers(layout, run),
      emptyTrash: () => emptyTrash(stateDir),
      countTrash: () => countTrash(stateDir),
    },
    snapshots: {
      capture: (checkout, base, number) => writing(checkout.source, () => capture(tools, checkout, base, number)),
      changedSince: (checkout, saved) => changedSince(tools, checkout, saved),
      noticeChanges: async (checkout, base) => noticeChanges(layout, await vaults.open(checkout.source), checkout, base),
      drop: async (source, run, numbers) => dropRefs(await vaults.open(source), run, numbers),
      writeFiles: (source, saved, folder) => writeFiles(tools, source, saved, folder),
      findUnsaved: (checkout, snapshot) => findUnsaved(tools, checkout, snapshot),
      isReadable: async (source, base, commit) => isReadable(await vaults.open(source), { base, commit }),
      findReverts: async (source, base, commit) => findReverts(await vaults.open(source), { base, commit }),
      diff: async (source, base, commit) => diff(await vaults.open(source), layout.work, { base, commit }),
      reopenDiff: async (source, base, commit) => reopenDiff(await vaults.open(source), layout.work, { base, commit }),
      readAgentHistory: async (source, saved) => readAgentHistory(await vaults.open(source), saved),
      interdiff: async (source, older, newer) => interdiff(await vaults.open(source), layout.work, older, newer),
      preview: async (source, change, onto) => withPreviews(await vaults.open(source), (preview) => preview(change, onto)),
      readAddedText: async (source, base, commit, bounds) => readAddedText(await vaults.open(source), { base, commit }, bounds),
      readTexts: async (source, commit, paths) => readSavedTexts(await vaults.open(source), commit, paths),
      carry: (source, change, onto) => writing(source, async () => carry(await vaults.open(source), change, onto)),
      listPaths: async (source, change) => filesOf(await readChangeList(await vaults.open(source), change)).map(({ path }) => showPath(path)),
      isSameChange: (source, one, other) => isSameChange(tools, source, one, other),
      refresh: (source, run, number, from, newBase) => writing(source, () => refresh(tools, { source, run, number, from, newBase })),
      selectPart: (source, run, number, of, choice) => writing(source, async () => selectPart(await vaults.open(source), { run, number, of, choice })),
      previewTakeBack: async (source, landed, onto) => previewTakeBack(await vaults.open(source), landed, onto),
      takeBack: (source, run, number, landed, onto) => writing(source, () => takeBack(tools, { source, run, number, landed, onto })),
      withPreviews: async (source, work) => withPreviews(await vaults.open(source), work),
    },
    care: {
      findBrokenVault: (source) => findBrokenVault(tools, source),
      mendVault: (source) => mendVault(tools, source),
      findLostRounds: async (source, rounds) => findLostRounds(await vaults.open(source), rounds),
      setDamagedAside: async (source) => setDamagedAside(await vaults.open(source)),
      restoreRound: (checkout, round) => writing(checkout.source, () => restoreRound(tools, checkout, round)),
      listPins: (source) => listPins(git, source),
      pinBase: (run, source, base) => pinAgain(git, source, run, base),
      isKeptElsewhere: (source, pin) => isKeptElsewhere(git, source, pin),
      findSparePins: (source, run) => findSparePins(git, source, run),
      removePin: (source, pin) => removePin(git, source, pin),
      findLeftLocks: (source) => findLeftLocks(layout, source),
      removeLeftLock: (source, lock) => removeLeftLock(layout, source, lock),
    },
    tripwire: {
      environment: (run) => traceEnvironment(layout, run),
      digestTrace: (run) => digestTrace(layout, run),
      compare: (checkout, before, work) => compareSource(tools, checkout, before, work),
      observeForeign: (source) => observeForeign(tools, source),
      compareForeign: (run, source, before, work) => compareForeign(tools, run, source, before, work),
      findStanding: (source, changes) => findStanding(tools, source, changes),
      takeFiles: async (taken) => takeFiles(taken),
    },
    landing: createLanding({ git, env, filters, vaults, ...(failpoint === undefined ? {} : { failpoint }) }),
    remotes: {
      read: (request) => readRemote(git, request),
      push: (task) => pushCommit(git, task),
      openPullRequest: (request) => openPullRequest({ env, runProgram }, request),
    },
  }
}
