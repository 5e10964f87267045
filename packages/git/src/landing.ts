import type { LandingJournal, LandingOutcome, LandingRepo, RunId } from '@signalbox/core'
import type { InspectTools } from './inspect.ts'
import { openSession, type Failpoint, type JournalFile, type LandingSession } from './landing-journal.ts'
import { findCheckout } from './landing-place.ts'
import { clearPinLocks, prepareLanding, type LandingCommit, type LandingRequest } from './landing-prepare.ts'
import { publishLanding, undoLanding } from './landing-publish.ts'
import { recoverLanding } from './landing-recover.ts'
import type { SourceRef } from './source-ref.ts'
import type { Vaults } from './vault.ts'

/** Lands approved snapshots in their targets, all or nothing. Callers hold a lock: one landing or recovery at a time. */
export interface Landing {
  /** Brings objects into the sources, creates and pins the commits. Moves no branch. */
  prepare(run: RunId, requests: readonly LandingRequest[], commit: LandingCommit): Promise<readonly LandingRepo[]>
  /**
   * Publishes one by one, rolling back on a refusal. The journal is on disk before the first target moves. When the
   * journal cannot be written any more this throws, and `recover` brings the targets to an end later.
   */
  publish(journal: LandingJournal, file: JournalFile): Promise<LandingOutcome>
  /** Takes published repos back to `from`; refuses all when one cannot, with state `done` and the reason in each that cannot. */
  undo(journal: LandingJournal, file: JournalFile): Promise<LandingOutcome>
  /** Removes what a process that was killed before its journal left in a source: the locks of our own pins. */
  clear(run: RunId, source: SourceRef): Promise<void>
  /** Brings a journal left by a killed process to `done` or `undone`, or says exactly where it is stuck. */
  recover(journal: LandingJournal, file: JournalFile): Promise<LandingOutcome>
}

export interface LandingOptions extends InspectTools {
  readonly vaults: Vaults
  /** Called at every named moment of a landing (`landing.before_publish:api`, …); tests end or disturb it there. */
  readonly failpoint?: Failpoint
}

/** Creates the service that lands changes in the human's repositories. */
export function createLanding({ vaults, failpoint = () => undefined, ...tools }: LandingOptions): Landing {
  const open = (journal: LandingJournal, file: JournalFile): LandingSession => openSession(journal, file, tools, failpoint)
  return {
    async prepare(run, requests, commit) {
      const repos: LandingRepo[] = []
      for (const request of requests) repos.push(await prepareLanding({ git: tools.git, vaults, run }, request, commit))
      return repos
    },
    publish: (journal, file) => publishLanding(open(journal, file)),
    // The record an undo is made from says where the branches were; where they are checked out now is looked up.
    undo: async (journal, file) => undoLanding(open(await locate(tools, journal), file)),
    clear: (run, source) => clearPinLocks(run, source),
    recover: (journal, file) => recoverLanding(open(journal, file)),
  }
}

async function locate({ git }: InspectTools, journal: LandingJournal): Promise<LandingJournal> {
  const repos = await Promise.all(journal.repos.map(async (repo) => ({ ...repo, checkout: (await findCheckout(git, repo.source, repo.branch))?.path ?? null })))
  return { ...journal, repos }
}
