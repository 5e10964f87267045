import type { BranchName, Oid, RunId, SourceChange, SourceFingerprint, TargetFacts } from '@signalbox/core'
import { capture, changedSince, isReadable } from './capture.ts'
import type { Change } from './change-list.ts'
import { readCheckTree, resetCheckFolder } from './check-folder.ts'
import { diff, type ChangeDiff } from './diff.ts'
import { createGit } from './exec.ts'
import { withRoom } from './full-disk.ts'
import type { Environment } from './human-settings.ts'
import { traceEnvironment } from './git-trace.ts'
import { inspect, type InspectedSource } from './inspect.ts'
import type { Failpoint } from './landing-journal.ts'
import { createLanding, type Landing } from './landing.ts'
import { observeSource, type ObservedSource } from './fingerprint.ts'
import { layoutOf } from './layout.ts'
import { refresh, type RefreshedRepo } from './refresh.ts'
import type { CapturedRepo } from './save-tree.ts'
import { readHead } from './source.ts'
import type { CheckoutRef, SourceRef } from './source-ref.ts'
import { takeFiles } from './take-files.ts'
import { readTarget } from './target.ts'
import { compareSource, findStanding, type ComparedSource } from './tripwire.ts'
import { createVaults } from './vault.ts'
import { createWorkspace, removeWorkspace } from './workspace.ts'

/** Looks at the human's repositories; changes nothing. */
export interface Sources {
  inspect(path: string): Promise<InspectedSource>
  readHead(source: SourceRef, branch: BranchName): Promise<Oid | undefined>
  observe(source: SourceRef): Promise<ObservedSource>
  readTarget(source: SourceRef, branch: BranchName, round: Change): Promise<TargetFacts>
}

/** Private checkouts of runs, and the folders checks run in. */
export interface Workspaces {
  create(checkout: CheckoutRef, base: Oid, baseBranch: BranchName): Promise<void>
  remove(checkout: CheckoutRef): Promise<void>
  resetCheckFolder(source: SourceRef, path: string, commit: Oid): Promise<void>
  readCheckTree(source: SourceRef, path: string): Promise<Oid>
}

/** Saved states of checkouts in our vaults. */
export interface Snapshots {
  capture(checkout: CheckoutRef, base: Oid, number: number): Promise<CapturedRepo>
  changedSince(checkout: CheckoutRef, commit: Oid): Promise<readonly string[]>
  isReadable(source: SourceRef, base: Oid, commit: Oid): Promise<boolean>
  diff(source: SourceRef, base: Oid, commit: Oid): Promise<ChangeDiff>
  refresh(source: SourceRef, run: RunId, number: number, from: Change, newBase: Oid): Promise<RefreshedRepo>
}

/** Tells what became of the human's repositories while a run was on. */
export interface Tripwire {
  environment(run: RunId): Readonly<Record<string, string>>
  compare(checkout: CheckoutRef, before: SourceFingerprint, round: Change | undefined): Promise<ComparedSource>
  findStanding(source: SourceRef, changes: readonly SourceChange[]): Promise<readonly SourceChange[]>
  takeFiles(checkout: CheckoutRef, changes: readonly SourceChange[]): Promise<void>
}

export interface GitEngine {
  readonly sources: Sources
  readonly workspaces: Workspaces
  readonly snapshots: Snapshots
  readonly tripwire: Tripwire
  readonly landing: Landing
}

export interface GitEngineOptions {
  /** Folder, outside every repository, for vaults and what belongs to runs. */
  readonly stateDir: string
  /** Environment of the human: HOME, their git settings and PATH. Default: that of this process. */
  readonly env?: Environment
  /** Called at every named moment of a landing; tests end or disturb it there. */
  readonly failpoint?: Failpoint
}

/** Creates the worktree engine. Nothing is read or started before the first call. */
export function createGitEngine({ stateDir, env = process.env, failpoint }: GitEngineOptions): GitEngine {
  const git = createGit({ env })
  const layout = layoutOf(stateDir)
  const vaults = createVaults(git, layout)
  const tools = { git, layout, vaults, env }
  const writing = <T>(source: SourceRef, work: () => Promise<T>): Promise<T> => withRoom({ stateDir, vault: layout.vault(source.repo) }, work)
  return {
    sources: {
      inspect: (path) => inspect(git, env, path),
      readHead: (source, branch) => readHead(git, source, branch),
      observe: (source) => observeSource(git, source),
      readTarget: (source, branch, round) => readTarget(git, vaults, { source, branch, round }),
    },
    workspaces: {
      create: (checkout, base, baseBranch) => writing(checkout.source, () => createWorkspace(tools, checkout, base, baseBranch)),
      remove: (checkout) => removeWorkspace(layout, checkout),
      resetCheckFolder: (source, path, commit) => writing(source, () => resetCheckFolder(tools, source, path, commit)),
      readCheckTree: (source, path) => readCheckTree(tools, source, path),
    },
    snapshots: {
      capture: (checkout, base, number) => writing(checkout.source, () => capture(tools, checkout, base, number)),
      changedSince: (checkout, commit) => changedSince(tools, checkout, commit),
      isReadable: async (source, base, commit) => isReadable(await vaults.open(source), { base, commit }),
      diff: async (source, base, commit) => diff(await vaults.open(source), layout.work, { base, commit }),
      refresh: (source, run, number, from, newBase) => writing(source, () => refresh(git, vaults, { source, run, number, from, newBase })),
    },
    tripwire: {
      environment: (run) => traceEnvironment(layout, run),
      compare: (checkout, before, round) => compareSource(tools, checkout, before, round),
      findStanding: (source, changes) => findStanding(tools, source, changes),
      takeFiles: async (checkout, changes) => takeFiles(checkout, changes),
    },
    landing: createLanding({ git, vaults, ...(failpoint === undefined ? {} : { failpoint }) }),
  }
}
