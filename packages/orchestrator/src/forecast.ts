import {
  approvedStrategy,
  findOpenDependencies,
  isChangeReadable,
  latestRound,
  orderLandings,
  reportGate,
  standingOf,
  type Forecast,
  type ForecastPair,
  type ForecastRun,
  type ForecastTarget,
  type GateFacts,
  type Known,
  type Oid,
  type RepoFacts,
  type Run,
  type Snapshot,
  type Task,
} from '@signalbox/core'
import { atMost } from './at-most.ts'
import { changedRepos } from './capture-snapshot.ts'
import { gatherFacts } from './gather-facts.ts'
import { look } from './look.ts'
import type { MergePreview, Preview } from './git-ports.ts'
import { readRuns } from './read-runs.ts'
import type { Services } from './services.ts'

/** Looks at once: more only wait for each other's git processes. */
const LOOKS = 4

/**
 * Says how all open runs would land: each on its targets as they are, each after each other one, and a good order. The
 * gate is asked for the first; the second is computed in the vaults, on trees. Nothing is checked out, nothing is kept.
 */
export async function forecast(services: Services): Promise<Forecast> {
  const [{ runs, quarantined }, tasks] = await Promise.all([readRuns(services), readTasks(services)])
  // A task that is done or dropped waits for no landing, though runs of it may lie there.
  const open = runs.filter((run) => isOpen(run) && !isClosed(tasks.get(run.task)))
  const sealed = open.flatMap((run) => {
    const round = latestRound(run)
    return round === undefined || waitsFor(run) !== undefined ? [] : [{ run, round }]
  })
  const looked = await atMost(LOOKS, sealed, async ({ run, round }) => toCandidate({ run, round, facts: await gatherFacts(services, run, approvedStrategy(run)), title: tasks.get(run.task)?.title ?? null, needs: findOpenDependencies(run.task, tasks) }))
  const candidates = looked.filter((candidate) => candidate !== undefined)
  return {
    order: [...orderLandings(candidates.map(({ seen }) => seen), await findPairs(services, candidates))],
    waiting: open.flatMap((run) => {
      const because = waitsFor(run)
      return because === undefined ? [] : [{ run: run.id, task: run.task, because }]
    }),
    quarantined: [...quarantined],
  }
}

/** A run that may land, with what its round changes. */
interface Candidate {
  readonly seen: ForecastRun
  readonly round: Snapshot
  readonly repos: readonly RepoFacts[]
}

async function readTasks(services: Services): Promise<ReadonlyMap<string, Task>> {
  const { records } = await services.memory.list('task')
  return new Map(records.map((task) => [task.id, task]))
}

function isOpen(run: Run): boolean {
  return run.merge.kind !== 'merged' && run.rejection === undefined && (run.state.kind !== 'ended' || latestRound(run) !== undefined)
}

/** Says why nothing can be said of an open run yet; undefined when something can. */
function waitsFor(run: Run): string | undefined {
  if (run.merge.kind === 'merging' || run.merge.kind === 'stuck') return 'Its landing is not settled'
  return latestRound(run) === undefined ? 'Nothing is sealed yet' : undefined
}

function isClosed(task: Task | undefined): boolean {
  return task?.status === 'done' || task?.status === 'dropped'
}

/** Undefined for a round that changed nothing: there is nothing to land. */
function toCandidate({ run, round, facts, ...ofTask }: { readonly run: Run; readonly round: Snapshot; readonly facts: GateFacts } & Pick<ForecastRun, 'title' | 'needs'>): Candidate | undefined {
  const report = reportGate(facts)
  if (report.verdict === 'nothing_to_merge') return undefined
  const repos = facts.repos.filter(({ changed }) => changed)
  const seen = { run: run.id, task: run.task, ...ofTask, snapshot: round.id, queuedAt: run.queuedAt, targets: repos.map(toTarget), ...standingOf(report, facts.approval) }
  return { seen, round, repos }
}

function toTarget(facts: RepoFacts): ForecastTarget {
  const { repo, branch, base, reachable, target } = facts
  const known = { repo, branch, paths: [], because: null }
  if (!reachable.known) return { ...known, state: 'unknown', because: reachable.because }
  if (!target.known) return { ...known, state: 'unknown', because: target.because }
  const { head, conflicts, unread, advanced } = target.value
  if (head === undefined) return { ...known, state: 'missing', because: `There is no branch ${branch}` }
  if (!isChangeReadable(facts)) return { ...known, state: 'unknown', because: 'what it changes cannot be read' }
  if (unread !== undefined) return { ...known, state: 'unknown', because: unread }
  if (conflicts.length > 0) return { ...known, state: 'conflict', paths: [...conflicts] }
  return { ...known, state: head === base || advanced !== undefined ? 'in_place' : 'moved' }
}

/** One run's change of one target that it fits on. */
interface Member {
  readonly run: ForecastRun['run']
  readonly change: { readonly base: Oid; readonly commit: Oid }
}

interface Target {
  readonly repo: RepoFacts['repo']
  readonly head: Oid
  readonly members: Member[]
}

async function findPairs(services: Services, candidates: readonly Candidate[]): Promise<readonly ForecastPair[]> {
  const targets = groupByTarget(candidates).filter(({ members }) => members.length > 1)
  const found: ForecastPair[] = []
  // One vault after the other: each has looks enough to keep the machine busy.
  for (const target of targets) found.push(...(await findPairsOf(services, target)))
  return found
}

function groupByTarget(candidates: readonly Candidate[]): readonly Target[] {
  const targets = new Map<string, Target>()
  for (const { seen, round, repos } of candidates) {
    for (const change of changedRepos(round)) {
      const facts = repos.find(({ repo }) => repo === change.repo)
      const state = seen.targets.find(({ repo }) => repo === change.repo)?.state
      const head = facts?.target.known === true ? facts.target.value.head : undefined
      if (facts === undefined || head === undefined || (state !== 'in_place' && state !== 'moved')) continue
      const key = `${facts.repo} ${facts.branch} ${head}`
      const target = targets.get(key) ?? { repo: facts.repo, head, members: [] }
      target.members.push({ run: seen.run, change })
      targets.set(key, target)
    }
  }
  return [...targets.values()]
}

async function findPairsOf(services: Services, { repo, head, members }: Target): Promise<readonly ForecastPair[]> {
  const pairs = members.flatMap((first) => members.flatMap((second) => (first === second ? [] : [{ first, second }])))
  const results = await look(async () =>
    services.snapshots.withPreviews(await services.repoPaths.sourceOf(repo), async (preview) => {
      const landed = new Map(await atMost(LOOKS, members, async (member) => [member, await look(() => preview(member.change, head))] as const))
      return atMost(LOOKS, pairs, ({ first, second }) => previewAfter(preview, landed.get(first), second))
    }),
  )
  return pairs.flatMap(({ first, second }, index) => {
    const result = results.known ? results.value[index] : results
    if (result?.known === true && result.value.kind === 'clean') return []
    const paths = result?.known === true && result.value.kind === 'conflict' ? result.value.paths : []
    return [{ first: first.run, second: second.run, repo, paths, because: result?.known === false ? result.because : null }]
  })
}

async function previewAfter(preview: Preview, first: Known<MergePreview> | undefined, second: Member): Promise<Known<MergePreview>> {
  if (first === undefined || !first.known) return first ?? { known: false, because: 'it was not looked at' }
  if (first.value.kind === 'conflict') return { known: false, because: `its target moved meanwhile, and the earlier run no longer fits on it: ${first.value.paths.join(', ')}` }
  const { tree } = first.value
  return look(() => preview(second.change, tree))
}
