import { parseOid, type RepoName, type Run, type SourceChange } from '@signalbox/core'
import type { SourceRef } from './git-ports.ts'
import { findOwnMove, isMemory } from './memory-source.ts'
import { readRuns } from './read-runs.ts'
import type { Services } from './services.ts'

/** A source as it was before a run. */
export interface BeganOn {
  readonly source: SourceRef
  /** What its registered checkout was on: `refs/heads/main`; undefined for none. */
  readonly branch: string | undefined
}

/** Leaves out of what changed in a source during a run what other runs and our own records brought about. */
export async function withoutOurs(services: Services, began: BeganOn, changes: readonly SourceChange[]): Promise<readonly SourceChange[]> {
  return withoutRecords(services, began, await withoutOthers(services, began.source.repo, changes))
}

/** Leaves out branches that stand where a landing, or its undo, has put them, and those of linked runs. */
async function withoutOthers(services: Services, repo: RepoName, changes: readonly SourceChange[]): Promise<readonly SourceChange[]> {
  if (!changes.some(({ what, name }) => what === 'ref' && name.startsWith('refs/heads/'))) return changes
  const { runs } = await readRuns(services)
  const put = new Set(runs.flatMap(landedHeads).filter((landed) => landed.repo === repo).map(({ branch, head }) => `refs/heads/${branch} ${head}`))
  const linked = new Set(runs.filter(({ isolation }) => isolation === 'linked').map(({ id }) => `refs/heads/signalbox/${id.toLowerCase()}`))
  return changes.filter(({ what, name, after, evidence }) => what !== 'ref' || !(put.has(`${name} ${after}`) || (evidence === null && linked.has(name))))
}

/** Leaves out what our own records did to the memory repo meanwhile: the branch that they took further, and the files that were not committed yet. */
async function withoutRecords(services: Services, { source, branch: name }: BeganOn, changes: readonly SourceChange[]): Promise<readonly SourceChange[]> {
  if (changes.length === 0 || !isMemory(services, source)) return changes
  // They are committed on what is checked out there, and move nothing else.
  const branch = changes.find((change) => change.what === 'ref' && change.name === name)
  if (branch === undefined) return changes
  const paths = await findOwnMove(services, source, { before: parseOid(branch.before), after: parseOid(branch.after), landed: await readLanded(services, source.repo) })
  return paths === undefined ? changes : changes.filter((change) => change !== branch && !((change.what === 'file' || change.what === 'index') && change.evidence === null && paths.includes(change.name)))
}

/** Returns the commits that landings of runs put into a repo, those of their undoing too. */
export async function readLanded(services: Services, repo: RepoName): Promise<ReadonlySet<string>> {
  const { runs } = await readRuns(services)
  return new Set(runs.flatMap(landedHeads).flatMap((landed) => (landed.repo === repo ? [landed.head, ...(landed.commits ?? [])] : [])))
}

function landedHeads({ merge }: Run): readonly { readonly repo: RepoName; readonly branch: string; readonly head: string; readonly commits?: readonly string[] | undefined }[] {
  if (merge.kind === 'merged') return merge.repos.map(({ repo, branch, to, commits }) => ({ repo, branch, head: to, commits }))
  if (merge.kind === 'undone') return merge.repos.flatMap(({ repo, branch, from, to, commits }) => [from, to].map((head) => ({ repo, branch, head, commits })))
  return []
}
