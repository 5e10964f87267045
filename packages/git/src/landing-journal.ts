import type { LandingJournal, LandingRepo, LandingStep, RepoName } from '@signalbox/core'
import type { Git } from './exec.ts'
import type { InspectTools } from './inspect.ts'

/** Where a landing writes down what it is about to do, fsynced before it returns. */
export interface JournalFile {
  write(journal: LandingJournal): Promise<void>
}

/** Which of its two commits a target is wanted at, or is at. */
export type Side = 'from' | 'to'

/** Returns the commit a target is taken away from on its way to `goal`. */
export function otherSide(goal: Side): Side {
  return goal === 'to' ? 'from' : 'to'
}

/** Environment variable that every git process of a landing carries, so that survivors of a kill can be found. */
export const LANDING_TAG = 'SIGNALBOX_LANDING'

/** Called at every named moment of a landing; tests end or disturb it there. */
export type Failpoint = (name: string) => Promise<void> | void

/** What every step of one landing shares: its git, its failpoints, and its journal, which is on disk after each `mark`. */
export interface LandingSession {
  /** Runs git with the landing's tag in its environment. */
  readonly git: Git
  readonly tools: InspectTools
  readonly failpoint: Failpoint
  /** The journal as it is now. */
  journal(): LandingJournal
  /** The record of one repo as it is now. */
  repo(name: RepoName): LandingRepo
  /** Writes the journal as it is. */
  save(): Promise<void>
  /** Changes one repo's record and writes the journal; a `because` that is not given again is dropped. */
  mark(name: RepoName, change: Partial<Omit<LandingRepo, 'repo'>>): Promise<LandingRepo>
}

/** Opens a session on a journal. Nothing is written before the first `save` or `mark`. */
export function openSession(start: LandingJournal, file: JournalFile, tools: InspectTools, failpoint: Failpoint): LandingSession {
  let journal = start
  const repo = (name: RepoName): LandingRepo => {
    const found = journal.repos.find((candidate) => candidate.repo === name)
    if (found === undefined) throw new TypeError(`The journal of ${journal.run} has no repo ${name}`)
    return found
  }
  return {
    tools,
    git: (profile, args, call) =>
      tools.git(profile, args, { ...call, env: { GIT_REFLOG_ACTION: `signalbox ${journal.kind} ${journal.run}`, ...call.env, [LANDING_TAG]: journal.tag } }),
    failpoint,
    journal: () => journal,
    repo,
    save: () => file.write(journal),
    async mark(name, change) {
      const { because: _dropped, ...kept } = repo(name)
      const changed = { ...kept, ...change }
      journal = { ...journal, repos: journal.repos.map((other) => (other.repo === name ? changed : other)) }
      await file.write(journal)
      return changed
    },
  }
}

/** The step of a repo that is on its way to a side: only then may its checkout be half-written. */
export const activeStep = { from: 'rolling_back', to: 'publishing' } as const satisfies Record<Side, LandingStep>

/** The step of a repo that was brought to a side. */
export const settledStep = { from: 'rolled_back', to: 'published' } as const satisfies Record<Side, LandingStep>

/** Returns which side a step says the target is at; `undefined` while it is under way, so anything between is possible. */
export function sideOf(step: LandingStep): Side | undefined {
  switch (step) {
    case 'prepared':
    case 'refused':
    case 'rolled_back':
      return 'from'
    case 'published':
      return 'to'
    case 'publishing':
    case 'rolling_back':
    case 'stuck':
      return undefined
    default:
      return step satisfies never
  }
}
