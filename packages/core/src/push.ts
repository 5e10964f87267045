import * as z from 'zod'
import { branchNameSchema, oidSchema, repoNameSchema, snapshotIdSchema } from './ids.ts'
import type { Handoff } from './records.ts'
import { mergeStrategySchema } from './strategy.ts'

/** Name of a remote as a source's own settings have it. Never an address: those may hold credentials, and everybody can read a command line. */
export const remoteNameSchema = z.string().regex(/^[A-Za-z0-9_][\w./-]{0,199}$/, 'a remote is named as `git remote` lists it')

/** What of one repo goes to its remote. */
export const pushMoveSchema = z.object({
  repo: repoNameSchema,
  /** Where it goes, without credentials. */
  url: z.string(),
  /** The branch that the task means to land on. */
  target: branchNameSchema,
  /** Where the remote branch was; null when there was none. */
  from: oidSchema.nullable(),
  to: oidSchema,
})
export type PushMove = z.infer<typeof pushMoveSchema>

/** A round on its way to a branch of a remote, in all its repos. */
export const pushStartSchema = z.object({
  by: z.string(),
  snapshot: snapshotIdSchema,
  digest: z.string(),
  /** Seal of the approval it was pushed under. */
  approval: z.string(),
  strategy: mergeStrategySchema,
  remote: remoteNameSchema,
  branch: branchNameSchema,
  repos: z.array(pushMoveSchema).min(1),
})

/** One repo of a push: `pushed` once its remote was seen to have exactly `to`. */
export const pushedRepoSchema = pushMoveSchema.extend({ pushed: z.boolean(), pullRequest: z.url().nullable() })
export type PushedRepo = z.infer<typeof pushedRepoSchema>

/** A push and how far it came. A remote cannot be rolled back, so each repo stands for itself. */
export const pushSchema = pushStartSchema.extend({
  at: z.string(),
  repos: z.array(pushedRepoSchema),
  /** Why it stopped before every repo was pushed; null while it did not. */
  because: z.string().nullable(),
})
export type Push = z.infer<typeof pushSchema>

export const pushRequestSchema = z.object({
  remote: remoteNameSchema.default('origin'),
  /** Branch there; one named for the run when absent. */
  branch: branchNameSchema.optional(),
  /** As it was approved when absent: `keep`, else `squash`. */
  strategy: mergeStrategySchema.optional(),
  /** Also open a pull request onto the task's target, where there is none yet. */
  pullRequest: z.boolean().default(false),
  /** Digest of the round the caller looked at; a difference refuses the act. */
  digest: z.string().optional(),
})
export type PushRequest = z.input<typeof pushRequestSchema>

export const pushResultSchema = z.object({ state: z.literal('pushed'), ...pushSchema.pick({ remote: true, branch: true, snapshot: true, repos: true }).shape })
export type PushResult = z.infer<typeof pushResultSchema>

/** Returns the push that brings this commit of a repo to this branch; the last one, where it was pushed there again. */
export function findPush(pushes: readonly Push[], { repo, remote, branch, to }: Pick<Push, 'remote' | 'branch'> & Pick<PushMove, 'repo' | 'to'>): Push | undefined {
  return pushes.findLast((push) => push.remote === remote && push.branch === branch && push.repos.some((move) => move.repo === repo && move.to === to))
}

/** Returns the pushes with one repo of one push, and the push itself, changed. */
export function withPush(pushes: readonly Push[], named: Parameters<typeof findPush>[1], change: { readonly because: Push['because']; readonly repo?: Partial<PushedRepo> }): readonly Push[] {
  const found = findPush(pushes, named)
  return pushes.map((push) => (push === found ? { ...push, because: change.because, repos: push.repos.map((move) => (move.repo === named.repo ? { ...move, ...change.repo } : move)) } : push))
}

/** Tells whether every repo of a push went through. */
export function isPushed({ repos }: Pick<Push, 'repos'>): boolean {
  return repos.every(({ pushed }) => pushed)
}

/** What a handoff says of pushes: only what went through. */
export function evidenceOf(pushes: readonly Push[]): NonNullable<Handoff['evidence']['pushed']> {
  const last = new Map<string, NonNullable<Handoff['evidence']['pushed']>[number]>()
  for (const { remote, branch, repos } of pushes) {
    for (const { repo, to, pushed, pullRequest } of repos) if (pushed) last.set(JSON.stringify([repo, remote, branch]), { repo, remote, branch, commit: to, ...(pullRequest === null ? {} : { pullRequest }) })
  }
  return [...last.values()]
}
