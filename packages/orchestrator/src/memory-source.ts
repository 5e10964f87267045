import { realpathSync } from 'node:fs'
import { isOwnAdvance, type Oid, type OwnAdvance, type SnapshotRepo } from '@signalbox/core'
import type { SourceRef } from './git-ports.ts'
import type { Services } from './services.ts'

/** Tells whether a source is the memory repo itself, whose branch our own records take further. */
export function isMemory(services: Pick<Services, 'memory'>, { path }: Pick<SourceRef, 'path'>): boolean {
  try {
    return realpathSync(path) === realpathSync(services.memory.dir)
  } catch {
    return false // one that is gone is no place our records go to; who reads it says so
  }
}

/** Returns how far only our own records took a target since the base of a round, beside its change; undefined where anything else did. */
export async function findOwnAdvance(services: Services, source: SourceRef, { base, commit }: Pick<SnapshotRepo, 'base' | 'commit'>, head: Oid | undefined): Promise<OwnAdvance | undefined> {
  if (head === undefined || head === base || !isMemory(services, source)) return undefined
  const [advance, own, changed] = await Promise.all([services.sources.readAdvance(source, base, head), services.memory.ownCommits(), services.snapshots.listPaths(source, { base, commit })])
  return advance !== undefined && isOwnAdvance(advance, own, changed) ? { to: head, commits: advance.commits.length } : undefined
}

/** Where a branch was and is. */
interface BranchMove {
  /** Commits that landings of runs put on it. */
  readonly landed: ReadonlySet<string>
  readonly before: Oid | undefined
  readonly after: Oid | undefined
}

/** Returns the paths that changed where a branch of the memory repo was moved by our own records and landings alone; undefined where anything else moved it. */
export async function findOwnMove(services: Services, source: SourceRef, { before, after, landed }: BranchMove): Promise<readonly string[] | undefined> {
  if (before === undefined || after === undefined || !isMemory(services, source)) return undefined
  const [advance, own] = await Promise.all([services.sources.readAdvance(source, before, after), services.memory.ownCommits()])
  return advance !== undefined && advance.commits.length > 0 && advance.commits.every((commit) => own.has(commit) || landed.has(commit)) ? advance.paths : undefined
}
