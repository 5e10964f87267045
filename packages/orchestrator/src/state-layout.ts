import { join } from 'node:path'
import type { RepoName, RunId } from '@signalbox/core'

/** Names every path of ours in the state folder of one memory repo, so that each is spelled once. */
export interface StateLayout {
  readonly root: string
  readonly stateLock: string
  readonly checksLock: string
  readonly approvalKey: string
  readonly repoPaths: string
  readonly activeFolder: string
  /** A line per change of a run's log, for followers in other processes. */
  readonly changedRuns: string
  readonly runsFolder: string
  readonly workspacesFolder: string
  readonly checksFolder: string
  readonly vaultsFolder: string
  readonly journalFolder: string
  /** Files on their way to their place. */
  readonly temporaryFolder: string
  /** Room kept aside for the end of a run, on a disk that may be filled by one. */
  readonly reserve: string
  run(run: RunId): RunLayout
  /** One folder per set of repos that are checked side by side; one of its own for a run whose checks are confined: what it leaves there must not be run by checks of others. */
  checkFolder(repos: readonly RepoName[], confined?: RunId): string
}

export interface RunLayout {
  readonly folder: string
  readonly events: string
  readonly logLock: string
  /** Held while the ended run is checked by hand, or told to go on. */
  readonly checksLock: string
  readonly transcript: string
  readonly lease: string
  readonly tag: string
  readonly packet: string
  /** The first of its ports. */
  readonly ports: string
  /** What it was told when it was gone on with. */
  readonly prompt: string
  /** What the sources looked like before the run. */
  readonly sources: string
  readonly supervisorLog: string
  readonly workspace: string
  readonly active: string
  readonly journal: string
  /** What the latest round was found to add that looks like a credential. */
  readonly secrets: string
  /** Home and temporary files of its confined commands. */
  readonly sandbox: string
  /** What its agent wrote to its standard output, where that is a protocol and no text. */
  readonly agentOutput: string
  /** What its agent keeps for itself: settings, sessions, caches. */
  readonly agentHome: string
  checkout(repo: RepoName): string
}

/** Returns the layout below `root`. */
export function layoutState(root: string): StateLayout {
  return {
    root,
    stateLock: join(root, 'state.lock'),
    checksLock: join(root, 'checks.lock'),
    approvalKey: join(root, 'approval.key'),
    repoPaths: join(root, 'repos.json'),
    activeFolder: join(root, 'active'),
    changedRuns: join(root, 'changed-runs'),
    runsFolder: join(root, 'runs'),
    workspacesFolder: join(root, 'workspaces'),
    checksFolder: join(root, 'checks'),
    vaultsFolder: join(root, 'vaults'),
    journalFolder: join(root, 'journals'),
    temporaryFolder: join(root, 'tmp'),
    reserve: join(root, 'reserve'),
    run: (run) => layoutRun(root, run),
    checkFolder: (repos, confined) => join(root, 'checks', `${repos.toSorted().join('+').slice(0, 200)}${confined === undefined ? '' : `@${confined}`}`),
  }
}

function layoutRun(root: string, run: RunId): RunLayout {
  const folder = join(root, 'runs', run)
  const workspace = join(root, 'workspaces', run)
  return {
    folder,
    events: join(folder, 'events.jsonl'),
    logLock: join(folder, 'log.lock'),
    checksLock: join(folder, 'checks.lock'),
    transcript: join(folder, 'transcript.jsonl'),
    lease: join(folder, 'lease.json'),
    tag: join(folder, 'tag'),
    packet: join(folder, 'packet.md'),
    ports: join(folder, 'ports'),
    prompt: join(folder, 'prompt.md'),
    sources: join(folder, 'sources.json'),
    supervisorLog: join(folder, 'supervisor.log'),
    workspace,
    active: join(root, 'active', run),
    journal: join(root, 'journals', `${run}.json`),
    secrets: join(folder, 'secrets.json'),
    sandbox: join(folder, 'sandbox'),
    agentOutput: join(folder, 'agent-output'),
    agentHome: join(folder, 'agent'),
    checkout: (repo) => join(workspace, repo),
  }
}
