import { ControlError, factsText, isAcceptable, type Run, type SealRequest } from '@signalbox/core'
import { captureRound, hasWorkspace } from './capture-round.ts'
import { checkoutOf } from './checkout-of.ts'
import { compareSources } from './compare-sources.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import type { Services } from './services.ts'

/** Seals what the workspace of an ended run holds as its next round. The caller holds the state lock. */
export async function sealRun(services: Services, run: Run, { takeEscaped = false, mine, sources }: SealRequest): Promise<Run> {
  refuseActive(run)
  refuseMerged(run)
  if (mine !== undefined) {
    refuseOtherLooks(run, sources)
    return acceptSources(services, run, mine)
  }
  if (!hasWorkspace(services, run)) throw new ControlError('snapshot.not_found', `The workspace of ${run.id} is gone; there is nothing to seal`, { hint: `Its saved rounds stay: signalbox show ${run.id}` })
  if (takeEscaped) await takeFromSources(services, run)
  const snapshot = await captureRound(services, run)
  const looked = run.sources.some(({ unread }) => unread !== null) ? await compareSources(services, run, snapshot) : []
  // Sealing what is sealed already is the same round, not another one.
  const isSame = run.captured?.digest === snapshot.digest && run.captured.complete === snapshot.complete
  if (isSame && looked.length === 0) return run
  const sealed = await services.log.append(run.id, ...looked, ...(isSame ? [] : [{ type: 'round.sealed' as const, data: { snapshot, by: 'human' as const, sameChange: null } }]))
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: seal ${isSame ? run.id : snapshot.id}`)
  return sealed
}

/** Records that what changed in the sources during a run was its human. */
async function acceptSources(services: Services, run: Run, because: string): Promise<Run> {
  refuseUnchanged(run)
  const accepted = await services.log.append(run.id, { type: 'source.accepted', data: { by: await services.readActor(), because } })
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: accept what changed beside ${run.id}`)
  return accepted
}

/** Copies the files that changed in the human's checkouts during a run into its workspace; the checkouts are only read. */
async function takeFromSources(services: Services, run: Run): Promise<void> {
  const looks = run.sources.filter(({ accepted, changes }) => accepted === null && changes.some(({ what, after }) => what === 'file' && after !== null))
  if (looks.length === 0) throw new ControlError('run.not_escaped', `No file of yours changed during ${run.id}, so there is nothing to take in`, { hint: `See what it left: signalbox show ${run.id}` })
  for (const { repo, changes } of looks) await services.tripwire.takeFiles(await checkoutOf(services, run, { repo }), changes)
}

function refuseUnchanged(run: Run): void {
  if (run.sources.some((look) => isAcceptable(look) && look.accepted === null)) return
  throw new ControlError('run.not_escaped', `Nothing of yours changed during ${run.id}, or you have said so already`, { hint: `See what it left: signalbox show ${run.id}` })
}

/** A caller that says what it saw is refused when something else was found since: its word is about the former. */
function refuseOtherLooks(run: Run, seen: SealRequest['sources']): void {
  if (seen === undefined || factsText(seen) === factsText(run.sources)) return
  throw new ControlError('record.changed_underneath', `What is recorded of your repositories during ${run.id} is not what you saw, so nothing was called yours`, { hint: `See what it is now: signalbox show ${run.id}` })
}
