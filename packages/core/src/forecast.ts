import * as z from 'zod'
import { sayStep } from './forecast-reasons.ts'
import type { GateFacts } from './gate-facts.ts'
import type { GateReport } from './gate-report.ts'
import { branchNameSchema, repoNameSchema, runIdSchema, snapshotIdSchema, taskIdSchema, type RunId, type TaskId } from './ids.ts'
import { quarantinedSchema } from './records.ts'

/** How a run fits on one of its targets as it is now. `unknown` is a look that failed, and says why. */
export const forecastTargetSchema = z.object({
  repo: repoNameSchema,
  branch: branchNameSchema,
  state: z.enum(['in_place', 'moved', 'conflict', 'missing', 'unknown']),
  /** Paths that conflict. */
  paths: z.array(z.string()),
  because: z.string().nullable(),
})
export type ForecastTarget = z.infer<typeof forecastTargetSchema>

/** `blocked` are runs that something of their own keeps from landing, such as a red check. */
const standings = ['approved', 'approvable', 'blocked'] as const

/** Why a run would not land any more once another one has. `paths` is empty where the look failed; `because` then says why. */
const collisionSchema = z.object({ after: runIdSchema, repo: repoNameSchema, paths: z.array(z.string()), because: z.string().nullable() })

export const forecastStepSchema = z.object({
  run: runIdSchema,
  task: taskIdSchema,
  title: z.string().nullable(),
  snapshot: snapshotIdSchema,
  standing: z.enum(standings),
  /** What keeps a `blocked` run from landing. */
  because: z.array(z.string()),
  targets: z.array(forecastTargetSchema),
  /** Whether it lands in this order; else it has to be done anew, for the reasons in `targets` and `collisions`. */
  lands: z.boolean(),
  /** Whether it has to be refreshed first, because a target of it has moved already or will have by the runs before it. */
  refresh: z.boolean(),
  /** Earlier runs of this order that move a target of it. */
  refreshAfter: z.array(runIdSchema),
  collisions: z.array(collisionSchema),
  /** Open tasks that its own depends on, each with an earlier run of this order that lands it; null where none does. */
  dependsOn: z.array(z.object({ task: taskIdSchema, after: runIdSchema.nullable() })),
  /** All of that in sentences. */
  reasons: z.array(z.string()),
})
export type ForecastStep = z.infer<typeof forecastStepSchema>

export const forecastSchema = z.object({
  /** Runs with a sealed round that has not landed, in the order to land them. */
  order: z.array(forecastStepSchema),
  /** Open runs that nothing can be said of yet. */
  waiting: z.array(z.object({ run: runIdSchema, task: taskIdSchema, because: z.string() })),
  quarantined: z.array(quarantinedSchema),
})
export type Forecast = z.infer<typeof forecastSchema>

/** What is known of one run before any order is made. */
export type ForecastRun = Pick<ForecastStep, 'run' | 'task' | 'title' | 'snapshot' | 'standing' | 'because' | 'targets'> & {
  readonly queuedAt: string
  /** Open tasks that its own depends on, directly or not. */
  readonly needs: readonly TaskId[]
}

/** That `second` would conflict once `first` has landed, or that nobody could tell. Pairs that fit are not listed. */
export interface ForecastPair {
  readonly first: RunId
  readonly second: RunId
  readonly repo: ForecastTarget['repo']
  readonly paths: readonly string[]
  readonly because: string | null
}

/** Reasons of the gate that a landing order is about, or that a human deals with at the moment of landing. */
const ofLanding: readonly GateReport['blockers'][number]['code'][] = ['target_moved', 'target_missing', 'target_dirty', 'target_busy', 'merge_conflict', 'repo_unreachable', 'approval_missing', 'approval_stale']

/** Returns how a run stands by its gate report, leaving its targets aside. A yes to the digest it has now counts, also where a target moved since. */
export function standingOf({ digest, blockers }: Pick<GateReport, 'digest' | 'blockers'>, approval: GateFacts['approval']): Pick<ForecastRun, 'standing' | 'because'> {
  const own = blockers.filter(({ code }) => !ofLanding.includes(code))
  if (own.length > 0) return { standing: 'blocked', because: own.map(({ message }) => message) }
  return { standing: approval?.genuine === true && approval.value.digest === digest ? 'approved' : 'approvable', because: [] }
}

/**
 * Puts runs into an order to land them: none before one that can land of a task it depends on, what can land before what cannot yet,
 * then greedily the run that spoils the fewest of the others, approved before approvable, then the older one. Runs that no longer
 * fit come last. An unknown counts as a conflict. The same facts give the same order, however they are listed.
 */
export function orderLandings(runs: readonly ForecastRun[], pairs: readonly ForecastPair[]): readonly ForecastStep[] {
  const spoils = new Set(pairs.map(({ first, second }) => `${first} ${second}`))
  const ranked = runs.toSorted(compare)
  const landing: ForecastRun[] = []
  const fits = (run: ForecastRun): boolean => !landing.includes(run) && run.targets.every(isReachable) && !landing.some((earlier) => spoils.has(`${earlier.run} ${run.run}`))
  for (let open = ranked.filter(fits); open.length > 0; open = ranked.filter(fits)) {
    const free = open.filter((run) => !waits(run, open, landing))
    // None is free where tasks depend on each other in a circle.
    const next = free.length > 0 ? free : open
    const able = next.filter(({ standing }) => standing !== 'blocked')
    landing.push(leastSpoiling(able.length > 0 ? able : next, spoils))
  }
  return [...landing, ...ranked.filter((run) => !landing.includes(run))].map((run) => toStep(run, landing, pairs))
}

/** Says whether a task that a run needs is still to land, by any run that can. */
function waits({ needs }: ForecastRun, open: readonly ForecastRun[], landing: readonly ForecastRun[]): boolean {
  return needs.some((need) => open.some(({ task }) => task === need) && !landing.some(({ task }) => task === need))
}

/** Of equals the first one, and they come ranked. */
function leastSpoiling(open: readonly ForecastRun[], spoils: ReadonlySet<string>): ForecastRun {
  const costs = open.map(({ run }) => open.filter((other) => spoils.has(`${run} ${other.run}`)).length)
  const cheapest = open[costs.indexOf(Math.min(...costs))]
  if (cheapest === undefined) throw new RangeError('no run is left to choose from')
  return cheapest
}

function compare(a: ForecastRun, b: ForecastRun): number {
  return standings.indexOf(a.standing) - standings.indexOf(b.standing) || compareText(a.queuedAt, b.queuedAt) || compareText(a.run, b.run)
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function isReachable({ state }: ForecastTarget): boolean {
  return state === 'in_place' || state === 'moved'
}

function toStep({ queuedAt: _queuedAt, needs, ...run }: ForecastRun, landing: readonly ForecastRun[], pairs: readonly ForecastPair[]): ForecastStep {
  const place = landing.findIndex((one) => one.run === run.run)
  const lands = place >= 0
  const earlier = lands ? landing.slice(0, place) : landing
  const refreshAfter = lands ? earlier.filter((one) => sharesTarget(one, run)).map((one) => one.run) : []
  const collisions = earlier.flatMap(({ run: after }) => pairs.filter(({ first, second }) => first === after && second === run.run))
  const step = {
    ...run,
    lands,
    refresh: lands && (refreshAfter.length > 0 || run.targets.some(({ state }) => state === 'moved')),
    refreshAfter,
    collisions: collisions.map(({ first, repo, paths, because }) => ({ after: first, repo, paths: [...paths], because })),
    dependsOn: needs.map((task) => ({ task, after: earlier.find((one) => one.task === task)?.run ?? null })),
  }
  return { ...step, reasons: sayStep(step) }
}

function sharesTarget(a: Pick<ForecastRun, 'targets'>, b: Pick<ForecastRun, 'targets'>): boolean {
  return a.targets.some(({ repo, branch }) => b.targets.some((other) => other.repo === repo && other.branch === branch))
}
