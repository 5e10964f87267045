import { randomUUID } from 'node:crypto'
import { ControlError, latestRound, taskRevisionText, type LandedRepo, type MergeResult, type Run, type RunId, type RunRepo, type SnapshotRepo, type Task } from '@signalbox/core'
import { markActive } from './active-runs.ts'
import { sha256 } from './approval-key.ts'
import { toSnapshot, toSnapshotRepo } from './capture-snapshot.ts'
import { writeDurably } from './durable-file.ts'
import { recordEnd } from './finish-run.ts'
import { moveTask } from './move-task.ts'
import type { Services } from './services.ts'
import { refuseTakenBack } from './taken-back.ts'

/** Who works in a run that takes a landing back: nobody, we computed it. */
export const undoAgent = 'undo'

/**
 * Makes a run that takes a landing back on its targets as they are now, with a sealed round to be reviewed and landed
 * like any other; what was built on top stays. Moves no target. The caller holds the state lock.
 */
export async function undoAsRun(services: Services, run: Run): Promise<MergeResult> {
  if (run.merge.kind !== 'merged') {
    throw new ControlError('run.not_merged', `${run.id} is not merged, so there is nothing to take back`, { hint: `Its state: signalbox show ${run.id}` })
  }
  await refuseTakenBack(services, run)
  const known = await findStandingRevert(services, run)
  if (known !== undefined) return { state: 'prepared', repos: [], run: known }
  const landed = run.merge.repos
  const [task, config, heads] = await Promise.all([services.memory.read('task', run.task), services.memory.readConfig(), Promise.all(run.repos.map((repo) => observeTarget(services, run, landed, repo)))])
  const targets = await baseOn(services, run, landed, heads)
  const id = await begin(services, { run, landed, task, targets, minutes: config.limits.minutes })
  // Before there is a round: a revert that lands must not be one that nobody knows of.
  await services.log.append(run.id, { type: 'merge.revert_prepared', data: { by: await services.readActor(), run: id } })
  await services.log.publish(run.id)
  const snapshot = toSnapshot({ id }, { number: 1, kind: 'round', repos: await computeRepos(services, id, landed, targets) })
  await services.log.append(id, { type: 'sealing.started', data: {} }, { type: 'round.sealed', data: { snapshot, by: 'undo', sameChange: null } })
  await moveTask(services, run.task, ['done'], 'review')
  await recordEnd(services, id, { outcome: 'completed', because: `It takes back what ${run.id} landed`, by: 'run' })
  return { state: 'prepared', repos: [], run: id }
}

/** The run that is to take this landing back already and was not turned down. */
async function findStandingRevert(services: Services, run: Run): Promise<RunId | undefined> {
  for (const id of run.reverts) {
    const revert = await services.log.foldToChange(id)
    const { merge, rejection } = revert
    // What a part of it left landed can still be taken back, and so can what came back.
    if (merge.kind === 'merged') continue
    // One that was killed before it had a round leads nowhere.
    if (rejection === undefined && latestRound(revert) !== undefined) return id
  }
  return undefined
}

async function observeTarget(services: Services, run: Run, landed: readonly LandedRepo[], started: RunRepo): Promise<RunRepo> {
  const { repo } = started
  const baseBranch = landed.find((move) => move.repo === repo)?.branch ?? started.baseBranch
  const source = await services.repoPaths.sourceOf(repo)
  const baseHead = await services.sources.readHead(source, baseBranch)
  if (baseHead === undefined) throw new ControlError('repo.branch_missing', `${repo} has no branch ${baseBranch}, which ${run.id} landed on`, { hint: 'Create the branch again, then try again' })
  const { state } = await services.sources.observe(source)
  return { repo, baseBranch, baseHead, source: state }
}

/**
 * Says on which commit each repo is taken back: the target as it is now. Where what was built on top stands in the same places, the landed
 * commit, so that the round holds all of what is to be taken back; it then conflicts with its target like any other.
 * @throws ControlError `undo.refused` when nothing is left to take back
 */
async function baseOn(services: Services, run: Run, landed: readonly LandedRepo[], heads: readonly RunRepo[]): Promise<readonly RunRepo[]> {
  const seen = await Promise.all(
    heads.map(async (target) => {
      const move = landed.find(({ repo }) => repo === target.repo)
      if (move === undefined) return { target, changes: false }
      const { conflicts, changes } = await services.snapshots.previewTakeBack(await services.repoPaths.sourceOf(move.repo), move, target.baseHead)
      return { target: conflicts.length === 0 ? target : { ...target, baseHead: move.to }, changes }
    }),
  )
  if (seen.some(({ changes }) => changes)) return seen.map(({ target }) => target)
  throw new ControlError('undo.refused', `Nothing of what ${run.id} landed is on its targets any more, so there is nothing to take back`, { hint: `Look at what landed: signalbox show ${run.id}` })
}

async function computeRepos(services: Services, id: RunId, landed: readonly LandedRepo[], targets: readonly RunRepo[]): Promise<readonly SnapshotRepo[]> {
  return Promise.all(
    targets.map(async ({ repo, baseHead }) => {
      const result = await services.snapshots.takeBack(await services.repoPaths.sourceOf(repo), id, 1, landed.find((move) => move.repo === repo), baseHead)
      // The same objects gave no conflict a moment ago.
      if (result.kind === 'conflict') throw new TypeError(`Taking back ${repo} conflicts in ${result.paths.join(', ')}, which its preview did not say`)
      return toSnapshotRepo(repo, baseHead, result.captured)
    }),
  )
}

interface NewRevert {
  readonly run: Run
  readonly landed: readonly LandedRepo[]
  readonly task: Task
  readonly targets: readonly RunRepo[]
  readonly minutes: number
}

/** From here on a crash leaves a run to end: recovery finds it by its mark. */
async function begin(services: Services, { run, landed, task, targets, minutes }: NewRevert): Promise<RunId> {
  const id = await services.memory.allocateRun()
  await Promise.all([writeDurably(services.layout, services.layout.run(id).tag, randomUUID()), markActive(services.layout, id)])
  await services.log.begin(id, run.task, {
    type: 'run.queued',
    data: {
      agent: undoAgent,
      argv: [],
      isolation: 'private',
      by: await services.readActor(),
      taskRevision: sha256(taskRevisionText(task)),
      baseBranch: task.baseBranch ?? null,
      scope: task.scope ?? null,
      repos: [...targets],
      minutes,
      budget: null,
      takesBack: { run: run.id, repos: [...landed] },
    },
  })
  return id
}
