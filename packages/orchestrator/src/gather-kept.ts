import { commitsText, type AgentHistory, type KeptFacts, type Known, type MergeStrategy, type RepoFacts, type RepoName, type Run, type Snapshot, type SnapshotRepo, type Task } from '@signalbox/core'
import { readHistory, stepsOf } from './agent-commits.ts'
import { sha256 } from './approval-key.ts'
import { changedRepos } from './capture-snapshot.ts'
import { look } from './look.ts'
import { offScopeOf } from './off-scope.ts'
import { nameStep, notLooked, type SecretScans } from './scan-secrets.ts'
import type { Services } from './services.ts'

/** Of the repos that would land, where that is to keep the agent's commits. */
export async function readHistories(services: Services, run: Run, round: Snapshot, strategy: MergeStrategy): Promise<ReadonlyMap<RepoName, Known<AgentHistory>>> {
  const repos = strategy === 'keep' ? changedRepos(round) : []
  return new Map(await Promise.all(repos.map(async (saved) => [saved.repo, await look(() => readHistory(services, run, round, saved))] as const)))
}

interface Kept {
  readonly saved: SnapshotRepo
  readonly history: Known<AgentHistory>
  readonly scan: Known<SecretScans>
}

/** Puts together what is known of the commits of one repo; unknown where any of it is. */
export async function gatherKept(services: Services, task: Known<Task>, { saved, history, scan }: Kept): Promise<Known<KeptFacts>> {
  if (!history.known) return history
  const steps = stepsOf(history.value, saved).map((step) => ({ ...step, scanned: scan.known ? (scan.value.steps.get(nameStep(step.change)) ?? notLooked) : scan }))
  const gap = steps.map(({ scanned }) => scanned).find(({ known }) => !known)
  if (gap?.known === false) return gap
  return look(async () => {
    const source = await services.repoPaths.sourceOf(saved.repo)
    const isOff = offScopeOf(task, saved.repo)
    const judged = steps.flatMap(({ commit, change, scanned }) => (scanned.known ? [{ commit, change, secrets: scanned.value }] : []))
    const facts = await Promise.all(judged.map(async ({ commit, change, secrets }) => ({ commit, offScope: isOff === undefined ? [] : (await services.snapshots.listPaths(source, change)).filter(isOff), secrets })))
    return { history: history.value, steps: facts }
  })
}

/** Returns what a yes to the commits of all repos that would land binds; undefined while those of any are unknown or unfit. */
export function hashCommits(repos: readonly RepoFacts[]): string | undefined {
  const changed = repos.filter((repo) => repo.changed)
  const kept = changed.flatMap(({ repo, base, kept: facts }) => {
    const history = facts?.known === true ? facts.value.history : undefined
    return history?.kind === 'linear' ? [{ repo, base, commits: history.commits.map(({ oid }) => oid) }] : []
  })
  return kept.length < changed.length ? undefined : sha256(commitsText(kept))
}
