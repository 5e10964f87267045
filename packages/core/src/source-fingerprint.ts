import * as z from 'zod'
import { repoNameSchema, type RepoName } from './ids.ts'

/**
 * The parts of a source that somebody could change: what HEAD of each worktree says, refs, stashed commits, what is
 * staged or hidden in the index, files of settings, hooks and `info`, and files that differ from the index.
 */
export const sourceParts = ['head', 'ref', 'stash', 'index', 'config', 'hook', 'info', 'file'] as const
export const sourcePartSchema = z.enum(sourceParts)
export type SourcePart = z.infer<typeof sourcePartSchema>

/**
 * Names of one part with what each stands for: an object id, or an id made of the bytes. Pairs, because any file name is possible;
 * parts of one that are no UTF-8 stand in git's quotes: `src/"caf\351.txt"`.
 */
const entriesSchema = z.array(z.tuple([z.string(), z.string()]))

/** What a source looked like at one moment, per part. */
export const sourceFingerprintSchema = z.record(sourcePartSchema, entriesSchema)
export type SourceFingerprint = Readonly<Record<SourcePart, readonly (readonly [name: string, id: string])[]>>

/** What the sources looked like before a run, those it has no checkout of after its own, or why one could not be read; kept on this machine only. */
export const sourceFingerprintsSchema = z.array(z.union([z.object({ repo: repoNameSchema, fingerprint: sourceFingerprintSchema }), z.object({ repo: repoNameSchema, unread: z.string() })]))
export type SourceFingerprints = readonly ({ readonly repo: RepoName; readonly fingerprint: SourceFingerprint } | { readonly repo: RepoName; readonly unread: string })[]

/** One thing that is not as it was. Null where there is or was nothing: of a file, nothing that differs from the index. */
export const sourceDifferenceSchema = z.object({ what: sourcePartSchema, name: z.string(), before: z.string().nullable(), after: z.string().nullable() })
export type SourceDifference = z.infer<typeof sourceDifferenceSchema>

/** Returns everything that differs between two looks at one source; empty exactly when they are equal. */
export function compareFingerprints(before: SourceFingerprint, after: SourceFingerprint): readonly SourceDifference[] {
  return sourceParts.flatMap((what) => {
    const [was, is] = [new Map(before[what]), new Map(after[what])]
    const names = [...new Set([...was.keys(), ...is.keys()])].toSorted()
    return names.flatMap((name) => (was.get(name) === is.get(name) ? [] : [{ what, name, before: was.get(name) ?? null, after: is.get(name) ?? null }]))
  })
}
