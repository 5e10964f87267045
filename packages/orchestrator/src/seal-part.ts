import { ControlError, startWords, type PartChoice, type Run, type SealOrder, type Snapshot, type SnapshotRepo } from '@signalbox/core'
import { toSnapshot, toSnapshotRepo } from './capture-snapshot.ts'
import { findSnapshot } from './find-snapshot.ts'
import type { Services } from './services.ts'

/**
 * Seals a part of a round as the next one, computed in the vault: what is not chosen is as in the base. The round it is made
 * of stays, and the workspace is not looked at. The caller holds the state lock.
 */
export async function sealPart(services: Services, run: Run, { only, from, digest }: Pick<SealOrder, 'only' | 'from' | 'digest'>): Promise<Run> {
  const of = findSnapshot(run, from)
  refuseCheckpoint(run, of)
  refuseOther(of, digest)
  for (const { repo } of only ?? []) refuseUnknownRepo(of, repo)
  const number = run.snapshots.length + 1
  const parts = await Promise.all(of.repos.map((saved) => selectRepo(services, run, number, saved, only?.filter(({ repo }) => repo === saved.repo))))
  const repos = parts.map(({ repo }) => repo)
  const left = parts.flatMap(({ repo: { repo }, leftOut }) => leftOut.map(({ path, hunks }) => ({ from: of.id, repo, path, hunks: hunks === null ? null : [...hunks] })))
  const leftOut = [...(of.part?.leftOut ?? []), ...left]
  const snapshot = { ...toSnapshot(run, { number, kind: 'round', repos }), part: { of: of.id, leftOut } }
  // Choosing all of the latest round gives that round, not another one.
  if (snapshot.digest === findSnapshot(run, undefined).digest) return run
  const sealed = await services.log.append(run.id, { type: 'round.sealed', data: { snapshot, by: 'part', sameChange: null } })
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: seal ${snapshot.id}, a part of ${of.id}`)
  return sealed
}

async function selectRepo(services: Services, run: Run, number: number, saved: SnapshotRepo, choices: readonly PartChoice[] | undefined) {
  const isWhole = choices === undefined || choices.some(({ path }) => path === undefined)
  const choice = isWhole ? 'all' : choices.flatMap(({ path, hunks }) => (path === undefined ? [] : [{ path, hunks }]))
  const { captured, leftOut } = await services.snapshots.selectPart(await services.repoPaths.sourceOf(saved.repo), run.id, number, saved, choice)
  // What the round lacked, its part lacks as well.
  return { repo: toSnapshotRepo(saved.repo, saved.base, { ...captured, missing: saved.missing, reported: saved.reported }), leftOut }
}

/** A checkpoint may be of any moment: its files are where a run begins anew, not what is reviewed. */
function refuseCheckpoint(run: Run, { id, kind }: Snapshot): void {
  if (kind === 'round') return
  throw new ControlError('input.invalid', `${id} is a checkpoint, and only of a round another one is made`, { hint: `Begin a run with its files: signalbox ${startWords(run, `--from ${id}`)}` })
}

/** Hunks are numbers in one diff: of another one they would be other hunks. */
function refuseOther(of: Snapshot, digest: string | undefined): void {
  if (digest === undefined || digest === of.digest) return
  throw new ControlError('record.changed_underneath', `${of.id} is not the round you saw, so nothing was made of it`, { hint: `Look at it, then choose again: signalbox diff ${of.id}` })
}

function refuseUnknownRepo(of: Snapshot, repo: PartChoice['repo']): void {
  if (of.repos.some((saved) => saved.repo === repo)) return
  throw new ControlError('repo.not_found', `${of.id} has no repo ${repo}`, { hint: `Its repos are ${of.repos.map((saved) => saved.repo).join(', ')}` })
}
