import { landingJournalSchema, parseBranchName, parseOid, parseRepoName, parseRunId, type LandingJournal, type LandingRepo, type LandingStep } from '@signalbox/core'
import { createTarget, type Files, type Target } from '@signalbox/testkit'
import type { Landing } from '../src/landing.ts'
import type { Failpoint, JournalFile } from '../src/landing-journal.ts'
import { createLandingService } from './landing-service.ts'

/** A repository with a change that is to land in it, and the landing of it. */
export interface OneLanding {
  /** Top of the registered checkout. */
  readonly path: string
  readonly target: Target
  readonly landing: Landing
  /** Keeps no journal. */
  readonly file: JournalFile
  /** Prepares the change for a branch and returns its journal, as if the step had been begun. */
  readonly prepare: (begun?: { readonly branch?: string; readonly step?: LandingStep }) => Promise<LandingJournal>
  /** Lands it and returns the journal to undo it with. @throws Error with the reason when it did not land */
  readonly land: (branch?: string) => Promise<LandingJournal>
}

/** Sets a repository with `main` checked out at `folder/one`, and its change in a vault beside it. */
export function setOneLanding(folder: string, plan: { readonly files: Files; readonly change: Files }, failpoint: Failpoint = () => undefined): OneLanding {
  const target = createTarget(folder, 'one', { main: 'here', ...plan })
  return { target, ...landingOf(folder, target, target.path, failpoint) }
}

/** The same for a change in the vault of `folder`, with the checkout that is registered at another place. */
export function landingOf(folder: string, { base, snapshotCommit, tree }: Target, path: string, failpoint: Failpoint = () => undefined): Omit<OneLanding, 'target'> {
  const landing = createLandingService(`${folder}/state`, failpoint)
  const file: JournalFile = { write: () => Promise.resolve() }
  const runId = valid(parseRunId('R0001'))
  const journalOf = (repo: LandingRepo, kind: LandingJournal['kind']): LandingJournal =>
    landingJournalSchema.parse({ format: 1, run: runId, kind, owner: { pid: process.pid, startTime: '0', bootId: 'boot' }, tag: `one-${process.pid}-${Math.random()}`, repos: [repo] })
  const prepare: OneLanding['prepare'] = async ({ branch = 'main', step = 'prepared' } = {}) => {
    const request = { source: { repo: valid(parseRepoName('one')), path }, branch: valid(parseBranchName(branch)), base: valid(parseOid(base)), snapshotCommit: valid(parseOid(snapshotCommit)), tree: valid(parseOid(tree)) }
    const [repo] = await landing.prepare(runId, [request], { message: 'Say hello\n', strategy: 'squash' })
    return journalOf({ ...valid(repo), step }, 'merge')
  }
  return {
    path,
    landing,
    file,
    prepare,
    async land(branch) {
      const { state, repos } = await landing.publish(await prepare(branch === undefined ? {} : { branch }), file)
      const [repo] = repos
      if (state !== 'done') throw new Error(`${state}: ${repo?.because}`)
      return journalOf({ ...valid(repo), checkout: null }, 'undo')
    },
  }
}

function valid<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not valid')
  return value
}
