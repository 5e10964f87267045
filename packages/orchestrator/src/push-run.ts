import { approvedStrategy, ControlError, findPush, hasCode, isPushed, latestRound, messageOf, nameUpTo5, pushWords, reportPush, runBranch, sayPushed, type BranchName, type GateReport, type Known, type MergeStrategy, type Push, type pushRequestSchema, type PushResult, type RemoteTarget, type RepoName, type Run, type RunEventOf, type RunId, type Snapshot } from '@signalbox/core'
import { markActive, unmarkEnded } from './active-runs.ts'
import { blocked, refuseOtherThanSeen } from './approve-run.ts'
import { changedRepos } from './capture-snapshot.ts'
import { gatherFacts } from './gather-facts.ts'
import { look } from './look.ts'
import { prepare, record } from './merge-run.ts'
import { openPullRequests } from './open-pull-requests.ts'
import { refuseMerged } from './refuse-merged.ts'
import { withState, type Services } from './services.ts'
import { tellHandoff } from './write-handoff.ts'

type Request = ReturnType<typeof pushRequestSchema.parse> & { readonly strategy: MergeStrategy }
type Seen = ReadonlyMap<RepoName, Known<RemoteTarget>>

/** Where a round goes: the same names in every repo. */
interface Place {
  readonly remote: string
  readonly branch: BranchName
}

/**
 * Pushes the approved round to a branch of a remote, repo by repo, and may open pull requests. What speaks with a remote
 * does not hold the state lock: a lease on what was seen there decides, and the remote.
 */
export async function pushRun(services: Services, id: RunId, asked: ReturnType<typeof pushRequestSchema.parse>): Promise<PushResult> {
  await services.memory.refuseNewer()
  const run = await services.log.foldToChange(id)
  const request = { ...asked, strategy: asked.strategy ?? approvedStrategy(run) }
  const place = { remote: request.remote, branch: request.branch ?? runBranch(id) }
  const round = latestRound(run)
  if (request.pullRequest) refuseOwnTarget(run, place)
  const seen = round === undefined ? new Map<never, never>() : await lookAtRemotes(services, run, round, place)
  // What was seen there is about that round.
  const digest = request.digest ?? round?.digest
  const { started, round: approved, waived, kept } = await withState(services, () => startPush(services, id, { ...request, ...place, digest }, seen))
  await pushRepos(services, id, started, { round: approved, kept, seen })
  if (request.pullRequest) await openPullRequests(services, id, started, waived)
  const push = pushOf(await services.log.fold(id), started)
  return { state: 'pushed', remote: push.remote, branch: push.branch, snapshot: push.snapshot, repos: push.repos }
}

function refuseOwnTarget(run: Run, { branch }: Place): void {
  const same = run.repos.find(({ baseBranch }) => baseBranch === branch)
  if (same !== undefined) throw new ControlError('input.invalid', `${branch} is where the task means to land in ${same.repo}: a pull request goes from another branch to it`, { hint: `Leave out --branch: signalbox push ${run.id} --pr` })
}

async function lookAtRemotes(services: Services, run: Run, round: Snapshot, place: Place): Promise<Seen> {
  const looks = changedRepos(round).map(async ({ repo, base }) => {
    const target = run.repos.find((started) => started.repo === repo)?.baseBranch
    if (target === undefined) throw new TypeError(`${round.id} holds ${repo}, which ${run.id} was not started on`)
    const seen = await look(async () => {
      const source = await services.repoPaths.sourceOf(repo)
      return services.remotes.read({ source, ...place, target, base }).catch((error: unknown) => {
        if (hasCode(error, 'remote.not_found')) return error as ControlError
        throw error
      })
    })
    if (seen.known && seen.value instanceof ControlError) throw seen.value
    return [repo, seen] as const
  })
  return new Map(await Promise.all(looks)) as Seen
}

/** Judges, makes the commits, and records what is about to happen, before anything leaves this machine. The caller holds the state lock. */
async function startPush(services: Services, id: RunId, request: Request & Place, seen: Seen): Promise<{ readonly started: Push; readonly round: Snapshot; readonly waived: GateReport['waived']; readonly kept: GateReport['kept'] }> {
  const run = await services.log.foldToChange(id)
  await refuseMerged(services, run)
  const earlier = await findEarlier(services, run, request)
  const report = reportPush(await gatherFacts(services, run, request.strategy), {
    remote: request.remote,
    branch: request.branch,
    pullRequest: request.pullRequest,
    repos: new Map([...seen].map(([repo, remote]) => [repo, { remote, ours: earlier?.repos.find((move) => move.repo === repo)?.to }])),
  })
  refuseOtherThanSeen(run, report, { digest: request.digest })
  const round = latestRound(run)
  if (report.verdict !== 'mergeable' || round === undefined) throw blocked(report)
  const started = earlier !== undefined && isThere(earlier, seen) ? earlier : await recordStart(services, run, request, { seen, judged: report, made: earlier?.repos })
  // What of it goes through before a kill has to come on record.
  if (!isPushed(started)) await markActive(services.layout, id)
  return { started, round, waived: report.waived, kept: report.kept }
}

/** Tells whether a push went to where its remotes are now: they may be at another address since. */
function isThere({ repos }: Push, seen: Seen): boolean {
  return repos.every(({ repo, url }) => {
    const remote = seen.get(repo)
    return remote?.known === true && remote.value.url === url
  })
}

/** Returns the push that this one goes on with: of the same round, under the same approval, to the same place, with commits that are still there. */
async function findEarlier(services: Services, run: Run, { remote, branch, strategy }: Request & Place): Promise<Push | undefined> {
  const digest = latestRound(run)?.digest
  const earlier = run.pushes.findLast((push) => push.remote === remote && push.branch === branch && push.strategy === strategy && push.digest === digest && push.approval === run.approval?.seal)
  if (earlier === undefined) return undefined
  const commits = await Promise.all(earlier.repos.map((move) => look(async () => services.sources.readCommit(await services.repoPaths.sourceOf(move.repo), move.to))))
  return commits.every(({ known }) => known) ? earlier : undefined
}

/** `made` are the commits of an earlier push, which go to another address now. */
async function recordStart(services: Services, run: Run, { strategy, remote, branch }: Request & Place, { seen, judged: { waived, kept }, made }: { readonly seen: Seen; readonly judged: Pick<GateReport, 'waived' | 'kept'>; readonly made: Push['repos'] | undefined }): Promise<Push> {
  const round = latestRound(run)
  if (round === undefined || run.approval === undefined) throw new TypeError('the gate let through what nobody approved')
  const moves = made ?? (await prepare(services, run, round, { repos: [], waived, ...(kept === undefined ? {} : { kept }) }, strategy)).map(({ repo, branch: target, to }) => ({ repo, target, to }))
  const repos = moves.map(({ repo, target, to }) => {
    const remoteTarget = seen.get(repo)
    if (remoteTarget?.known !== true) throw new TypeError('the gate let through a remote that nobody saw')
    return { repo, url: remoteTarget.value.url, target, from: remoteTarget.value.head ?? null, to }
  })
  const after = await services.log.append(run.id, { type: 'push.started', data: { by: await services.readActor(), snapshot: round.id, digest: round.digest, approval: run.approval.seal, strategy, remote, branch, repos } })
  const [started] = after.pushes.slice(-1)
  if (started === undefined) throw new TypeError('the log lost a push')
  return started
}

/** One by one: the first that is refused stops it, so that as little as can be is public without the rest. */
async function pushRepos(services: Services, id: RunId, started: Push, { round, kept, seen }: { readonly round: Snapshot; readonly kept: GateReport['kept']; readonly seen: Seen }): Promise<void> {
  const { remote, branch } = started
  for (const { repo, to, pushed } of started.repos) {
    const target = seen.get(repo)
    const approved = round.repos.find((saved) => saved.repo === repo)
    if (approved === undefined) throw new TypeError(`a push of ${round.id} names ${repo}, which is not in it`)
    const from = target?.known === true ? target.value.head : undefined
    const commits = kept?.repos.find((one) => one.repo === repo)?.commits ?? []
    const named = { remote, branch, repo, to }
    const because = await attempt(async () => services.remotes.push({ source: await services.repoPaths.sourceOf(repo), remote, branch, from, to, approved: { ...approved, commits } }))
    if (because !== undefined) {
      await settle(services, id, { type: 'push.stopped', data: { ...named, because } })
      throw stopped(await services.log.fold(id), started, `${repo}: ${because}`)
    }
    if (!pushed) await withState(services, () => recordPushed(services, id, named))
  }
  if (!isPushed(started)) await settle(services, id)
}

/** A recovery that came along meanwhile took the mark away: what goes through before a kill has to come on record all the same. */
async function recordPushed(services: Services, id: RunId, data: RunEventOf<'branch.pushed'>['data']): Promise<void> {
  await markActive(services.layout, id)
  await services.log.append(id, { type: 'branch.pushed', data })
}

async function attempt(push: () => ReturnType<Services['remotes']['push']>): Promise<string | undefined> {
  try {
    const end = await push()
    return end.pushed ? undefined : end.because
  } catch (error) {
    return messageOf(error)
  }
}

/** Puts what happened on record everywhere. */
async function settle(services: Services, id: RunId, ...events: Parameters<Services['log']['append']> extends readonly [RunId, ...infer E] ? E : never): Promise<void> {
  await withState(services, async () => {
    const run = events.length === 0 ? await services.log.fold(id) : await services.log.append(id, ...events)
    await tellHandoff(services, run)
    await record(services, run, 'push')
    await unmarkEnded(services.layout, run)
  })
}

function stopped(run: Run, started: Push, because: string): ControlError {
  const push = pushOf(run, started)
  const through = push.repos.filter(({ pushed }) => pushed).map((move) => sayPushed(push, move))
  return new ControlError('push.stopped', `The push of ${run.id} stopped at ${because}; ${through.length === 0 ? 'nothing is known to have been pushed' : `pushed, and staying so: ${nameUpTo5(through)}`}`, {
    hint: `Clear what it names, then go on with the rest: signalbox ${pushWords(run.id, push)}`,
    data: { state: 'stopped', remote: push.remote, branch: push.branch, repos: push.repos },
  })
}

function pushOf(run: Run, started: Push): Push {
  const [move] = started.repos
  const push = move === undefined ? undefined : findPush(run.pushes, { ...started, repo: move.repo, to: move.to })
  if (push === undefined) throw new TypeError('the log lost a push')
  return push
}
