import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { parseRunId, type Oid, type RepoName, type RunId } from '@signalbox/core'

/** Where this package keeps its files, all below one state folder outside every repository. */
export interface Layout {
  /** Our bare repository of one source: snapshots live here; no agent writes to it. */
  vault(repo: RepoName): string
  /** Folder of everything kept for one run. */
  run(run: RunId): string
  /** Git directory the agent of a run works with; untrusted from the moment it starts. */
  runGitDir(run: RunId, repo: RepoName): string
  /** What the confined commands of a run keep beside their checkouts; goes with those. */
  sandbox(run: RunId): string
  /** Ignore rules of the human that hold beside the ones in the tree, as they were when the run began. */
  excludes(run: RunId, repo: RepoName): string
  /** Ignored files of the run's checkout, while that is made anew. */
  ignored(run: RunId, repo: RepoName): string
  /** Our own index of the run's checkout, kept between captures. */
  keptIndex(run: RunId, repo: RepoName): string
  /** Our own index of the kept check folder at `path`. */
  checkIndex(path: string): string
  /** File that says which filter programs may run in which repository. */
  readonly filters: string
  /** Folder for what is thrown away at the end of a call. */
  readonly work: string
}

/** Names the files below `stateDir`. */
export function layoutOf(stateDir: string): Layout {
  const run = (id: RunId): string => join(stateDir, 'runs', id)
  return {
    vault: (repo) => join(stateDir, 'vaults', `${repo}.git`),
    run,
    runGitDir: (id, repo) => join(run(id), 'git', `${repo}.git`),
    sandbox: (id) => join(run(id), 'sandbox'),
    excludes: (id, repo) => join(run(id), 'git', `${repo}.exclude`),
    ignored: (id, repo) => join(run(id), 'git', `${repo}.ignored`),
    keptIndex: (id, repo) => join(run(id), `index-${repo}`),
    checkIndex: (path) => join(stateDir, 'check-indexes', createHash('sha256').update(path).digest('hex').slice(0, 32)),
    filters: join(stateDir, 'filters.json'),
    work: join(stateDir, 'git-work'),
  }
}

/** Refs of ours in the human's repository: they keep what we borrow or prepared from being collected. */
export const pins = {
  /** Where all of one run are. */
  folder: (run: RunId): string => `refs/signalbox/pins/${run}`,
  /** Keeps a commit that snapshots of the run are based on. */
  base: (run: RunId, base: Oid): string => `refs/signalbox/pins/${run}/base-${base}`,
  /** Keeps the commit a landing prepared. */
  landing: (run: RunId, commit: Oid): string => `refs/signalbox/pins/${run}/landing-${commit}`,
}

/** Refs in the vault. */
export const vaultRefs = {
  snapshot: (run: RunId, number: number): string => `refs/signalbox/runs/${run}/s${number}`,
  /** The bytes that lay on disk, where git stores others: a tree. */
  exact: (run: RunId, number: number): string => `refs/signalbox/runs/${run}/s${number}-exact`,
  /** How the human's git converted when the run began: a blob, there only where it converts at all. */
  conversion: (run: RunId): string => `refs/signalbox/runs/${run}/conversion`,
  /** The bytes that lay on disk when the run began: a tree, there only where git converts. */
  exactBase: (run: RunId): string => `refs/signalbox/runs/${run}/exact-base`,
  /** The snapshot of another run whose files this one began with. */
  start: (run: RunId): string => `refs/signalbox/runs/${run}/start`,
  /** The bytes of those on disk, where git stores others: a tree. */
  startExact: (run: RunId): string => `refs/signalbox/runs/${run}/start-exact`,
  /** The agent's own history of that snapshot. */
  agentHead: (run: RunId, number: number): string => `refs/signalbox/runs/${run}/s${number}-head`,
}

/** Name, in the human's repository, of the git directory that belongs to the linked worktree of a run. */
export function linkedWorktree(run: RunId): string {
  return `signalbox-${run.toLowerCase()}`
}

/** Tells whether a ref is the branch that a linked run works on, or one of that name. */
export function isRunBranch(ref: string): boolean {
  return /^refs\/heads\/signalbox\/r\d{4,}$/.test(ref)
}

/** Returns the run whose linked worktree has this name; undefined for a worktree of somebody else. */
export function linkedRun(name: string): RunId | undefined {
  const [, run] = /^signalbox-(r\d{4,})$/.exec(name) ?? []
  return parseRunId(run?.toUpperCase())
}
