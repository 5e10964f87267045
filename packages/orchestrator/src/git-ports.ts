import type {
  Advance,
  AgentHistory,
  AllowedFilter,
  BlamedCommit,
  BlamedLine,
  BranchName,
  DiffFile,
  FilterRequest,
  Isolation,
  Oid,
  RepoName,
  Reported,
  ReportedPath,
  RevertSearch,
  RunId,
  SourceChange,
  SourceFingerprint,
  SourceState,
  TargetFacts,
  Unsaved,
} from '@signalbox/core'

/** A registered source repository of the human: `path` is the absolute top level of the registered worktree. */
export interface SourceRef {
  readonly repo: RepoName
  readonly path: string
}

/** What registering a folder found out. */
export interface InspectedSource {
  readonly path: string
  /** Checked-out branch; null when HEAD is detached. */
  readonly branch: BranchName | null
  readonly branches: readonly BranchName[]
  /** Filter programs that may run for it: those that were asked for, as they are now, else those allowed before. */
  readonly filters: readonly AllowedFilter[]
}

/** Looks at the human's repositories; changes nothing. */
export interface Sources {
  /** @throws ControlError `repo.not_a_repository`, `repo.bare`, `repo.unborn`, `repo.shallow`, `repo.promisor`, `repo.filter_not_allowed`, `git.*` */
  inspect(path: string, filters?: readonly FilterRequest[], movedFrom?: string): Promise<InspectedSource>
  /** Whether a repository lies there at all, readable or not. @throws ControlError `repo.unreachable` when nobody can tell */
  isThere(source: SourceRef): boolean
  /** Those of some commits that a source does not hold. @throws ControlError `repo.unreachable` */
  findAbsent(source: SourceRef, commits: readonly Oid[]): Promise<readonly Oid[]>
  /** The first of these sources that is a checkout of the same repository as the one at `path`; undefined when none is. */
  findTwin(path: string, sources: readonly SourceRef[]): RepoName | undefined
  /** Filter programs that may run for a repository, on this machine. */
  listFilters(source: SourceRef): readonly AllowedFilter[]
  /** Notes them, in the place of those allowed before. */
  allowFilters(source: SourceRef, filters: readonly AllowedFilter[]): Promise<void>
  /** Head of a local branch; undefined when there is none. @throws ControlError `repo.unreachable` */
  readHead(source: SourceRef, branch: BranchName): Promise<Oid | undefined>
  /** State of the registered checkout, recorded at the start of a run, and a fingerprint of all that is its human's. @throws ControlError `repo.unreachable` */
  observe(source: SourceRef): Promise<{ readonly state: SourceState; readonly fingerprint: SourceFingerprint }>
  /** Everything the gate must know of a target. `round` is the change that would land there. */
  readTarget(source: SourceRef, branch: BranchName, round: { readonly base: Oid; readonly commit: Oid }): Promise<TargetFacts>
  /** Who last touched a line (from 1) of a file in a checkout of one of these sources. @throws ControlError `repo.not_found`, `file.not_found`, `file.binary`, `line.not_found`, `git.*` */
  blameLine(sources: readonly SourceRef[], file: string, line: number): Promise<BlamedLine>
  /** What a commit says of itself. @throws ControlError `repo.unreachable` where it cannot be read */
  readCommit(source: SourceRef, commit: Oid): Promise<Pick<BlamedCommit, 'parents' | 'trailers'>>
  /** How a branch came from one commit to a later one; undefined where not by commits of one parent each. @throws ControlError `repo.unreachable` */
  readAdvance(source: SourceRef, from: Oid, to: Oid): Promise<Advance | undefined>
}

/** The checkout of one repo in a run's workspace. */
export interface CheckoutRef {
  readonly run: RunId
  readonly source: SourceRef
  /** Absolute path of the working tree. */
  readonly path: string
  /** Whose git directory it belongs to: the run's own, or the source's. */
  readonly isolation: Isolation
}

/** What git reaches for beside a working tree. Absolute paths. */
export interface GitReach {
  /** The git directory it writes to; undefined where that is in the tree. */
  readonly gitDir: string | undefined
  /** Object folders it borrows from. */
  readonly stores: readonly string[]
}

/** Checkouts of runs (DESIGN 6). */
export interface Workspaces {
  /** Creates the checkout at `base` on branch `signalbox/<run>`: of a git directory that borrows the source's objects and is owned by the run, or linked to the source. Idempotent after a kill. */
  create(checkout: CheckoutRef, base: Oid, baseBranch: BranchName): Promise<void>
  /** Copies ignored files of the human's own checkout into a fresh one: all of those named that are there, or none. */
  bringFiles(checkout: CheckoutRef, base: Oid, paths: readonly string[]): Promise<{ readonly brought: readonly string[]; readonly missing: readonly string[]; readonly unignored: readonly string[]; readonly linked: readonly string[] }>
  /** Lets git in a checkout find its source where that was moved since. No process of the run may be alive. */
  follow(checkout: CheckoutRef): Promise<void>
  /** The same with the files of a snapshot on that base, all of them in the agent's index. */
  createWith(saved: SavedFiles, checkout: CheckoutRef, base: Oid, baseBranch: BranchName): Promise<void>
  /** What lies where a checkout was made: it, a link that leads to somebody else's, or nothing that can be one. */
  readPlace(checkout: CheckoutRef): 'there' | 'link' | 'gone'
  /**
   * Makes a private checkout anew at `base` and merges a change into it, with marks in what conflicts. What it held is in snapshots; ignored files are moved over. Once done, it
   * is not done again. Returns the paths in conflict, each with an id of what the merge left there.
   */
  merge(request: { readonly checkout: CheckoutRef; readonly base: Oid; readonly baseBranch: BranchName; readonly of: { readonly base: Oid; readonly commit: Oid }; readonly labels: { readonly base: string; readonly of: string } }): Promise<readonly { readonly path: string; readonly left: string | null }[]>
  /** Those of the conflicts that nobody settled: with marks in the file, or unmerged and as the merge left them. */
  findUnresolved(checkout: CheckoutRef, base: Oid, conflicts: readonly { readonly path: string; readonly left: string | null }[]): readonly string[]
  reachOfCheckout(checkout: CheckoutRef): GitReach
  reachOfCheckFolder(source: SourceRef): GitReach
  /** Resets a kept check folder to exactly this commit of the vault, keeping ignored files (installed dependencies); it gets a fresh `.git` of its own. */
  resetCheckFolder(source: SourceRef, path: string, commit: Oid): Promise<void>
  /** Tree id of what the check folder holds now, unignored files only. */
  readCheckTree(source: SourceRef, path: string): Promise<Oid>
  /** Takes a run's whole workspace folder away in one rename, then what is kept of its checkouts, in the sources too for those that are linked; snapshots and branches stay. `emptyTrash` deletes it. */
  discard(run: RunId, workspace: string, linked: readonly CheckoutRef[]): Promise<void>
  /** Takes a kept check folder away in one rename. */
  discardCheckFolder(folder: string): Promise<void>
  /** Whether a run has git directories or indexes here, though its workspace may be gone. */
  hasLeftovers(run: RunId): boolean
  /** Deletes what was taken away, also what a killed process left. */
  emptyTrash(): Promise<void>
  /** How many things wait to be deleted. */
  countTrash(): number
}

/** One saved repo of a snapshot, as far as its files go. */
export interface SavedFiles {
  readonly commit: Oid
  readonly exactTree?: Oid | undefined
  /** It was made in the vault: its files never lay on a disk, so they are written as the human's git would. */
  readonly isComputed?: boolean
}

export interface CapturedRepo {
  readonly commit: Oid
  readonly tree: Oid
  /** Tree of the bytes on disk, where they differ from what is stored. */
  readonly exactTree?: Oid
  readonly files: number
  readonly insertions: number
  readonly deletions: number
  readonly missing: readonly ReportedPath[]
  /** What a reviewer must know of though nothing is missing; undefined for nothing. */
  readonly reported?: readonly Reported[] | undefined
}

/** A stretch of a file as it would land: added lines and the few around them, so that what spans lines is seen whole. */
export interface AddedStretch {
  /** Number of its first line in the file, from 1. */
  readonly line: number
  readonly text: string
  /** Numbers of the lines that are new, as ranges with both ends in them, ascending. */
  readonly added: readonly (readonly [from: number, to: number])[]
}

/** What a change adds to one text file; no stretches where that is past a bound of the caller. */
export interface AddedText {
  readonly path: string
  readonly bytes: number
  readonly stretches: readonly AddedStretch[] | undefined
}

/** A file of a saved commit as lines can be counted in it; `unprintable` is binary, no UTF-8, or longer than anybody reads. */
export type SavedText = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unprintable' } | { readonly kind: 'missing' }

/** Saved states in our vaults (DESIGN 6). */
export interface Snapshots {
  /** Saves what lies in the checkout as snapshot `number` of its run, relative to `base`. The caller has stopped every process that writes there. */
  capture(checkout: CheckoutRef, base: Oid, number: number): Promise<CapturedRepo>
  /** A text for what differs from the last capture, another one whenever that is written again; undefined when nothing does. Processes may go on meanwhile. */
  noticeChanges(checkout: CheckoutRef, base: Oid): Promise<string | undefined>
  /** Lets go of snapshots that are not kept any more. */
  drop(source: SourceRef, run: RunId, numbers: readonly number[]): Promise<void>
  /** Writes the exact bytes of a snapshot into a folder that is empty or not there yet. */
  writeFiles(source: SourceRef, saved: SavedFiles, folder: string): Promise<void>
  /** Paths that differ now from the saved tree; empty when the checkout is gone. */
  changedSince(checkout: CheckoutRef, saved: { readonly commit: Oid; readonly tree: Oid; readonly exactTree?: Oid | undefined }): Promise<readonly string[]>
  /** What would be lost with a checkout, compared with a snapshot of it. @throws when any of it cannot be read */
  findUnsaved(checkout: CheckoutRef, snapshot: { readonly base: Oid; readonly commit: Oid }): Promise<Unsaved>
  /** Whether every object of the change can be read. */
  isReadable(source: SourceRef, base: Oid, commit: Oid): Promise<boolean>
  /** Where the change undoes exactly what a recent commit in the history of `base` did, and what there was too much of to tell. */
  findReverts(source: SourceRef, base: Oid, commit: Oid): Promise<RevertSearch>
  /** Reads the objects each time: for what decides. */
  diff(source: SourceRef, base: Oid, commit: Oid): Promise<{ readonly files: readonly DiffFile[]; readonly patch: string }>
  /** The same for people to read, from a copy that the first call keeps. */
  reopenDiff: Snapshots['diff']
  /** The agent's own commits that led to a captured snapshot, as they are in the vault. @throws ControlError `git.command_failed` where they cannot be read */
  readAgentHistory(source: SourceRef, saved: { readonly run: RunId; readonly number: number; readonly base: Oid; readonly commit: Oid }): Promise<AgentHistory>
  /** What a newer change is beyond an older one: where the base moved, the older one is computed on the newer base first, and `conflicts` names the paths where it does not fit. */
  interdiff(source: SourceRef, older: { readonly base: Oid; readonly commit: Oid }, newer: { readonly base: Oid; readonly commit: Oid }): Promise<{ readonly files: readonly DiffFile[]; readonly patch: string; readonly conflicts: readonly string[] }>
  /** What the change adds, file by file; `bounds` in bytes, of one file and of all together. Binary files and what only moved add nothing. */
  readAddedText(source: SourceRef, base: Oid, commit: Oid, bounds: { readonly file: number; readonly total: number }): Promise<readonly AddedText[]>
  /** The texts of files in a saved commit, in the order asked. */
  readTexts(source: SourceRef, commit: Oid, paths: readonly string[]): Promise<readonly SavedText[]>
  /** Puts a change on a commit that differs from its base in other paths only, so that every entry of it is as it was reviewed. @throws ControlError `merge.stopped` when it is not so */
  carry(source: SourceRef, change: { readonly base: Oid; readonly commit: Oid }, onto: Oid): Promise<CapturedRepo>
  listPaths(source: SourceRef, change: { readonly base: Oid; readonly commit: Oid }): Promise<readonly string[]>
  /** Whether two changes are the same patch, each on its own base: the proof that a refresh records. */
  isSameChange(source: SourceRef, one: { readonly base: Oid; readonly commit: Oid }, other: { readonly base: Oid; readonly commit: Oid }): Promise<boolean>
  /** Computes the change on a new base in the vault and saves it as snapshot `number`, or names the conflicting paths. */
  refresh(source: SourceRef, run: RunId, number: number, from: { readonly base: Oid; readonly commit: Oid; readonly exactTree?: Oid | undefined }, newBase: Oid): Promise<RefreshedRepo>
  /**
   * Computes a part of a change on its own base in the vault, and saves it as snapshot `number`. A path is a file, or with a slash at its end a folder; hunks are
   * numbered from 1 as its diff has them. @throws ControlError `input.invalid` for what is not in the change, or cannot go by itself
   */
  selectPart(source: SourceRef, run: RunId, number: number, of: { readonly base: Oid; readonly commit: Oid }, choice: 'all' | readonly { readonly path: string; readonly hunks: readonly number[] | undefined }[]): Promise<{ readonly captured: CapturedRepo; readonly leftOut: readonly { readonly path: string; readonly hunks: readonly number[] | null }[] }>
  /** Says in which paths what was built on top is in the way of taking a landing back on `onto`, and whether any of it is still there; nothing is saved. */
  previewTakeBack(source: SourceRef, landed: { readonly from: Oid; readonly to: Oid }, onto: Oid): Promise<{ readonly conflicts: readonly string[]; readonly changes: boolean }>
  /** Computes what takes a landing back on `onto`, a head of its target, and saves it as snapshot `number`, or names the conflicting paths. Nothing changes where nothing landed, or the head does not have it. */
  takeBack(source: SourceRef, run: RunId, number: number, landed: { readonly from: Oid; readonly to: Oid } | undefined, onto: Oid): Promise<RefreshedRepo>
  /** Runs `work` with a way to compute any number of merges, on trees only; what is written for it is thrown away afterwards. */
  withPreviews<T>(source: SourceRef, work: (preview: Preview) => Promise<T>): Promise<T>
}

/** One repo of a snapshot as the record of its run names it. */
export interface SavedRound {
  readonly run: RunId
  readonly number: number
  readonly base: Oid
  readonly commit: Oid
  readonly tree: Oid
}

/** A ref of ours in a source. */
export interface Pin {
  readonly ref: string
  readonly run: RunId
  readonly oid: Oid
}

/** A lock that nobody alive holds; `ours` lies where only we write. */
export interface LeftLock {
  readonly path: string
  readonly by: 'ours' | 'somebody'
}

/** Looks for damage in vaults, pins and locks, and mends it. Callers of what changes anything hold the state lock. */
export interface Care {
  /** The vault of a source, where it is there and git cannot open it. */
  findBrokenVault(source: SourceRef): Promise<string | undefined>
  /** Writes anew what git reads of such a vault before any object or ref, and touches none of those. @throws ControlError `git.command_failed` where that is not enough */
  mendVault(source: SourceRef): Promise<void>
  /** Those of the rounds of one source that its vault does not hold as they were saved. */
  findLostRounds(source: SourceRef, rounds: readonly SavedRound[]): Promise<readonly { readonly round: SavedRound; readonly lost: 'unreadable' | 'unreferenced' }[]>
  /** Moves what is damaged in the vault of a source out of the way, so that it can be read again. */
  setDamagedAside(source: SourceRef): Promise<void>
  /** Brings a round back from the source or the checkout it was captured from; says whether it can be read now. */
  restoreRound(checkout: CheckoutRef, round: SavedRound): Promise<boolean>
  listPins(source: SourceRef): Promise<readonly Pin[]>
  /** Pins a base of a run again. @throws when the source has it no more */
  pinBase(run: RunId, source: SourceRef, base: Oid): Promise<void>
  /** Whether a branch, tag or remote branch keeps what a pin keeps. */
  isKeptElsewhere(source: SourceRef, pin: Pin): Promise<boolean>
  removePin(source: SourceRef, pin: Pin): Promise<void>
  /** The pins of landings of a run whose commits a branch or tag keeps anyway. */
  findSparePins(source: SourceRef, run: RunId): Promise<readonly Pin[]>
  findLeftLocks(source: SourceRef): Promise<readonly LeftLock[]>
  removeLeftLock(source: SourceRef, lock: LeftLock): Promise<void>
}

/** Tells what became of the human's repositories while a run was on (DESIGN 6). The repositories are only read. */
export interface Tripwire {
  /** What to add to the environment of a run's agent, so that its git notes what it does where. */
  environment(run: RunId): Readonly<Record<string, string>>
  /** Keeps of what that git noted only what a comparison needs, before the first one; the notes have every argument in the clear. */
  digestTrace(run: RunId): Promise<void>
  /** What of a source is not as it was, and what shows that the run did it, which commits that were `landed` do not; `unread` says why parts could not be compared. @throws ControlError `repo.unreachable`, `git.*` */
  compare(checkout: CheckoutRef, before: SourceFingerprint, work: { readonly round: SavedChange | undefined; readonly landed: () => Promise<ReadonlySet<string>> }): Promise<ComparedSource>
  /** A source that a run has no checkout of, before it. @throws ControlError `repo.unreachable` where any part of it cannot be read */
  observeForeign(source: SourceRef): Promise<SourceFingerprint>
  /** The same as `compare` for such a source, by what the run left in its own repos. @throws ControlError `repo.unreachable`, `git.*` */
  compareForeign(run: RunId, source: SourceRef, before: SourceFingerprint, work: { readonly own: readonly OwnCheckout[]; readonly landed: () => Promise<ReadonlySet<string>> }): Promise<ComparedSource>
  /** Those changes that are still there (while a look fails, all), the refs that worktrees are on now, and what the source does not have any more of what they stood for. @throws ControlError `repo.unreachable` */
  findStanding(source: SourceRef, changes: readonly SourceChange[]): Promise<{ readonly changes: readonly SourceChange[]; readonly checkedOut: readonly string[]; readonly gone: readonly string[] }>
  /** Copies changed files from the sources into the checkouts, or none in any. @throws ControlError `record.changed_underneath`, `input.invalid` */
  takeFiles(taken: readonly TakenFiles[]): Promise<void>
}

/** A change as it was saved, with the bytes that lay on disk where git stores others. */
type SavedChange = { readonly base: Oid; readonly commit: Oid; readonly exactTree?: Oid | undefined }

export interface ComparedSource {
  readonly changes: readonly SourceChange[]
  /** Why parts could not be compared; null when all were. */
  readonly unread: string | null
}

/** One repo of a run: the commit its work is made on, and what is saved of that, if anything. */
export interface OwnCheckout {
  readonly checkout: CheckoutRef
  readonly base: Oid
  readonly saved: SavedChange | undefined
}

/** Files of one source, with other changes among them, that go into a checkout of it. */
export interface TakenFiles {
  readonly checkout: CheckoutRef
  readonly changes: readonly SourceChange[]
}

/** Computes a change on a commit, or on the tree that another preview gave. */
export type Preview = (change: { readonly base: Oid; readonly commit: Oid }, onto: Oid) => Promise<MergePreview>

export type MergePreview = { readonly kind: 'clean'; readonly tree: Oid } | { readonly kind: 'conflict'; readonly paths: readonly string[] }

export type RefreshedRepo =
  | { readonly kind: 'clean'; readonly captured: CapturedRepo; /** The author's own change is the same patch as before. */ readonly sameChange: boolean }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }
