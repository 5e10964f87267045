import * as z from 'zod'
import { oidSchema, repoNameSchema, type RepoName } from './ids.ts'
import type { Isolation } from './isolation.ts'
import { sourceDifferenceSchema } from './source-fingerprint.ts'

/**
 * Why we say that the run did it. `commit`: a commit made in the run's own git directory is now in this ref; `alone`
 * when all that is new in it was made there.
 * `bytes`: the file, or a commit that is new in the ref, has the bytes that the run's round has at the same path, and its
 * base has not. `command`: the run's git gave this command in the source itself or in its git directory, which changes such a thing.
 */
export const evidenceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('commit'), oid: oidSchema, alone: z.boolean().optional() }),
  z.object({ kind: z.literal('bytes'), oid: oidSchema }),
  z.object({ kind: z.literal('command'), command: z.string() }),
])
export type Evidence = z.infer<typeof evidenceSchema>

/** One thing that changed in a source while a run was on; without evidence nobody knows who did it, and humans work there too. */
export const sourceChangeSchema = sourceDifferenceSchema.extend({ evidence: evidenceSchema.nullable() })
export type SourceChange = z.infer<typeof sourceChangeSchema>

/** What the look at one source told when the run ended, or while its agent worked. */
export const sourceLookSchema = z.object({
  repo: repoNameSchema,
  /** There exactly when the run has no checkout of it: only what there is evidence for is its doing, and a look that failed stands in nobody's way. */
  foreign: z.literal(true).optional(),
  /** There while the agent works, and then of changes with evidence only; the look at the end takes its place. */
  live: z.literal(true).optional(),
  changes: z.array(sourceChangeSchema),
  /** Changes beyond those that are listed. */
  unlisted: z.int().nonnegative(),
  /** Why the source could not be compared, or not in every part; null when it was. */
  unread: z.string().nullable(),
  /** A human's word that these changes are their own; null without. */
  accepted: z.object({ by: z.string(), because: z.string() }).nullable(),
})
export type SourceLook = z.infer<typeof sourceLookSchema>

/**
 * Tells whether a change is one that a run in a linked worktree must answer for. Files of the human's checkout are
 * not: humans edit there. Neither are copies of what another repository has, which every fetch moves.
 */
export function isGuarded({ what, name }: Pick<SourceChange, 'what' | 'name'>): boolean {
  return what !== 'file' && !(what === 'ref' && name.startsWith('refs/remotes/'))
}

/** Returns the changes that block for as long as they stand: those with evidence, and in a repo that a worktree of the run is `linked` to, all that is guarded. */
export function blockingChanges(isolation: Isolation, { changes, accepted, foreign }: SourceLook): readonly SourceChange[] {
  if (accepted !== null) return []
  return changes.filter((change) => isBlocking(foreign === true ? 'private' : isolation, change))
}

function isBlocking(isolation: Isolation, change: SourceChange): boolean {
  return change.evidence !== null || (isolation === 'linked' && isGuarded(change))
}

/**
 * Lists at most `room` of the changes of a source: first what blocks, and of that what runs code or hides things (hooks,
 * settings, `info`), so that nothing else can crowd it out.
 */
export function listChanges(isolation: Isolation, changes: readonly SourceChange[], room: number): Pick<SourceLook, 'changes' | 'unlisted'> {
  const ordered = changes.toSorted((a, b) => weightOf(isolation, a) - weightOf(isolation, b))
  return { changes: ordered.slice(0, room), unlisted: Math.max(0, changes.length - room) }
}

function weightOf(isolation: Isolation, change: SourceChange): number {
  return (isBlocking(isolation, change) ? 0 : 2) + (['hook', 'config', 'info'].includes(change.what) ? 0 : 1)
}

/** Tells whether something that blocks may be among what a look does not list: where one is listed that does not, none is. */
export function hidesBlocking(isolation: Isolation, { changes, unlisted }: Pick<SourceLook, 'changes' | 'unlisted'>): boolean {
  return unlisted > 0 && changes.every((change) => isBlocking(isolation, change))
}

/** Tells whether a look is to be taken again when the run is sealed: it was not of its end, or it failed, blocks for that, and no human has answered for what it missed. */
export function isOpenLook({ unread, accepted, foreign, live }: SourceLook): boolean {
  return live === true || (unread !== null && accepted === null && foreign !== true)
}

/** Tells whether a run cannot go on before its human said whose doing something is: in a repo that is none of its own, only what there is evidence for. */
export function isUnsettled(look: SourceLook): boolean {
  if (look.accepted !== null) return false
  return look.foreign === true ? look.changes.some(({ evidence }) => evidence !== null) : isAcceptable(look)
}

/** Tells whether there is something in a look that a human can call their own: changes, or parts nobody could compare. */
export function isAcceptable({ changes, unread }: SourceLook): boolean {
  return changes.length > 0 || unread !== null
}

/** Returns the look at one repo; undefined when none is recorded. */
export function lookAt(looks: readonly SourceLook[], repo: RepoName): SourceLook | undefined {
  return looks.find((look) => look.repo === repo)
}
