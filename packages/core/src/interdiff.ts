import * as z from 'zod'
import { nameUpTo5 } from './amounts.ts'
import { repoNameSchema, snapshotIdSchema, type Oid, type RepoName } from './ids.ts'
import type { RepoDiff, Snapshot, SnapshotRepo } from './snapshot.ts'

/** What a diff between two rounds is: only what the author changed. Whatever others brought to a base that moved is left out. */
export const sinceSchema = z.object({
  /** The older round. */
  snapshot: snapshotIdSchema,
  repos: z.array(
    z.object({
      repo: repoNameSchema,
      /** Which rounds have it. A round without a repo changes nothing in it. */
      held: z.enum(['both', 'older', 'newer']),
      /** The rounds stand on different bases, so that the older one was computed on the newer one's. */
      moved: z.boolean(),
      /** Where that conflicts. These paths are shown against git's merge of both, with its conflict marks. */
      conflicts: z.array(z.string()),
    }),
  ),
  /** The same in sentences for people, without their full stops. */
  says: z.array(z.string()),
})
export type Since = z.infer<typeof sinceSchema>
export type SinceRepo = Since['repos'][number]

interface Change {
  readonly base: Oid
  readonly commit: Oid
}

/** One repo of two rounds, as the change it is in each. */
export interface RoundPair {
  readonly repo: RepoName
  readonly held: SinceRepo['held']
  readonly moved: boolean
  readonly older: Change
  readonly newer: Change
}

/** Pairs the repos of two rounds, those of the newer one first. One that a round lacks changes nothing there, on the base it has in the other. */
export function pairRounds(older: Pick<Snapshot, 'repos'>, newer: Pick<Snapshot, 'repos'>): readonly RoundPair[] {
  const before = new Map(older.repos.map((saved) => [saved.repo, saved]))
  const now = new Set(newer.repos.map(({ repo }) => repo))
  return [
    ...newer.repos.map((saved) => pair(before.get(saved.repo) ?? unchanged(saved), saved, before.has(saved.repo) ? 'both' : 'newer')),
    ...older.repos.filter(({ repo }) => !now.has(repo)).map((saved) => pair(saved, unchanged(saved), 'older')),
  ]
}

type Saved = Pick<SnapshotRepo, 'repo' | 'base' | 'commit'>

function pair(older: Saved, newer: Saved, held: SinceRepo['held']): RoundPair {
  const changeOf = ({ base, commit }: Saved): Change => ({ base, commit })
  return { repo: newer.repo, held, moved: older.base !== newer.base, older: changeOf(older), newer: changeOf(newer) }
}

function unchanged({ repo, base }: Saved): Saved {
  return { repo, base, commit: base }
}

/** What `sayInterdiff` tells of. */
export interface ComparedRounds {
  readonly older: Pick<Snapshot, 'id' | 'complete'>
  readonly newer: Pick<Snapshot, 'id'>
  readonly repos: readonly SinceRepo[]
  /** What came out, per repo. */
  readonly diffs: readonly Pick<RepoDiff, 'files'>[]
}

/** Says in sentences what lies between two rounds, and what of it could not be compared. */
export function sayInterdiff({ older, newer, repos, diffs }: ComparedRounds): string[] {
  const namesOf = (which: (repo: SinceRepo) => boolean): string => nameUpTo5(repos.filter(which).map(({ repo }) => repo))
  const moved = namesOf((repo) => repo.moved)
  const added = namesOf((repo) => repo.held === 'newer')
  const removed = namesOf((repo) => repo.held === 'older')
  const isEmpty = diffs.every(({ files }) => files.length === 0)
  const isCompared = repos.every(({ conflicts }) => conflicts.length === 0)
  return [
    isEmpty ? sayEmpty({ older, newer, isCompared, moved: moved !== '' }) : `Only what ${newer.id} changes of ${older.id}${moved === '' ? '' : `; the base of ${moved} moved, and what that brought is left out`}`,
    ...repos.filter(({ conflicts }) => conflicts.length > 0).map(({ repo, conflicts }) => `On the base that ${repo} has in ${newer.id}, the change of ${older.id} conflicts in ${nameUpTo5(conflicts)}: shown against git’s merge of both with its conflict marks, first the base, then ${older.id}`),
    ...(added === '' ? [] : [`${older.id} does not have ${added}: all of it is shown`]),
    ...(removed === '' ? [] : [`${newer.id} does not have ${removed}: what ${older.id} changes there is shown taken back`]),
    ...(older.complete ? [] : [`${older.id} is incomplete: what could not be saved in it may be shown as changed since`]),
  ]
}

function sayEmpty({ older, newer, isCompared, moved }: { readonly older: Pick<Snapshot, 'id'>; readonly newer: Pick<Snapshot, 'id'>; readonly isCompared: boolean; readonly moved: boolean }): string {
  if (!isCompared) return `${newer.id} holds what git’s merge of ${older.id} with its base gives`
  return `${newer.id} changes nothing of ${older.id}${moved ? ': only the base moved' : ''}`
}
