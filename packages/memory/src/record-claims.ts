import { recordLayout, type RecordKind } from '@signalbox/core'
import type { Problem } from './yaml-block.ts'

/** Which id a file says it holds: `id` as written in it, undefined where it could not be read, with the `problem` that stood in the way. */
export interface RecordClaim {
  readonly path: string
  readonly id: string | undefined
  readonly problem: Problem | undefined
}

/**
 * Returns why files of one kind are quarantined, by path: what could not be parsed, names that do not begin with the id,
 * and ids that two files claim. Case and Unicode twins (`t0001`, `T０００１`) are the same id; every file that claims it is named.
 */
export function findQuarantined(kind: RecordKind, claims: readonly RecordClaim[]): ReadonlyMap<string, Problem> {
  const claimants = new Map<string, Set<string>>()
  for (const claim of claims) {
    for (const id of idsOf(kind, claim)) claimants.set(id, (claimants.get(id) ?? new Set()).add(claim.path))
  }
  const problems = new Map<string, Problem>()
  for (const claim of claims) {
    const problem = claim.problem ?? findTwin(kind, claim, claimants) ?? findMisnomer(claim)
    if (problem !== undefined) problems.set(claim.path, problem)
  }
  return problems
}

/** Returns the id a path claims (`T0147` of `tasks/t0147-x.md`), in the spelling that is equal for all twins; undefined when it claims none. */
export function claimedId(kind: RecordKind, path: string): string | undefined {
  return new RegExp(`^${recordLayout[kind].letter}\\d+`).exec(foldId(nameOf(path)))?.[0]
}

function idsOf(kind: RecordKind, { path, id }: RecordClaim): ReadonlySet<string> {
  const named = claimedId(kind, path)
  return new Set([...(named === undefined ? [] : [named]), ...(id === undefined ? [] : [foldId(id)])])
}

function findTwin(kind: RecordKind, claim: RecordClaim, claimants: ReadonlyMap<string, ReadonlySet<string>>): Problem | undefined {
  for (const id of idsOf(kind, claim)) {
    const others = [...(claimants.get(id) ?? [])].filter((path) => path !== claim.path)
    if (others.length > 0) return { line: null, reason: `the id ${id} is also claimed by ${others.join(', ')}` }
  }
  return undefined
}

function findMisnomer({ path, id }: RecordClaim): Problem | undefined {
  const name = nameOf(path)
  if (id === undefined || name === `${id}.md` || (name.startsWith(`${id}-`) && name.endsWith('.md'))) return undefined
  return { line: null, reason: `holds ${id}, but its name does not begin with ${id}; rename it to ${id}-….md` }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function foldId(text: string): string {
  return text.normalize('NFKC').toUpperCase()
}
