import type { BranchName, LandingJournal, LandingOutcome, LandingRepo, MergeStrategy, Oid, RemoteTarget, RunId } from '@signalbox/core'
import type { SourceRef } from './git-ports.ts'

export interface LandingRequest {
  readonly source: SourceRef
  readonly branch: BranchName
  /** Target head, which is the snapshot's base. */
  readonly base: Oid
  readonly snapshotCommit: Oid
  readonly tree: Oid
  /** The agent's own commits that a landing keeps, oldest first; none where it keeps none. */
  readonly commits: readonly Oid[]
}

/** Where a landing writes down what it is about to do, fsynced before it returns. */
export interface JournalFile {
  write(journal: LandingJournal): Promise<void>
}

/** Lands approved snapshots in their targets, all or nothing (DESIGN 9). */
export interface Landing {
  /** Brings objects into the sources, creates and pins the commits. Moves no branch. */
  prepare(run: RunId, requests: readonly LandingRequest[], commit: { readonly message: string; readonly strategy: MergeStrategy }): Promise<readonly LandingRepo[]>
  /** Publishes one by one, rolling back on a refusal. The journal is on disk before the first target moves. */
  publish(journal: LandingJournal, file: JournalFile): Promise<LandingOutcome>
  /** Takes published repos back to `from` where nothing was built on top; refuses all when one cannot. */
  undo(journal: LandingJournal, file: JournalFile): Promise<LandingOutcome>
  /** Removes what a process that was killed before its journal left in a source: the locks of our own pins. */
  clear(run: RunId, source: SourceRef): Promise<void>
  /** Brings a journal left by a killed process to `done` or `undone`, or says exactly where it is stuck. */
  recover(journal: LandingJournal, file: JournalFile): Promise<LandingOutcome>
}

/** Speaks with the remotes that a source has (DESIGN 9), by the human's own ssh and credential helpers and without a question to them. */
export interface Remotes {
  /** Looks at a branch of a remote, the target there, and whether it has the base already. @throws ControlError `remote.not_found`, `remote.unreachable`, `repo.unreachable` */
  read(request: { readonly source: SourceRef; readonly remote: string; readonly branch: BranchName; readonly target: BranchName; readonly base: Oid }): Promise<RemoteTarget>
  /** Makes a branch there, or takes it forward from `from`, where what goes along is what was approved; it is pushed when the remote was seen to have exactly `to`. @throws ControlError as `read`: what the remote then has is not known */
  push(task: { readonly source: SourceRef; readonly remote: string; readonly branch: BranchName; readonly from: Oid | undefined; readonly to: Oid; readonly approved: { readonly base: Oid; readonly tree: Oid; readonly commits: readonly Oid[] } }): Promise<{ readonly pushed: true } | { readonly pushed: false; readonly because: string }>
  /** Returns the address of the pull request of the commit that was pushed to a branch, opened where there was none. @throws ControlError `forge.not_found`, `forge.failed` */
  openPullRequest(request: { readonly source: SourceRef; readonly head: BranchName; readonly commit: Oid; readonly base: BranchName; readonly title: string; readonly body: string }): Promise<string>
}
