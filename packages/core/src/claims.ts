import * as z from 'zod'
import type { AgentEventOf } from './agent-event.ts'
import { repoNameSchema, type RepoName } from './ids.ts'

/** A path of a repo of the run. */
export const repoPathSchema = z.object({ repo: repoNameSchema, path: z.string() })
export type RepoPath = z.infer<typeof repoPathSchema>

/** Paths and commands that are kept of what an agent says it did. */
const kept = { paths: 1_000, commands: 100 } as const

/** Calls that are remembered for what is told of them later, and characters of a path. An agent that tells of more is heard on, and what it did before is not listed. */
const most = { calls: 5_000, path: 4_096 } as const

/** What an agent says it did: which files it changed, and how its commands ended. Nothing of it was looked at. */
export const claimsSchema = z.object({
  changed: z.array(repoPathSchema),
  /** Paths it says it changed outside of its checkouts, as it names them. */
  outside: z.array(z.string()),
  commands: z.array(z.object({ command: z.string(), exitCode: z.int().nullable() })),
  /** More of them than are listed. */
  unlisted: z.int().nonnegative(),
})
export type Claims = z.infer<typeof claimsSchema>

/** Where a claim and a round part: what is said and is not there, and what is there and was not said. */
export const claimGapSchema = z.object({
  absent: z.array(repoPathSchema),
  /** Null where that cannot be told: the run began with files of another one, or more was claimed than is listed. */
  unclaimed: z.array(repoPathSchema).nullable(),
  outside: z.array(z.string()),
})
export type ClaimGap = z.infer<typeof claimGapSchema>

/** Takes down what an agent says of its tool calls; each counts as it was last told, and only once it was done. */
export interface ClaimBook {
  take(event: AgentEventOf<'tool'>): void
  /** Undefined for an agent that said nothing of the kind. `place` says which file a path is, undefined for one outside. */
  close(place: (path: string) => RepoPath | undefined): Claims | undefined
}

/** Returns an empty book. */
export function openClaims(): ClaimBook {
  const calls = new Map<string, Pick<AgentEventOf<'tool'>, 'status' | 'edits' | 'command' | 'exitCode'>>()
  let forgotten = 0
  return {
    take: ({ id, status, edits, command, exitCode }) => {
      const before = calls.get(id)
      const short = edits?.filter(({ path }) => path.length <= most.path)
      forgotten += (edits?.length ?? 0) - (short?.length ?? 0)
      calls.set(id, { ...before, status, ...(short === undefined ? {} : { edits: short }), ...(command === undefined ? {} : { command }), ...(exitCode === undefined ? {} : { exitCode }) })
      const [oldest] = calls
      if (calls.size <= most.calls || oldest === undefined) return
      calls.delete(oldest[0])
      forgotten += 1
    },
    close: (place) => {
      const done = [...calls.values()].filter(({ status }) => status === 'done' || status === 'failed')
      const paths = [...new Set(done.flatMap(({ status, edits = [] }) => (status === 'done' ? edits.map(({ path }) => path) : [])))]
      const commands = done.flatMap(({ command, exitCode = null }) => (command === undefined ? [] : [{ command, exitCode }]))
      if (paths.length + commands.length + forgotten === 0) return undefined
      const placed = paths.slice(0, kept.paths).map((path) => ({ path, file: place(path) }))
      return {
        changed: placed.flatMap(({ file }) => file ?? []),
        outside: placed.flatMap(({ path, file }) => (file === undefined ? [path] : [])),
        commands: commands.slice(-kept.commands),
        unlisted: forgotten + Math.max(0, paths.length - kept.paths) + Math.max(0, commands.length - kept.commands),
      }
    },
  }
}

/** Returns what was said in several attempts as one. */
export function joinClaims(earlier: Claims | undefined, later: Claims): Claims {
  if (earlier === undefined) return later
  const changed = new Map([...earlier.changed, ...later.changed].map((one) => [JSON.stringify([one.repo, one.path]), one]))
  return { changed: [...changed.values()], outside: [...new Set([...earlier.outside, ...later.outside])], commands: [...earlier.commands, ...later.commands], unlisted: earlier.unlisted + later.unlisted }
}

/** Returns every path that a diff is about; of a file that was moved, both. */
export function changedPaths(files: readonly { readonly path: string; readonly oldPath: string | null }[]): readonly string[] {
  return files.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [path, oldPath]))
}

/** Compares what an agent says it changed with what a round changes. */
export function findClaimGap(claims: Claims, changed: readonly { readonly repo: RepoName; readonly paths: readonly string[] }[], { isBegun }: { readonly isBegun: boolean }): ClaimGap {
  const key = ({ repo, path }: RepoPath): string => JSON.stringify([repo, path])
  const actual = changed.flatMap(({ repo, paths }) => paths.map((path) => ({ repo, path })))
  const [there, said] = [new Set(actual.map(key)), new Set(claims.changed.map(key))]
  return {
    absent: claims.changed.filter((one) => !there.has(key(one))),
    unclaimed: isBegun || claims.unlisted > 0 ? null : actual.filter((one) => !said.has(key(one))),
    outside: claims.outside,
  }
}
