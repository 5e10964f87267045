import type { Advance, AgentHistory, AllowedFilter, BlamedCommit, BlamedLine, BranchName, FilterRequest, Oid, RemoteTarget, RepoName, RevertSearch, RunId, SourceChange, SourceFingerprint, TargetFacts } from '@signalbox/core'
import type { AddedText, TextBounds } from './added-text.ts'
import type { SavedStep } from './agent-history.ts'
import type { BroughtFiles } from './bring-files.ts'
import type { SavedState } from './capture.ts'
import type { Change } from './change-list.ts'
import type { CheckoutPlace } from './checkout-place.ts'
import type { ChangeDiff } from './diff.ts'
import type { PullRequest } from './gh.ts'
import type { InspectedSource } from './inspect.ts'
import type { Interdiff } from './interdiff.ts'
import type { Landing } from './landing.ts'
import type { ObservedSource } from './fingerprint.ts'
import type { LeftLock } from './lock-care.ts'
import type { LostRound, SavedRound } from './lost-rounds.ts'
import type { LeftConflict, MergeCheckoutRequest } from './merge-checkout.ts'
import type { MergePreview } from './merge-preview.ts'
import type { Pin } from './pin-care.ts'
import type { Preview } from './previews.ts'
import type { PushEnd, PushTask } from './push.ts'
import type { GitReach } from './git-reach.ts'
import type { RefreshedRepo, RefreshRequest } from './refresh.ts'
import type { RemoteRequest } from './remote.ts'
import type { CapturedRepo } from './save-tree.ts'
import type { Choice, SelectedPart } from './select-part.ts'
import type { SavedText } from './saved-texts.ts'
import type { CheckoutRef, SourceRef } from './source-ref.ts'
import type { SavedFiles } from './saved-files.ts'
import type { LandedMove, TakeBackPreview } from './take-back.ts'
import type { TakenFiles } from './take-files.ts'
import type { Unsaved } from './unsaved.ts'
import type { ComparedSource, ForeignWork, OwnWork, Standing } from './tripwire.ts'

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

/** The worktree engine, by what it is asked about. */
export interface GitEngine {
  readonly care: Care
  readonly sources: Sources
  readonly workspaces: Workspaces
  readonly snapshots: Snapshots
  readonly tripwire: Tripwire
  readonly landing: Landing
  readonly remotes: Remotes
}
