import * as z from 'zod'
import { oidSchema, repoNameSchema, snapshotIdSchema, type Oid, type RepoName } from './ids.ts'

const counts = { files: z.int().nonnegative(), insertions: z.int().nonnegative(), deletions: z.int().nonnegative() }

/** One commit of an agent. All text of it is the agent's own: whose name it gives proves nothing. */
export const agentCommitSchema = z.object({
  oid: oidSchema,
  /** Its one parent: the commit before it, or the base. */
  parent: oidSchema,
  subject: z.string(),
  /** Whole, the subject included. */
  message: z.string(),
  author: z.string(),
  email: z.string(),
  /** When it says that it was written; ISO 8601 UTC. */
  at: z.string(),
  /** Who it says made the commit of it, and when: most often the author, at the same time. */
  committer: z.object({ name: z.string(), email: z.string(), at: z.string() }),
  ...counts,
})
export type AgentCommit = z.infer<typeof agentCommitSchema>

/**
 * What led an agent from the base of a snapshot to it, in one repo. `linear`: one commit on the other, oldest first; `rest` is what the
 * snapshot has beyond the last, null when that is nothing. `unfit`: why it cannot be landed as it is, as a clause.
 */
export const agentHistorySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('linear'), commits: z.array(agentCommitSchema), rest: z.object(counts).nullable() }),
  z.object({ kind: z.literal('unfit'), because: z.string() }),
])
export type AgentHistory = z.infer<typeof agentHistorySchema>

/** The commits that led to a snapshot, by repo. */
export const runCommitsSchema = z.object({
  snapshot: snapshotIdSchema,
  repos: z.array(
    z.object({
      repo: repoNameSchema,
      base: oidSchema,
      /** Oldest first; empty also where they are unfit. */
      commits: z.array(agentCommitSchema),
      /** What the snapshot has beyond them, which would be one more commit; null when that is nothing. */
      rest: z.object(counts).nullable(),
      /** Why they cannot land as they are; null when they can. */
      unfit: z.string().nullable(),
    }),
  ),
})
export type RunCommits = z.infer<typeof runCommitsSchema>

/** The commits of one repo that a landing keeps. */
export interface KeptRepo {
  readonly repo: RepoName
  readonly base: Oid
  /** Oldest first. */
  readonly commits: readonly Oid[]
}

/**
 * The text whose sha256 an approval binds beside the digest, of a landing that keeps commits: lines `repo\0base\0commit\0commit…\n` sorted by bytes, of every repo that changes. What
 * the last commit leaves of the change is bound by the digest, which names the tree.
 */
export function commitsText(repos: readonly KeptRepo[]): string {
  return repos
    .map(({ repo, base, commits }) => `${[repo, base, ...commits].join('\0')}\n`)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join('')
}
