import type { DoctorLine } from './doctor-line.ts'
import type { Care, Snapshots, Sources, Tripwire, Workspaces } from './git-ports.ts'
import type { Landing, Remotes } from './landing-ports.ts'
import type { Memory, Packets, RecordWatch, Search } from './memory-ports.ts'
import type { Clock, LockCare, Locks, Sandbox, SecretRules, ToolServer } from './ports.ts'
import type { RepoPaths } from './repo-paths.ts'
import type { RunLog } from './run-log.ts'
import type { StateLayout } from './state-layout.ts'
import type { Agent, AgentTemplate, RunId } from '@signalbox/core'

/** What the control plane is made of; `apps/api` fits the parts together. */
export interface Collaborators {
  /** State folder of this memory repo, absolute. */
  readonly stateDir: string
  readonly memory: Memory
  readonly packets: Packets
  readonly search: Search
  readonly recordWatch: RecordWatch
  readonly sources: Sources
  readonly workspaces: Workspaces
  readonly snapshots: Snapshots
  readonly tripwire: Tripwire
  readonly landing: Landing
  readonly remotes: Remotes
  readonly care: Care
  readonly secretRules: SecretRules
  readonly sandbox: Sandbox
  readonly toolServer: ToolServer
  readonly agents: readonly Agent[]
  /** Makes the agent of a command in the settings. */
  readonly templateAgent: (name: string, template: AgentTemplate) => Agent
  readonly locks: Locks & LockCare
  readonly clock: Clock
  /** Who acts, for approvals and trailers: `Name <mail>`. */
  readonly readActor: () => Promise<string>
  /** Environment that agents, setup and checks are built from. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Starts the supervisor process of a run, detached, and returns its pid. */
  readonly launchSupervisor: (run: RunId, logFile: string) => Promise<number>
  /** Goes on with work that no answer waits for; this process ends after it. */
  readonly behind: (work: () => Promise<void>) => void
  /** Diagnoses only the parts themselves can make: git's version, the memory repo's queue, where the files of `active` runs are not late yet. */
  readonly diagnose: (active: readonly RunId[]) => Promise<readonly DoctorLine[]>
}

/** Collaborators plus what the orchestrator itself keeps in the state folder. */
export interface Services extends Collaborators {
  readonly layout: StateLayout
  readonly log: RunLog
  readonly repoPaths: RepoPaths
}

/** Milliseconds a call waits for another one to finish with the state; a landing of many repos takes seconds. */
const stateWaitMs = 60_000

/**
 * Runs `work` with the state lock held: every mutation and every recovery goes through here. The lock is not re-entrant.
 * @throws ControlError `format.newer` when the memory repo or its state is of a newer version: nothing of them is then changed
 */
export function withState<T>({ locks, layout, memory }: Pick<Services, 'locks' | 'layout' | 'memory'>, work: () => Promise<T>): Promise<T> {
  const known = async (): Promise<T> => {
    // Under the lock: another version may have come along while this one waited.
    await memory.refuseNewer()
    return work()
  }
  return locks.hold(layout.stateLock, known, { waitMs: stateWaitMs })
}
