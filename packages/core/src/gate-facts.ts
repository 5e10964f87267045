import type { Receipt } from './check.ts'
import type { KeptFacts } from './gate-keep.ts'
import type { RevertSearch } from './gate-reverts.ts'
import type { BranchName, HandoffId, Oid, RepoName, RunId, SnapshotId, TaskId } from './ids.ts'
import type { ReportedPath } from './snapshot.ts'
import type { SourceChange } from './source-change.ts'
import type { SecretScan } from './gate-secrets.ts'
import type { OpenFinding } from './gate-findings.ts'
import type { OwnAdvance } from './advance.ts'
import type { QuestionId } from './question.ts'
import type { Approval } from './run-event.ts'
import type { MergeStrategy } from './strategy.ts'
import type { JudgedWaiver } from './waiver.ts'

/** What a look returned, or that the look failed. A failed look is never a clean look. */
export type Known<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly because: string }

/** Dirt of the checkout that holds a target branch, by kind; paths relative to the repository. */
export interface CheckoutFacts {
  /** Absolute path of the worktree. */
  readonly path: string
  readonly staged: readonly string[]
  readonly unstaged: readonly string[]
  readonly untracked: readonly string[]
  /** Untracked paths that the landing would write over. Subset of `untracked`. */
  readonly untrackedInTheWay: readonly string[]
  /** Ignored files the landing would overwrite: `git status` does not show them. */
  readonly ignoredInTheWay: readonly string[]
  /** Paths with sides that were not settled: subset of `staged` and `unstaged`, and there without a merge under way after a stash that conflicted. */
  readonly conflicted: readonly string[]
  /** Paths that `git add -N` announced and nothing holds yet. Subset of `unstaged`. */
  readonly announced: readonly string[]
  /** Submodules among `staged` and `unstaged`: another commit is checked out in them. */
  readonly submodules: readonly string[]
}

/** One thing that stands against a move of a branch, by how it is ended. */
export type Busy =
  /** An operation that involves the branch: `rebase in /src/api`. */
  | { readonly kind: 'operation'; readonly what: string }
  /** A lock file, which a git at work there holds or a killed one left. */
  | { readonly kind: 'lock'; readonly path: string }
  /** More than one worktree has the branch checked out. */
  | { readonly kind: 'checkouts'; readonly paths: readonly string[] }

/** What stands in the way at the target, read without changing anything. */
export interface TargetFacts {
  /** Undefined when the branch does not exist. */
  readonly head: Oid | undefined
  /** Undefined when no worktree has the branch checked out. */
  readonly checkout: CheckoutFacts | undefined
  readonly busy: readonly Busy[]
  /** Paths a refresh onto the moved head would conflict in; empty when it is clean or not needed. */
  readonly conflicts: readonly string[]
  /** Why nobody could tell what the change meets there: then `conflicts`, and what is in its way, are empty for want of an answer. */
  readonly unread?: string | undefined
  /** Where only our own records took the head further since the base of the round, beside its change. */
  readonly advanced?: OwnAdvance | undefined
}

export interface ConfiguredCheck {
  readonly repo: RepoName
  readonly name: string
  readonly command: string
}

export interface RepoFacts {
  readonly repo: RepoName
  readonly branch: BranchName
  readonly base: Oid
  readonly tree: Oid
  readonly files: number
  readonly insertions: number
  readonly deletions: number
  readonly changed: boolean
  /** Unknown when the source repository could not be reached at all. */
  readonly reachable: Known<true>
  readonly target: Known<TargetFacts>
  /** Whether every object of the snapshot can be read from the vault. */
  readonly readable: Known<boolean>
  /** Paths changed in the workspace since the round was sealed; empty also when the workspace is gone. */
  readonly changedSince: Known<readonly string[]>
  /** Changed paths outside the task's declared globs. */
  readonly offScope: readonly string[]
  /** Credentials in the added lines of the round's diff. */
  readonly secrets: Known<SecretScan>
  /** What is known of the agent's own commits; there only for a landing that keeps them. */
  readonly kept?: Known<KeptFacts>
  /** Where the change undoes commits in the history of its base. */
  readonly reverts: Known<RevertSearch>
}

/** One way the task now differs from what it was when the run began. */
export interface MetadataChange {
  readonly field: 'base_branch' | 'repos' | 'scope'
  readonly was: string
  readonly now: string
}

/** What became of one source during the run, as far as it still matters. */
export interface SourceFacts {
  readonly repo: RepoName
  /** Whether the run has no checkout of it, so that nothing there can become part of the run. */
  readonly foreign: boolean
  /** Where the human has it, for commands to type; undefined when it has no folder on this machine. */
  readonly path: string | undefined
  /** Changes that block and are still there now. */
  readonly standing: readonly SourceChange[]
  /** Refs that a worktree of it is on now; undefined when that is not known. */
  readonly checkedOut: readonly string[] | undefined
  /** Objects that something of these stood for before and that the source does not have any more. */
  readonly gone: readonly string[]
  /** Why the source was not compared in full, or cannot be looked at now; null when nothing is unknown. */
  readonly unknown: string | null
  /** Whether sealing the run again compares it again. */
  readonly comparable: boolean
}

/** Everything the gate judges. Gathered freshly; the rule itself looks at nothing else. */
export interface GateFacts {
  /** Whether conflicts with moved targets can be settled in the workspace, or where they are being settled. */
  readonly settling: { readonly kind: 'possible' | 'impossible' } | { readonly kind: 'ready'; readonly workspace: string }
  readonly run: RunId
  readonly task: TaskId
  /** Whether the run was made on this machine, where its rounds are. */
  readonly here: boolean
  /** Whether it has a workspace that could be sealed. */
  readonly sealable: boolean
  /** The words, for `signalbox`, that begin a run like it anew, with what is saved of it here. */
  readonly again: string
  /** How it is to land: the agent's own commits are judged where they are kept, and so is whether the approval is one for that. */
  readonly strategy: MergeStrategy
  /** False while the run has not ended or its processes still write. */
  readonly ended: boolean
  /** What of the run, its memory repo or its state a newer version of this program wrote, a sentence each: nobody here can judge that. */
  readonly newer: readonly string[]
  readonly merge: 'none' | 'merging' | 'stuck' | 'merged' | 'undone'
  /** Its latest round. `refreshed` where that was computed, on targets that moved, from what an agent made. */
  readonly round: { readonly id: SnapshotId; readonly digest: string; readonly complete: boolean; readonly refreshed: boolean; readonly missing: readonly (ReportedPath & { readonly repo: RepoName })[] } | undefined
  readonly metadata: Known<{ readonly changes: readonly MetadataChange[]; readonly taskRevision: string }>
  readonly packetHash: string
  /** What a human was asked and has not decided. */
  readonly questions: readonly { readonly id: QuestionId; readonly text: string }[]
  readonly sources: readonly SourceFacts[]
  readonly repos: readonly RepoFacts[]
  readonly checks: Known<readonly ConfiguredCheck[]>
  readonly receipts: readonly Receipt[]
  /** sha256 over `receiptsText` of the receipts that count now. */
  readonly receiptsHash: string
  /** Findings of reviewers that nobody settled. */
  readonly findings: Known<readonly OpenFinding[]>
  /** The approval in the run's log; `genuine` says its seal was verified with this machine's key. */
  readonly approval: { readonly value: Approval; readonly genuine: boolean } | undefined
  /** Every waiver in the run's log; which ones count is the gate's question. */
  readonly waivers: readonly JudgedWaiver[]
  /** sha256 over `waiversText` of the waivers that count now; undefined when none does. */
  readonly waiversHash: string | undefined
  /** sha256 over `commitsText` of every changed repo; undefined unless they are to be kept and all are known to be fit. */
  readonly commitsHash: string | undefined
  /** Of the run's end, once it is written. */
  readonly handoff: HandoffId | undefined
  readonly rejection: { readonly by: string; readonly because: string } | undefined
  readonly policy: { readonly untracked: 'all' | 'colliding' }
}
