import { changedPaths, ControlError, findClaimGap, pairRounds, sayInterdiff, type RepoName, type Run, type RunDiff, type Snapshot } from '@signalbox/core'
import { diffOfCommit } from './agent-commits.ts'
import { findSnapshot } from './find-snapshot.ts'
import { readSaved } from './read-saved.ts'
import type { Services } from './services.ts'

/** What somebody wants to see of a run; numbers of snapshots. Without a round it is the latest, without a repo all. */
export interface DiffRequest {
  readonly round?: number | undefined
  readonly repo?: RepoName | undefined
  readonly since?: number | undefined
  /** Only what one commit of the agent changed, or `rest`. */
  readonly commit?: string | undefined
}

/** Reads the diff of a snapshot against its bases, what its author changed since an older one, or one commit of its agent. */
export async function readDiff(services: Services, run: Run, { round, repo, since, commit }: DiffRequest): Promise<RunDiff> {
  const snapshot = findSnapshot(run, round)
  if (commit !== undefined) {
    if (since !== undefined) throw new ControlError('input.invalid', 'A commit changed what it did, since whichever snapshot', { hint: 'Name either a commit or a snapshot' })
    chooseRepo(snapshot.id, snapshot.repos, repo)
    return readSaved(services, run, [snapshot], () => diffOfCommit(services, run, { snapshot, repo, named: commit }))
  }
  if (since === undefined) return withClaims(run, await readSaved(services, run, [snapshot], () => diffFromBase(services, snapshot, repo)))
  const older = findSnapshot(run, since)
  refuseNotOlder(run, older, snapshot)
  return readSaved(services, run, [older, snapshot], () => diffSince(services, older, snapshot, repo))
}

async function diffFromBase(services: Services, snapshot: Snapshot, repo: RepoName | undefined): Promise<RunDiff> {
  const chosen = chooseRepo(snapshot.id, snapshot.repos, repo)
  const repos = await Promise.all(
    chosen.map(async (saved) => {
      const { files, patch } = await services.snapshots.reopenDiff(await services.repoPaths.sourceOf(saved.repo), saved.base, saved.commit)
      return { repo: saved.repo, files: [...files], patch }
    }),
  )
  return { snapshot: snapshot.id, repos }
}

/** Sets what the agent says beside what its snapshot changes. */
function withClaims(run: Run, diff: RunDiff): RunDiff {
  if (run.claims === undefined) return diff
  const shown = new Set(diff.repos.map(({ repo }) => repo))
  const claims = { ...run.claims, changed: run.claims.changed.filter(({ repo }) => shown.has(repo)) }
  return { ...diff, claims: findClaimGap(claims, diff.repos.map(({ repo, files }) => ({ repo, paths: changedPaths(files) })), { isBegun: run.from !== undefined }) }
}

async function diffSince(services: Services, older: Snapshot, newer: Snapshot, repo: RepoName | undefined): Promise<RunDiff> {
  const pairs = chooseRepo(newer.id, pairRounds(older, newer), repo)
  const compared = await Promise.all(
    pairs.map(async (pair) => {
      const { files, patch, conflicts } = await services.snapshots.interdiff(await services.repoPaths.sourceOf(pair.repo), pair.older, pair.newer)
      return { diff: { repo: pair.repo, files: [...files], patch }, since: { repo: pair.repo, held: pair.held, moved: pair.moved, conflicts: [...conflicts] } }
    }),
  )
  const repos = compared.map(({ diff }) => diff)
  const since = compared.map((one) => one.since)
  return { snapshot: newer.id, since: { snapshot: older.id, repos: since, says: sayInterdiff({ older, newer, repos: since, diffs: repos }) }, repos }
}

function chooseRepo<T extends { readonly repo: RepoName }>(id: Snapshot['id'], all: readonly T[], repo: RepoName | undefined): readonly T[] {
  const chosen = all.filter((candidate) => repo === undefined || candidate.repo === repo)
  if (repo === undefined || chosen.length > 0) return chosen
  throw new ControlError('repo.not_found', `${id} has no repo ${repo}`, { hint: `It holds ${all.map((one) => one.repo).join(', ')}` })
}

function refuseNotOlder(run: Run, older: Snapshot, newer: Snapshot): void {
  if (run.snapshots.indexOf(older) < run.snapshots.indexOf(newer)) return
  if (older.id !== newer.id) {
    throw new ControlError('input.invalid', `${older.id} is later than ${newer.id}, so nothing was changed since`, { hint: `The other way round: signalbox diff ${older.id} --since ${newer.id}` })
  }
  throw new ControlError('input.invalid', `${newer.id} changes nothing since itself`, { hint: `Name an older round; \`signalbox show ${run.id}\` lists them` })
}
