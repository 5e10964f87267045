import { ControlError, latestRound, startWords, type Run, type RunRepo, type SnapshotRepo } from '@signalbox/core'
import { toSnapshot, toSnapshotRepo } from './capture-snapshot.ts'
import type { SourceRef } from './git-ports.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import type { Services } from './services.ts'

interface Refreshed {
  readonly repo: SnapshotRepo
  readonly moved: boolean
  readonly sameChange: boolean
  readonly conflicts: readonly string[]
}

/** Computes the latest round on the moved targets as a new round, in the vault only. The caller holds the state lock. */
export async function refreshRun(services: Services, run: Run): Promise<void> {
  refuseActive(run)
  await refuseMerged(services, run)
  refuseResolving(services, run)
  const round = latestRound(run)
  if (round === undefined) throw new ControlError('snapshot.not_found', `${run.id} has no sealed round to refresh`, { hint: `Seal its workspace: signalbox seal ${run.id}` })
  const number = run.snapshots.length + 1
  const refreshed = await Promise.all(round.repos.map((repo) => refreshRepo(services, run, number, repo)))
  if (!refreshed.some((repo) => repo.moved)) {
    throw new ControlError('refresh.not_needed', `No target of ${run.id} has moved since ${round.id}`, { hint: `Ask the gate what is missing: signalbox gate ${run.id}` })
  }
  const conflicts = refreshed.flatMap((one) => one.conflicts.map((path) => `${one.repo.repo}/${path}`))
  if (conflicts.length > 0) {
    throw new ControlError('refresh.conflict', `Refreshing ${round.id} would conflict in ${conflicts.slice(0, 5).join(', ')}`, {
      hint: run.isolation === 'linked' ? `Start a new run on the new tip: signalbox ${startWords(run)}. This round stays readable` : `Settle that in a workspace prepared for it: signalbox refresh ${run.id} --resolve. Or start a new run on the new tip; this round stays readable`,
      data: { paths: conflicts },
    })
  }
  const { part } = round
  const snapshot = { ...toSnapshot(run, { number, kind: 'round', repos: refreshed.map(({ repo }) => repo) }), ...(part === undefined ? {} : { part }) }
  await services.log.append(run.id, { type: 'round.sealed', data: { snapshot, by: 'refresh', sameChange: refreshed.every((repo) => repo.sameChange) } })
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: refresh ${run.id}`)
}

/** While somebody settles conflicts, the workspace is the way on. */
export function refuseResolving({ layout }: Services, { id, resolving }: Run): void {
  if (resolving === undefined) return
  throw new ControlError('refresh.conflict', `The conflicts of ${resolving.of} are being settled in ${layout.run(id).workspace}`, {
    hint: resolving.conflicts === undefined ? `Let the workspace be made ready: signalbox refresh ${id} --resolve` : `Seal it once they are: signalbox seal ${id}`,
  })
}

async function refreshRepo(services: Services, run: Run, number: number, saved: SnapshotRepo): Promise<Refreshed> {
  const unmoved = { repo: saved, moved: false, sameChange: true, conflicts: [] }
  const source = await services.repoPaths.sourceOf(saved.repo)
  const head = await readTargetHead(services, source, startedOn(run, saved))
  if (head === saved.base) return unmoved
  const result = await services.snapshots.refresh(source, run.id, number, saved, head)
  if (result.kind === 'conflict') return { ...unmoved, moved: true, conflicts: result.paths }
  // What the round lacked, it lacks on the new base as well.
  const missing = [...saved.missing, ...result.captured.missing]
  return { repo: toSnapshotRepo(saved.repo, head, { ...result.captured, missing, reported: saved.reported }), moved: true, sameChange: result.sameChange, conflicts: [] }
}

/** Returns where the target of a repo is now. @throws ControlError `repo.branch_missing` */
export async function readTargetHead(services: Services, source: SourceRef, { repo, baseBranch }: RunRepo): Promise<RunRepo['baseHead']> {
  const head = await services.sources.readHead(source, baseBranch)
  if (head === undefined) throw new ControlError('repo.branch_missing', `${repo} has no branch ${baseBranch} to refresh onto`, { hint: 'Create the branch again, or start a new run' })
  return head
}

/** Returns what a run was started on in a repo of its rounds. */
export function startedOn(run: Run, { repo }: Pick<SnapshotRepo, 'repo'>): RunRepo {
  const started = run.repos.find((candidate) => candidate.repo === repo)
  if (started === undefined) throw new TypeError(`${run.id} was not started on ${repo}`)
  return started
}
