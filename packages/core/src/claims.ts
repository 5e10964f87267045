import * as z from 'zod'
import type { AgentEventOf } from './agent-event.ts'
import { repoNameSchema, type RepoName } from './ids.ts'

/** A path of a repo of the run. */
export const repoPathSchema = z.object({ repo: repoNameSchema, path: z.string() })
export type RepoPath = z.infer<typeof repoPathSchema>

/** Paths, of so many characters each, and commands that are kept of what an agent says it did, and calls that may be told more of: an agent that never ends would fill the memory. */
const kept = { paths: 1_000, path: 4_096, commands: 100, calls: 500 } as const

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

type Call = Pick<AgentEventOf<'tool'>, 'status' | 'edits' | 'command' | 'exitCode'>

/** Returns an empty book. */
export function openClaims(): ClaimBook {
  const calls = new Map<string, Call>()
  const paths = new Set<string>()
  const commands: Claims['commands'] = []
  let unlisted = 0

  /** Writes down what a call came to, of which no more is looked for. */
  function settle({ status, edits = [], command, exitCode = null }: Call): void {
    for (const { path } of status === 'done' ? edits : []) {
      if (paths.size < kept.paths && path.length <= kept.path) paths.add(path)
      else if (!paths.has(path)) unlisted += 1
    }
    if (command !== undefined && (status === 'done' || status === 'failed')) commands.push({ command, exitCode })
    unlisted += commands.splice(0, Math.max(0, commands.length - kept.commands)).length
  }

  return {
    take: ({ id, status, edits, command, exitCode }) => {
      const known = calls.get(id)
      calls.set(id, { status, edits: edits ?? known?.edits, command: command ?? known?.command, exitCode: exitCode ?? known?.exitCode })
      for (const [oldest, call] of calls) {
        if (calls.size <= kept.calls) break
        calls.delete(oldest)
        settle(call)
      }
    },
    close: (place) => {
      for (const call of calls.values()) settle(call)
      calls.clear()
      if (paths.size + commands.length + unlisted === 0) return undefined
      const placed = [...paths].map((path) => ({ path, file: place(path) }))
      return {
        changed: placed.flatMap(({ file }) => file ?? []),
        outside: placed.flatMap(({ path, file }) => (file === undefined ? [path] : [])),
        commands,
        unlisted,
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
