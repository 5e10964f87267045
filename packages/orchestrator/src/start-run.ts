import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { baseBranchOf, ControlError, parseRunOrSnapshot, resolveHome, sayStrayRepos, taskRevisionText, type Config, type Isolation, type NewRun, type Run, type RunEventOf, type RunId, type RunRepo, type Snapshot, type SourceFingerprint, type Task, type TaskId } from '@signalbox/core'
import { markActive } from './active-runs.ts'
import { findInstalled } from './agents.ts'
import { sha256 } from './approval-key.ts'
import { carryFindings, readCarried, type CarriedFinding } from './carry-findings.ts'
import { keepFingerprints } from './compare-sources.ts'
import { findSnapshot } from './find-snapshot.ts'
import { writeDurably } from './durable-file.ts'
import { reservePorts } from './run-ports.ts'
import { readOwner, takeLease } from './lease.ts'
import { isMemory } from './memory-source.ts'
import { moveTask } from './move-task.ts'
import { requireReadable } from './read-saved.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import { withState, type Services } from './services.ts'
import { isTakenBack } from './taken-back.ts'
import { refuseFull } from './watch-room.ts'

/** Milliseconds a supervisor gets to take its run over; it is one Node start. */
const claimMs = 30_000

/** Queues a run, starts its supervisor, and returns once the supervisor owns it. One that begins with a round of another run takes its open findings over. */
export function startRun(services: Services, taskId: TaskId, request: NewRun): Promise<RunId> {
  return launchQueued(services, async () => {
    const task = await services.memory.read('task', taskId)
    const named = request.from === undefined ? undefined : parseRunOrSnapshot(request.from)
    const carried = named === undefined ? [] : await readCarried(services, await services.log.fold(named.run))
    return queueRun(services, task, { request, carried })
  })
}

/** Starts the supervisor of a run that `queue` queues under the state lock, and returns once it owns the run. */
export async function launchQueued(services: Services, queue: () => Promise<Run>): Promise<RunId> {
  await refuseFull(services)
  const run = await withState(services, async () => {
    const begun = await queue()
    await launch(services, begun, 'start')
    return begun.id
  })
  await waitForClaim(services, run)
  return run
}

/** Starts the supervisor of a run that was just queued. The caller holds the state lock. */
export async function launch(services: Services, { id, task }: Pick<Run, 'id' | 'task'>, verb: 'start' | 'resume'): Promise<void> {
  // Before there is a supervisor: when its run ends, it moves on only a task that is active.
  await moveTask(services, task, ['draft', 'ready', 'blocked', 'review'], 'active')
  const pid = await services.launchSupervisor(id, services.layout.run(id).supervisorLog)
  await takeLease(services.layout, id, pid)
  await services.log.publish(id)
  await services.memory.commit(`${task}: ${verb} ${id}`)
}

/** What a run is to be, and the findings that it begins with. */
interface Queued {
  readonly request: NewRun
  readonly carried: readonly CarriedFinding[]
}

/** Records a run that is to be started. The caller holds the state lock. */
export async function queueRun(services: Services, task: Task, { request, carried }: Queued): Promise<Run> {
  refuseUnready(task)
  const argv = [...(request.argv ?? [])]
  const agent = await findInstalled(services, request.agent)
  agent.validate?.(argv)
  const isolation = request.isolation ?? 'private'
  if (isolation === 'sandbox') await refuseWithoutSandbox(services)
  const config = await services.memory.readConfig()
  const ontoTarget = request.ontoTarget === true
  const from = request.from === undefined ? undefined : await readFrom(services, task, request.from)
  if (ontoTarget) await refuseMerging(services, from, isolation)
  const observed = await Promise.all(task.repos.map((repo) => observeRepo(services, config, task, { repo, saved: ontoTarget ? undefined : from?.repos.find((one) => one.repo === repo) })))
  await refuseMemory(services, task, { isolation, config, repos: observed.map(({ repo }) => repo) })
  const id = await services.memory.allocateRun()
  const layout = services.layout.run(id)
  await Promise.all([
    writeDurably(services.layout, layout.tag, randomUUID()),
    keepFingerprints(services, id, observed.map(({ repo: { repo }, fingerprint }) => ({ repo, fingerprint }))),
    reservePorts(services.layout, id),
    markActive(services.layout, id),
  ])
  const by = await services.readActor()
  const run = await services.log.begin(id, task.id, {
    type: 'run.queued',
    data: {
      agent: request.agent,
      argv,
      isolation,
      ...(isolation === 'sandbox' ? { sandbox: config.sandbox } : {}),
      home: resolveHome(config.homes, agent, services.env),
      by,
      taskRevision: sha256(taskRevisionText(task)),
      baseBranch: task.baseBranch ?? null,
      scope: task.scope ?? null,
      repos: observed.map(({ repo }) => repo),
      ...(from === undefined ? {} : { from: from.id }),
      ...(ontoTarget ? { ontoTarget } : {}),
      minutes: request.minutes ?? config.limits.minutes,
      ...limitsOf(request, config),
      budget: request.budget ?? null,
    },
  })
  if (ontoTarget && from !== undefined) {
    const earlier = runOf(from.id)
    await services.log.append(earlier, { type: 'refresh.delegated', data: { by, of: from.id, run: id } })
    await services.log.publish(earlier)
  }
  await carryFindings(services, run, carried)
  return run
}

function limitsOf(request: NewRun, { limits }: Config): Pick<RunEventOf<'run.queued'>['data'], 'silentMinutes' | 'spending'> {
  const [silentMinutes, tokens, cost] = [request.silentMinutes ?? limits.silentMinutes, request.tokens ?? limits.tokens, request.cost ?? limits.cost]
  const spending = { ...(tokens === undefined ? {} : { tokens }), ...(cost === undefined ? {} : { cost }) }
  return { ...(silentMinutes === undefined ? {} : { silentMinutes }), ...(tokens === undefined && cost === undefined ? {} : { spending }) }
}

/** What is merged is work that is over, and not landed or taken back since, and into checkouts whose git directory is the run's own. */
async function refuseMerging(services: Services, from: Snapshot | undefined, isolation: Run['isolation']): Promise<void> {
  if (from === undefined) throw new ControlError('input.invalid', 'Nothing was named that is to be merged into the targets')
  const earlier = await services.log.fold(runOf(from.id))
  refuseActive(earlier)
  if (!(await isTakenBack(services, earlier))) await refuseMerged(services, earlier)
  if (!from.complete) throw new ControlError('refresh.conflict', `Not everything in ${from.id} could be saved, and what it lacks would be gone in another run`, { hint: `See what, and what to do about it: signalbox gate ${earlier.id}` })
  if (earlier.takesBack !== undefined) throw new ControlError('input.invalid', `${earlier.id} takes a landing back, which another run would not`, { hint: `Settle it in its own workspace: signalbox refresh ${earlier.id} --resolve` })
  if (isolation === 'linked') throw new ControlError('input.invalid', 'Nothing is merged into a worktree of your own repository', { hint: 'Leave out --isolation, or ask for sandbox' })
}

function runOf(snapshot: Snapshot['id']): RunId {
  const named = parseRunOrSnapshot(snapshot)
  if (named === undefined) throw new TypeError(`${snapshot} is no snapshot`)
  return named.run
}

function refuseUnready(task: Task): void {
  if (task.status === 'done' || task.status === 'dropped') {
    throw new ControlError('task.closed', `${task.id} is ${task.status}; a run would have nothing to do`, { hint: `Open it again first: signalbox task edit ${task.id} --status ready` })
  }
  const stray = sayStrayRepos(task)
  if (stray !== undefined) throw new ControlError('input.invalid', `What ${task.id} is to change is not clear: ${stray}`, { hint: `Correct ${task.path}` })
  if (task.repos.length === 0) {
    throw new ControlError('task.no_repos', `${task.id} names no repo to work in`, { hint: `Add one: signalbox task edit ${task.id} --repo NAME` })
  }
}

/** Finds the snapshot that a run is to begin with. */
async function readFrom(services: Services, task: Task, from: string): Promise<Snapshot> {
  const named = parseRunOrSnapshot(from)
  if (named?.round === undefined) throw new ControlError('input.invalid', `${from} is no snapshot; one looks like R0001.s2`)
  const run = await services.log.fold(named.run)
  const snapshot = findSnapshot(run, named.round)
  if (run.task !== task.id) throw new ControlError('input.invalid', `${snapshot.id} is of ${run.task}, so no run of ${task.id} can begin with it`, { hint: `Start it on ${run.task}, or write it out: signalbox restore ${snapshot.id} FOLDER` })
  const left = snapshot.repos.filter(({ repo }) => !task.repos.includes(repo)).map(({ repo }) => repo)
  if (left.length > 0) throw new ControlError('input.invalid', `${snapshot.id} holds ${left.join(', ')}, which ${task.id} does not name any more`, { hint: `Name it again: signalbox task edit ${task.id} ${[...task.repos, ...left].map((repo) => `--repo ${repo}`).join(' ')}` })
  await requireReadable(services, run, snapshot)
  return snapshot
}

/** Refuses what makes no sense where the memory repo is a target itself. */
async function refuseMemory(services: Services, { id, repos: names }: Task, { isolation, config, repos }: { readonly isolation: Isolation; readonly config: Config; readonly repos: readonly RunRepo[] }): Promise<void> {
  const sources = await Promise.all(names.map((repo) => services.repoPaths.sourceOf(repo)))
  const memory = sources.find((source) => isMemory(services, source))
  if (memory === undefined) return
  // An agent could write the records that judge it, and ours would look like its doing.
  if (isolation === 'linked') throw new ControlError('repo.is_memory', `${memory.repo} is the memory repo, and no run of ${id} works in a worktree of it`, { hint: 'Leave out --isolation, or ask for sandbox' })
  const target = repos.find(({ repo, baseBranch, source }) => repo === memory.repo && source.branch === baseBranch)
  if (config.memory.commit === 'manual' && target !== undefined) {
    throw new ControlError('repo.is_memory', `${memory.repo} is the memory repo, and records are not committed there (memory.commit: manual): those of ${id} would stand in the way of its own landing on ${target.baseBranch}`, {
      hint: 'Set memory.commit to each in signalbox.yaml, or give the task a --base-branch that is not checked out there',
    })
  }
}

/** Asked for what this machine cannot do, a run is not started with less. */
async function refuseWithoutSandbox(services: Services): Promise<void> {
  const hindrance = await services.sandbox.findHindrance()
  if (hindrance !== undefined) throw new ControlError('sandbox.unavailable', `No run can be sandboxed here: ${hindrance.because}`, { hint: hindrance.hint })
}

/** A repo as the run begins on it, and what of it is compared at the end. */
interface ObservedRepo {
  readonly repo: RunRepo
  readonly fingerprint: SourceFingerprint
}

/** With `saved`, a repo begins on the base that has, wherever its branch is by now. */
async function observeRepo(services: Services, config: Config, task: Task, { repo, saved }: { readonly repo: Task['repos'][number]; readonly saved: Snapshot['repos'][number] | undefined }): Promise<ObservedRepo> {
  const settings = config.repos[repo]
  if (settings === undefined) {
    throw new ControlError('repo.not_found', `${task.id} names the repo ${repo}, which is not registered`, { hint: `Register it: signalbox repo add PATH --name ${repo}` })
  }
  const baseBranch = baseBranchOf(task, repo, settings.baseBranch)
  const source = await services.repoPaths.sourceOf(repo)
  const baseHead = await services.sources.readHead(source, baseBranch)
  if (baseHead === undefined) {
    throw new ControlError('repo.branch_missing', `${repo} has no branch ${baseBranch}`, { hint: `Create it there, or set another: signalbox task edit ${task.id} --base-branch NAME` })
  }
  const { state, fingerprint } = await services.sources.observe(source)
  return { repo: { repo, baseBranch, baseHead: saved?.base ?? baseHead, source: state }, fingerprint }
}

/** Waits until the supervisor of a queued run owns it. @throws ControlError `run.failed` */
export async function waitForClaim(services: Services, run: RunId): Promise<void> {
  const end = performance.now() + claimMs
  while ((await services.log.fold(run)).state.kind === 'queued') {
    if ((await readOwner(services.layout, run)) === undefined || performance.now() > end) {
      throw new ControlError('run.failed', `The supervisor of ${run} did not start`, { hint: `Read ${services.layout.run(run).supervisorLog}; the next command ends the run and writes its handoff` })
    }
    await delay(20)
  }
}
