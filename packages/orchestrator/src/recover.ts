import { rm } from 'node:fs/promises'
import { codeOf, ControlError, messageOf, parseJournal, type ErrorCode, type LandingJournal, type Run, type RunId } from '@signalbox/core'
import { isActive, listActive, listJournals, unmarkActive } from './active-runs.ts'
import { readIfThere, readJsonIfThere, sweepTemporaryFiles } from './durable-file.ts'
import { recordEnd, sealEnding } from './finish-run.ts'
import { readOwner } from './lease.ts'
import { journalFileOf, settleMerge } from './merge-run.ts'
import { findNewer } from './newer.ts'
import { endOfStopped } from './run-end.ts'
import { withState, type Services } from './services.ts'
import { settleUndo } from './undo-run.ts'
import { tellHandoff } from './write-handoff.ts'

/**
 * Settles what killed processes left: half-way landings, and runs without a living owner, which are sealed,
 * ended as interrupted and handed off. Runs at the start of everything; cheap when there is nothing to do.
 * Returns what could not be settled now: that must not stop the command that came along, which may be the repair.
 */
export async function recover(services: Services): Promise<readonly Unsettled[]> {
  const newer = await findNewer(services)
  if (newer !== undefined) return (await listLeft(services)).map((run) => ({ run, ...explain(newer) }))
  await sweepTemporaryFiles(services.layout)
  if (!(await needsRecovery(services))) return []
  const damage = services.locks.findDamage(services.layout.stateLock)
  if (damage !== undefined) return (await listLeft(services)).map((run) => ({ run, ...explain(damage) }))
  return withState(services, async () => {
    const landings = await Promise.all((await listJournals(services.layout)).map((run) => attempt(run, () => recoverLanding(services, run))))
    const unsettled = landings.filter((result) => result !== undefined)
    // What a landing left stays whole for whoever can settle it.
    for (const run of (await listActive(services.layout)).filter((id) => !unsettled.some((one) => one.run === id))) {
      const result = await attempt(run, () => recoverRun(services, run))
      if (result !== undefined) unsettled.push(result)
    }
    return unsettled
  })
}

/** Settles a run whose owner died while somebody waits for it. @throws ControlError `run.failed` when it cannot be settled: waiting would never end */
export async function settleOrphan(services: Services, id: RunId): Promise<void> {
  if (!isActive(services.layout, id) || (await readOwner(services.layout, id)) !== undefined) return
  const unsettled = (await recover(services)).find(({ run }) => run === id)
  // Whoever can only read is not waiting for an end that this version could bring about.
  if (unsettled !== undefined && unsettled.code !== 'format.newer') throw new ControlError('run.failed', `${id} has no owner any more and could not be settled: ${unsettled.because}`, { hint: 'Clear what it names; the next command tries again' })
}

/** A run that could not be settled, and why. It is tried again by the next command. */
export interface Unsettled {
  readonly run: RunId
  readonly because: string
  /** Code of the fault; undefined where it has none. */
  readonly code: ErrorCode | undefined
  /** The next action, where the fault knows one. */
  readonly hint: string | undefined
}

async function attempt(run: RunId, work: () => Promise<void>): Promise<Unsettled | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return { run, ...explain(error) }
  }
}

function explain(error: unknown): Omit<Unsettled, 'run'> {
  return { because: messageOf(error), code: codeOf(error), hint: error instanceof ControlError ? error.hint : undefined }
}

/** Runs that may need to be settled, by whichever version can. */
async function listLeft({ layout }: Services): Promise<readonly RunId[]> {
  return [...new Set([...(await listJournals(layout)), ...(await listActive(layout))])].toSorted()
}

/** A glance without the lock: is there a journal, or an active run without a living owner? */
async function needsRecovery(services: Services): Promise<boolean> {
  if ((await listJournals(services.layout)).length > 0) return true
  for (const run of await listActive(services.layout)) if (!(await isKnownOwned(services, run))) return true
  return false
}

/** A lease that cannot be read must not stop every command: recovery then names that run and leaves it alone. */
async function isKnownOwned(services: Services, run: RunId): Promise<boolean> {
  try {
    return (await readOwner(services.layout, run)) !== undefined
  } catch (error) {
    if (codeOf(error) === 'config.invalid') return false
    throw error
  }
}

async function recoverLanding(services: Services, id: RunId): Promise<void> {
  const run = await services.log.foldToChange(id)
  const journal = await readJournal(services, id)
  await services.log.tidy(id)
  if (journal === undefined) return
  if (isSettled(run, journal)) {
    await rm(services.layout.run(id).journal, { force: true })
    return
  }
  const outcome = await services.landing.recover(journal, journalFileOf(services, run))
  try {
    if (journal.kind === 'merge') await settleMerge(services, run, outcome, run.merge.kind === 'merging' || run.merge.kind === 'stuck' ? run.merge.strategy : 'squash')
    else await settleUndo(services, run, outcome)
  } catch (error) {
    // A landing that recovery undid or found stuck is now recorded as such; it must not stop the command that came along.
    if (codeOf(error) !== 'merge.stopped' && codeOf(error) !== 'undo.refused') throw error
  }
}

/** The record says already how it ended; only the journal outlived the crash. */
function isSettled(run: Run, journal: LandingJournal): boolean {
  if (journal.kind === 'undo') return run.merge.kind !== 'merged' && run.merge.kind !== 'stuck'
  return run.merge.kind !== 'merging' && run.merge.kind !== 'stuck'
}

async function readJournal(services: Services, id: RunId): Promise<LandingJournal | undefined> {
  const { journal } = services.layout.run(id)
  return readJsonIfThere(journal, { parse: (value) => parseJournal(journal, value) }, `Compare the targets with \`signalbox show ${id}\`, and delete that file once they are as they should be`)
}

async function recoverRun(services: Services, id: RunId): Promise<void> {
  if ((await readOwner(services.layout, id)) !== undefined) return
  if ((await readIfThere(services.layout.run(id).events)) === undefined) {
    // The start was killed before the run's first event: there is nothing to end.
    await unmarkActive(services.layout, id)
    return
  }
  const run = await services.log.foldToChange(id)
  await services.log.tidy(id)
  await clearSources(services, run)
  if (run.state.kind === 'ended') return recoverEnded(services, run)
  const end = endOfStopped(run, { because: `Its supervisor ended without finishing while the run was ${run.state.kind}`, by: 'recovery' })
  await sealEnding(services, id, end)
  await recordEnd(services, id, end)
}

async function clearSources(services: Services, run: Run): Promise<void> {
  for (const { repo } of run.repos) {
    try {
      await services.landing.clear(run.id, await services.repoPaths.sourceOf(repo))
    } catch {
      // A source that is away must not keep the run from ending; a lock of our own pins is in nobody's way there.
    }
  }
}

async function recoverEnded(services: Services, run: Run): Promise<void> {
  if (run.merge.kind === 'merging' && (await readJournal(services, run.id)) === undefined) {
    // Killed between the announcement and the journal: no target can have moved.
    await services.log.append(run.id, { type: 'merge.stopped', data: { because: 'it was interrupted before any target moved', stuck: false, repos: [] } })
  }
  if (run.merge.kind === 'stuck') return
  if (run.pushes.length > 0) await tellHandoff(services, run)
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: record ${run.id}`)
  await unmarkActive(services.layout, run.id)
}
