import { join } from 'node:path'
import { parseOid, type Oid, type SourceFingerprint } from '@signalbox/core'
import { listRefs, listWorktreeRefs } from './agent-refs.ts'
import { RUN_WORKTREE } from './agent-dirs.ts'
import { readPlain } from './git-dir.ts'
import { listNew, peelAll, type MadeIn, type NewCommit } from './made-commits.ts'
import { parseRawDiff, type RawChange } from './raw-diff.ts'
import { recordPath } from './recorded-path.ts'
import type { SourceRef } from './source-ref.ts'
import type { Vault, Vaults } from './vault.ts'

/** New commits of a source whose changes are looked at, the latest first: a run makes fewer. */
const MAX_COMMITS = 1_000

/** Returns the commits that landings put into a source; asked for only where one of them may be taken for a run's doing. */
export type ReadLanded = () => Promise<ReadonlySet<string>>

export interface BroughtRequest {
  readonly before: SourceFingerprint
  /** Refs with the object they name now. */
  readonly moved: readonly { readonly name: string; readonly oid: Oid }[]
  readonly stores: readonly MadeIn[]
  readonly landed: ReadLanded
  /** Content that the run put at a path where its base has another: `OID PATH`, the path as records name it. */
  readonly written: ReadonlySet<string>
  /** Tells whether a file that is the same shows something, by its path as records name it and its size. */
  readonly isTelling: (path: string, bytes: number) => boolean
}

/** A file of a new commit that the run has alike. */
interface Alike {
  readonly commit: Oid
  readonly path: string
  readonly oid: Oid
}

/**
 * Returns, by the name of the ref, content of the run that commits new in moved refs brought there, whoever made these.
 * Landings are not its doing, and commits that the run itself took in were there before it had their content.
 */
export async function findBrought(vaults: Vaults, source: SourceRef, { before, moved, stores, landed, written, isTelling }: BroughtRequest): Promise<ReadonlyMap<string, Oid>> {
  if (moved.length === 0 || written.size === 0) return new Map()
  const vault = await vaults.open(source)
  const known = [...[...before.ref, ...before.head].flatMap(([, id]) => parseOid(id) ?? []), ...stores.flatMap(({ gitDir }) => listTakenIn(gitDir))]
  const tips = await peelAll(vault, moved.map(({ oid }) => oid))
  const commits = await listNew(vault, tips.flatMap((tip) => tip ?? []), known, stores.flatMap(({ borrows }) => borrows))
  const alike = await keepTelling(vault, await listAlike(vault, commits, written), isTelling)
  if (alike.length === 0) return new Map()
  const byCommit = spread(commits, new Map(withoutLanded(alike, commits, await landed()).map(({ commit, oid }) => [commit, oid])))
  return new Map(moved.flatMap(({ name }, index) => {
    const oid = byCommit.get(tips[index] ?? '')
    return oid === undefined ? [] : [[name, oid] as const]
  }))
}

/** Lists commits that a run's git directory names: what they have in their history, the run has from there. */
function listTakenIn(gitDir: string): readonly Oid[] {
  const named = ['HEAD', 'FETCH_HEAD'].flatMap((file) => readPlain(join(gitDir, 'worktrees', RUN_WORKTREE, file))?.toString('latin1').match(/^[0-9a-f]{40,64}\b/gm) ?? [])
  return [...[...listRefs(gitDir), ...listWorktreeRefs(gitDir)].map(({ oid }) => oid), ...named.flatMap((oid) => parseOid(oid) ?? [])]
}

/** Lists what commits change to what the run has at the same path. A merge of two histories changes nothing of its own. */
async function listAlike({ git }: Vault, commits: readonly NewCommit[], written: ReadonlySet<string>): Promise<readonly Alike[]> {
  const stdin = commits.slice(0, MAX_COMMITS).map(({ oid }) => `${oid}\n`).join('')
  const { stdout } = await git(['diff-tree', '--stdin', '--root', '-r', '-z', '--raw', '--no-abbrev', '--no-renames'], { stdin })
  return parseDiffs(stdout).flatMap(({ commit, changes }) => changes.flatMap(({ path, to }) => (to !== undefined && written.has(`${to.oid} ${recordPath(path)}`) ? [{ commit, path: recordPath(path), oid: to.oid }] : [])))
}

/** Reads `COMMIT NUL` and the entries after it, as often as they come. */
function parseDiffs(output: Buffer): readonly { readonly commit: Oid; readonly changes: readonly RawChange[] }[] {
  const diffs: { readonly commit: Oid; readonly changes: readonly RawChange[] }[] = []
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at)
    const commit = parseOid(output.toString('latin1', at, end))
    if (commit === undefined) throw new TypeError('git listed changes without their commit')
    const { changes, end: length } = parseRawDiff(output.subarray(end + 1))
    diffs.push({ commit, changes })
    at = end + 1 + length
  }
  return diffs
}

async function keepTelling({ git }: Vault, alike: readonly Alike[], isTelling: BroughtRequest['isTelling']): Promise<readonly Alike[]> {
  if (alike.length === 0) return []
  const { text } = await git(['cat-file', '--buffer', '--batch-check=%(objectsize)'], { stdin: alike.map(({ oid }) => `${oid}\n`).join('') })
  const sizes = text.split('\n').map(Number)
  return alike.filter(({ path }, index) => isTelling(path, sizes[index] ?? 0))
}

/** Leaves out what landings brought: their commits, and what a merge commit of theirs took in. */
function withoutLanded(alike: readonly Alike[], commits: readonly NewCommit[], landed: ReadonlySet<string>): readonly Alike[] {
  const merged = new Set(commits.flatMap(({ oid, parents }) => (landed.has(oid) ? parents.slice(1) : [])))
  return alike.filter(({ commit }) => !landed.has(commit) && !merged.has(commit))
}

/** Says of each new commit what it or one before it brought. */
function spread(commits: readonly NewCommit[], brought: ReadonlyMap<string, Oid>): ReadonlyMap<string, Oid> {
  const found = new Map(brought)
  for (const { oid, parents } of commits.toReversed()) {
    const content = found.get(oid) ?? parents.flatMap((parent) => found.get(parent) ?? [])[0]
    if (content !== undefined) found.set(oid, content)
  }
  return found
}
