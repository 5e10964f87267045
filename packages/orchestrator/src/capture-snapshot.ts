import { existsSync } from 'node:fs'
import { digestText, snapshotIdOf, workspaceBase, type Run, type Snapshot, type SnapshotRepo } from '@signalbox/core'
import { sha256 } from './approval-key.ts'
import { checkoutOf } from './checkout-of.ts'
import type { CapturedRepo, Snapshots } from './git-ports.ts'
import type { Services } from './services.ts'

/** What a capture asks for. */
export type CaptureServices = Pick<Services, 'layout' | 'repoPaths'> & { readonly snapshots: Pick<Snapshots, 'capture'> }

/** Saves what lies in a run's workspace as its next snapshot. The caller made sure that no process of the run lives, or that all stand still. */
export async function captureSnapshot(services: CaptureServices, run: Run, kind: Snapshot['kind']): Promise<Snapshot> {
  const number = run.snapshots.length + 1
  const repos = await Promise.all(
    run.repos.map(async (repo) => {
      const checkout = await checkoutOf(services, run, repo)
      const base = workspaceBase(run, repo)
      return toSnapshotRepo(repo.repo, base, await services.snapshots.capture(checkout, base, number))
    }),
  )
  return toSnapshot(run, { number, kind, repos })
}

/** Puts captured repos together as a snapshot of a run. */
export function toSnapshot(run: Pick<Run, 'id'>, { number, kind, repos }: { readonly number: number; readonly kind: Snapshot['kind']; readonly repos: readonly SnapshotRepo[] }): Snapshot {
  return {
    id: snapshotIdOf(run.id, number),
    kind,
    complete: repos.every((repo) => repo.missing.length === 0),
    digest: sha256(digestText(repos)),
    repos: [...repos],
  }
}

export function toSnapshotRepo(repo: SnapshotRepo['repo'], base: SnapshotRepo['base'], captured: CapturedRepo): SnapshotRepo {
  const { commit, tree, exactTree, files, insertions, deletions, missing, reported } = captured
  return { repo, base, commit, tree, ...(exactTree === undefined ? {} : { exactTree }), files, insertions, deletions, missing: [...missing], ...(reported === undefined ? {} : { reported: [...reported] }) }
}

/** Tells whether any repo of a snapshot differs from its base. */
export function hasChanges(snapshot: Snapshot | undefined): boolean {
  return snapshot?.repos.some((repo) => repo.files > 0) ?? false
}

/** Tells whether a run got as far as having a workspace. */
export function hasWorkspace(services: Services, run: Pick<Run, 'id'>): boolean {
  return existsSync(services.layout.run(run.id).workspace)
}

/** Returns the repos of a round that a landing would touch. */
export function changedRepos(round: Snapshot): readonly SnapshotRepo[] {
  return round.repos.filter((repo) => repo.files > 0)
}
