import { ControlError, latestRound, nameUpTo5, workspaceBase, type Conflict, type Run, type RunRepo, type Snapshot, type SnapshotRepo } from '@signalbox/core'
import { checkoutOf } from './checkout-of.ts'
import { readTargetHead, refreshRun, refuseResolving, startedOn } from './refresh-run.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import type { Services } from './services.ts'

/** A repo whose checkout is to be made anew, because its target moved or there is none any more; and where the round does not fit on that. */
interface Anew {
  readonly saved: SnapshotRepo
  readonly started: RunRepo
  readonly head: RunRepo['baseHead']
  readonly conflicts: readonly string[]
}

/**
 * Refreshes the latest round; where that conflicts, makes the checkouts of the workspace anew on the moved targets and merges the
 * round into them, for somebody to settle and seal. Asked for again, it goes on where it was interrupted, and leaves what is ready
 * as it is. The caller holds the state lock.
 */
export async function resolveRun(services: Services, run: Run): Promise<void> {
  refuseActive(run)
  await refuseMerged(services, run)
  if (run.resolving?.conflicts !== undefined) return
  const round = latestRound(run)
  const anew = round === undefined ? [] : await findAnew(services, run, round)
  // Once it was begun, only the workspace leads on, whatever the targets did since.
  if (round === undefined || (run.resolving === undefined && anew.every(({ conflicts }) => conflicts.length === 0))) return refreshRun(services, run)
  refuseLinked(run)
  // What an interrupted try left is not work of anybody's.
  for (const { started } of anew.filter(({ saved }) => !isUnderWay(run, saved))) await refuseUnsaved(services, run, started)
  const by = await services.readActor()
  await services.log.append(run.id, { type: 'refresh.begun', data: { by, of: round.id, repos: anew.map(({ saved, head }) => ({ repo: saved.repo, base: head })) } })
  const conflicts: Conflict[] = []
  for (const one of anew) conflicts.push(...(await mergeInto(services, run, round, one)))
  await services.log.append(run.id, { type: 'refresh.prepared', data: { conflicts } })
  services.behind(() => services.workspaces.emptyTrash())
  await services.log.publish(run.id)
  await services.memory.commit(`${run.task}: prepare the conflicts of ${run.id}`)
}

/** Refuses to seal a workspace in which conflicts are not settled, with their paths. @throws ControlError `refresh.conflict` */
export async function refuseUnresolved(services: Services, run: Run): Promise<void> {
  const { resolving } = run
  if (resolving === undefined) return
  if (resolving.conflicts === undefined) {
    throw new ControlError('refresh.conflict', `The workspace of ${run.id} was being made anew, and that was interrupted`, { hint: `Let it be finished: signalbox refresh ${run.id} --resolve` })
  }
  const paths = (await findUnresolved(services, run)).map(({ repo, path }) => `${repo}/${path}`)
  if (paths.length === 0) return
  throw new ControlError('refresh.conflict', `Not settled yet in the workspace of ${run.id}: ${nameUpTo5(paths)}`, {
    hint: `Edit them in ${services.layout.run(run.id).workspace} until no mark is left; of one without marks, \`git add\` or \`git rm\` there says that it is right as it lies. Then seal again`,
    data: { paths },
  })
}

/** Names the conflicts in the workspace that nobody settled. */
export async function findUnresolved(services: Services, run: Run): Promise<readonly Pick<Conflict, 'repo' | 'path'>[]> {
  const { repos = [], conflicts = [] } = run.resolving ?? {}
  const found = await Promise.all(
    repos.map(async ({ repo, base }) => {
      const own = conflicts.filter((conflict) => conflict.repo === repo)
      return services.workspaces.findUnresolved(await checkoutOf(services, run, { repo }), base, own).map((path) => ({ repo, path }))
    }),
  )
  return found.flat()
}

/** Returns the round that an agent is to settle on the moved targets; undefined where it fits on them as it is. */
export async function findConflicting(services: Services, run: Run): Promise<Snapshot | undefined> {
  refuseActive(run)
  await refuseMerged(services, run)
  refuseResolving(services, run)
  const round = latestRound(run)
  const anew = round === undefined ? [] : await findAnew(services, run, round)
  return anew.some(({ conflicts }) => conflicts.length > 0) ? round : undefined
}

async function findAnew(services: Services, run: Run, round: Snapshot): Promise<readonly Anew[]> {
  const found = await Promise.all(
    round.repos.map(async (saved): Promise<readonly Anew[]> => {
      const started = startedOn(run, saved)
      const source = await services.repoPaths.sourceOf(saved.repo)
      const head = await readTargetHead(services, source, started)
      if (head === saved.base) return services.workspaces.readPlace(await checkoutOf(services, run, saved)) === 'there' && !isUnderWay(run, saved) ? [] : [{ saved, started, head, conflicts: [] }]
      const preview = await services.snapshots.withPreviews(source, (compute) => compute(saved, head))
      return [{ saved, started, head, conflicts: preview.kind === 'conflict' ? preview.paths : [] }]
    }),
  )
  return found.flat()
}

function isUnderWay({ resolving }: Run, { repo }: SnapshotRepo): boolean {
  return resolving?.repos.some((one) => one.repo === repo) ?? false
}

/** Of a linked run the git directory is the human's: nothing is merged there behind their back. */
function refuseLinked(run: Run): void {
  if (run.isolation !== 'linked') return
  throw new ControlError('refresh.conflict', `${run.id} works in a worktree of your own repository, which is not made anew`, { hint: `Let an agent settle it in a run of its own: signalbox refresh ${run.id} --resolve --agent ${run.agent}. This round stays readable` })
}

/** What is in no round would be gone: edits since the last one, repositories inside, branches and stashes of the agent. */
async function refuseUnsaved(services: Services, run: Run, started: RunRepo): Promise<void> {
  const captured = run.captured?.repos.find(({ repo }) => repo === started.repo)
  const base = workspaceBase(run, started)
  const { changed, missing, refs } = await services.snapshots.findUnsaved(await checkoutOf(services, run, started), captured ?? { base, commit: base })
  const unsaved = [...changed, ...missing.map(({ path }) => path), ...refs]
  if (unsaved.length === 0) return
  throw new ControlError('workspace.changed', `The workspace of ${run.id} holds what is in no round and would be gone: ${nameUpTo5(unsaved.map((name) => `${started.repo}/${name}`))}`, {
    hint: `Seal it, or move it away, then try again: signalbox seal ${run.id}`,
    data: { repo: started.repo, paths: unsaved },
  })
}

async function mergeInto(services: Services, run: Run, round: Snapshot, { saved, started, head }: Anew): Promise<readonly Conflict[]> {
  const { repo, base, commit } = saved
  const checkout = await checkoutOf(services, run, started)
  const left = await services.workspaces.merge({ checkout, base: head, baseBranch: started.baseBranch, of: { base, commit }, labels: { base: started.baseBranch, of: round.id } })
  return left.map((conflict) => ({ repo, ...conflict }))
}
