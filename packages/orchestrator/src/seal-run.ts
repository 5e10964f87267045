import { ControlError, factsText, isAcceptable, isOpenLook, lookAt, snapshotNumber, type Run, type SealOrder, type SealRequest, type Snapshot, type SnapshotRepo, type SourceChange } from '@signalbox/core'
import { captureSnapshot, hasWorkspace } from './capture-snapshot.ts'
import { checkoutOf } from './checkout-of.ts'
import { compareSources } from './compare-sources.ts'
import type { TakenFiles } from './git-ports.ts'
import { look } from './look.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import { refuseUnresolved } from './resolve-run.ts'
import { sealPart } from './seal-part.ts'
import type { Services } from './services.ts'

/** Seals what the workspace of an ended run holds, or a part of a round, as its next round. The caller holds the state lock. */
export async function sealRun(services: Services, run: Run, { takeEscaped, mine, sources, only, from, digest }: SealOrder): Promise<Run> {
  refuseActive(run)
  await refuseMerged(services, run)
  if (only !== undefined || from !== undefined) return sealPart(services, run, { only, from, digest })
  if (mine !== undefined) {
    refuseOtherLooks(run, sources)
    return acceptSources(services, run, mine)
  }
  if (!hasWorkspace(services, run)) throw new ControlError('snapshot.not_found', `The workspace of ${run.id} is gone; there is nothing to seal`, { hint: `Its saved rounds stay: signalbox show ${run.id}` })
  await refuseUnresolved(services, run)
  if (!takeEscaped) return sealWorkspace(services, run)
  refuseNothingTaken(run)
  // What was edited in the workspace since its last round would be copied over: it is a round of its own first.
  const saved = await sealWorkspace(services, run)
  await takeFromSources(services, saved)
  return sealWorkspace(services, saved)
}

async function sealWorkspace(services: Services, run: Run): Promise<Run> {
  const snapshot = { ...(await captureSnapshot(services, run, 'round')), ...partOf(run) }
  const looked = run.sources.some(isOpenLook) || (run.isolation === 'linked' && run.repos.some(({ repo }) => lookAt(run.sources, repo) === undefined)) ? await compareSources(services, run, snapshot) : []
  // Sealing what is sealed already is the same round, not another one.
  const isSame = run.resolving === undefined && run.captured?.digest === snapshot.digest && run.captured.complete === snapshot.complete && (await hasSameCommits(services, run, run.captured, snapshot))
  if (isSame && looked.length === 0) return run
  const sealed = await services.log.append(run.id, ...looked, ...(isSame ? [] : [{ type: 'round.sealed' as const, data: { snapshot, by: 'human' as const, sameChange: null } }]))
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: seal ${isSame ? run.id : snapshot.id}`)
  return sealed
}

/** Tells whether the same commits led to two snapshots of the same trees: worded anew or taken together, they are others to land. */
async function hasSameCommits(services: Services, run: Run, before: Snapshot, after: Snapshot): Promise<boolean> {
  const ledTo = async ({ id }: Snapshot, { repo, base, commit }: SnapshotRepo): Promise<string | undefined> => {
    const history = await look(async () => services.snapshots.readAgentHistory(await services.repoPaths.sourceOf(repo), { run: run.id, number: snapshotNumber(id), base, commit }))
    return history.known ? JSON.stringify(history.value) : undefined
  }
  const same = await Promise.all(
    after.repos.map(async (repo) => {
      const earlier = before.repos.find((saved) => saved.repo === repo.repo)
      const [was, is] = await Promise.all([earlier === undefined ? undefined : ledTo(before, earlier), ledTo(after, repo)])
      return was !== undefined && was === is
    }),
  )
  return same.every(Boolean)
}

/** What a round left out that was merged into the workspace is left out of what comes of it. */
function partOf({ resolving, snapshots }: Run): Pick<Snapshot, 'part'> {
  const part = resolving === undefined ? undefined : snapshots.find(({ id }) => id === resolving.of)?.part
  return part === undefined ? {} : { part }
}

/** Records that what changed in the sources during a run was its human. */
async function acceptSources(services: Services, run: Run, because: string): Promise<Run> {
  refuseUnchanged(run)
  const accepted = await services.log.append(run.id, { type: 'source.accepted', data: { by: await services.readActor(), because } })
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: accept what changed beside ${run.id}`)
  return accepted
}

/** Copies the files that changed in the human's checkouts during a run into its workspace, over what is in a round only; the checkouts are only read. */
async function takeFromSources(services: Services, run: Run): Promise<void> {
  const taken = await Promise.all(looksToTake(run).map(async ({ repo, changes }): Promise<TakenFiles> => ({ checkout: await checkoutOf(services, run, { repo }), changes })))
  for (const files of taken) await refuseUnsaved(services, run, files)
  await services.tripwire.takeFiles(taken)
}

function looksToTake(run: Run): Run['sources'] {
  return run.sources.filter(({ accepted, foreign, changes }) => accepted === null && foreign !== true && changes.some(isTaken))
}

function isTaken({ what, after }: SourceChange): boolean {
  return what === 'file' && after !== null
}

function refuseNothingTaken(run: Run): void {
  if (looksToTake(run).length > 0) return
  throw new ControlError('run.not_escaped', `No file of yours changed during ${run.id} in a repo it works on, so there is nothing to take in`, { hint: `See what it left: signalbox show ${run.id}` })
}

/** A round has no ignored files, and not what could not be read: those would be gone. */
async function refuseUnsaved(services: Services, run: Run, { checkout, changes }: TakenFiles): Promise<void> {
  const saved = run.captured?.repos.find(({ repo }) => repo === checkout.source.repo)
  if (saved === undefined) throw new TypeError(`${run.id} was sealed without ${checkout.source.repo}`)
  const { changed, missing, ignored } = await services.snapshots.findUnsaved(checkout, saved)
  const unsaved = [...changed, ...missing.map(({ path }) => path), ...ignored].map((path) => path.replace(/\/$/, ''))
  const lost = changes.find((change) => isTaken(change) && unsaved.some((path) => path === '.' || path === change.name || change.name.startsWith(`${path}/`)))
  if (lost === undefined) return
  throw new ControlError('input.invalid', `${lost.name} in the workspace of ${run.id} is in no round and would be copied over, so nothing was taken`, { hint: 'Move it away in the workspace, then try again' })
}

function refuseUnchanged(run: Run): void {
  if (run.sources.some((one) => isAcceptable(one) && one.accepted === null)) return
  throw new ControlError('run.not_escaped', `Nothing of yours changed during ${run.id}, or you have said so already`, { hint: `See what it left: signalbox show ${run.id}` })
}

/** A caller that says what it saw is refused when something else was found since: its word is about the former. */
function refuseOtherLooks(run: Run, seen: SealRequest['sources']): void {
  if (seen === undefined || factsText(seen) === factsText(run.sources)) return
  throw new ControlError('record.changed_underneath', `What is recorded of your repositories during ${run.id} is not what you saw, so nothing was called yours`, { hint: `See what it is now: signalbox show ${run.id}` })
}
