import { ControlError, isComputed, snapshotNumber, type AgentHistory, type Oid, type RepoName, type Run, type RunCommits, type RunDiff, type Snapshot, type SnapshotRepo } from '@signalbox/core'
import { findSnapshot } from './find-snapshot.ts'
import { readSaved } from './read-saved.ts'
import type { Services } from './services.ts'

/** Returns the agent's own commits that led to one repo of a snapshot; why not, where it was made otherwise. */
export async function readHistory({ snapshots, repoPaths }: Services, run: Run, snapshot: Snapshot, { repo, base, commit }: SnapshotRepo): Promise<AgentHistory> {
  const because = sayMadeOtherwise(run, snapshot)
  if (because !== undefined) return { kind: 'unfit', because }
  return snapshots.readAgentHistory(await repoPaths.sourceOf(repo), { run: run.id, number: snapshotNumber(snapshot.id), base, commit })
}

function sayMadeOtherwise({ saved }: Run, { id, part }: Snapshot): string | undefined {
  if (part !== undefined) return `${id} is a part of ${part.of}, and they hold more than that`
  const reason = saved.find(({ snapshot }) => snapshot === id)?.reason
  if (reason === undefined || !isComputed(reason)) return undefined
  return reason === 'refresh' ? `${id} was computed on targets that moved, and none of them leads there` : `${id} was computed, and no agent made it`
}

/** Reads the commits of every repo of a snapshot, the latest round without a number. */
export async function readCommits(services: Services, run: Run, round: number | undefined): Promise<RunCommits> {
  const snapshot = findSnapshot(run, round)
  const repos = await Promise.all(
    snapshot.repos.map(async (saved) => {
      const history = await readSaved(services, run, [snapshot], () => readHistory(services, run, snapshot, saved))
      const named = { repo: saved.repo, base: saved.base }
      return history.kind === 'unfit' ? { ...named, commits: [], rest: null, unfit: history.because } : { ...named, commits: history.commits, rest: history.rest, unfit: null }
    }),
  )
  return { snapshot: snapshot.id, repos }
}

/** What one commit changed; of what is in none, `commit` is null. */
export interface AgentStep {
  readonly commit: Oid | null
  readonly change: { readonly base: Oid; readonly commit: Oid }
}

/** Returns what each commit changed, and what the snapshot has beyond them; nothing where there are no commits, for that is the snapshot itself. */
export function stepsOf(history: AgentHistory, saved: SnapshotRepo): readonly AgentStep[] {
  const tip = history.kind === 'linear' ? history.commits.at(-1) : undefined
  if (history.kind === 'unfit' || tip === undefined) return []
  const steps = history.commits.map(({ oid, parent }) => ({ commit: oid, change: { base: parent, commit: oid } }))
  return history.rest === null ? steps : [...steps, { commit: null, change: { base: tip.oid, commit: saved.commit } }]
}

/** Reads what one commit of an agent changed, named by the beginning of its id, or `rest` for what is in none. */
export async function diffOfCommit(services: Services, run: Run, { snapshot, repo, named }: { readonly snapshot: Snapshot; readonly repo: RepoName | undefined; readonly named: string }): Promise<RunDiff> {
  const saved = snapshot.repos.filter((candidate) => repo === undefined || candidate.repo === repo)
  const found = await Promise.all(
    saved.map(async (one) => {
      const history = await readHistory(services, run, snapshot, one)
      const whole = named === 'rest' && history.kind === 'linear' && history.commits.length === 0 && history.rest !== null
      const steps = whole ? [{ commit: null, change: one }] : stepsOf(history, one)
      return steps.filter(({ commit }) => (named === 'rest' ? commit === null : commit?.startsWith(named.toLowerCase()) === true)).map((step) => ({ repo: one.repo, ...step }))
    }),
  )
  const steps = found.flat()
  const ids = new Set(steps.map(({ commit }) => commit))
  if (steps.length === 0 || ids.size > 1) {
    throw new ControlError('commit.not_found', steps.length === 0 ? `${snapshot.id} has no commit ${named}${repo === undefined ? '' : ` in ${repo}`}` : `${ids.size} commits of ${snapshot.id} begin with ${named}`, { hint: `List them: signalbox diff ${snapshot.id} --commits` })
  }
  const repos = await Promise.all(
    steps.map(async ({ repo: name, change }) => {
      const { files, patch } = await services.snapshots.reopenDiff(await services.repoPaths.sourceOf(name), change.base, change.commit)
      return { repo: name, files: [...files], patch }
    }),
  )
  return { snapshot: snapshot.id, commit: steps[0]?.commit ?? 'rest', repos }
}
