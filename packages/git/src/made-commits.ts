import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, parseOid, type Oid, type SourceFingerprint } from '@signalbox/core'
import { quoteFolder, readPlain } from './git-dir.ts'
import type { SourceRef } from './source-ref.ts'
import type { Vault, Vaults } from './vault.ts'

/** Commits that are new in a source and looked at; a history that long was not made by a run. */
const MAX_COMMITS = 50_000

/** Indexes of packs that are read of a run, and bytes of each: git itself packs anew long before. */
const MAX_INDEXES = 200
const MAX_INDEX_BYTES = 64 * 1024 * 1024

/** A commit that is new to a source and was made in the run's git directory. */
export interface Made {
  readonly commit: Oid
  /** Whether all that is new where it was found was made there. */
  readonly alone: boolean
}

/** Where a run made commits. */
export interface MadeIn {
  /** The run's git directory. */
  readonly gitDir: string
  /**
   * The commit that what the run made there goes back to, where that is asked for: what lies there may have been taken in
   * from a source that it does not borrow from. Undefined for the store that borrows from the source that is looked at.
   */
  readonly base: Oid | undefined
  /** Object folders it borrows from: of a commit that was copied elsewhere, what it is made on may lie only there. */
  readonly borrows: readonly string[]
}

export interface MadeRequest {
  readonly before: SourceFingerprint
  /** Refs with the object they name now. */
  readonly moved: readonly { readonly name: string; readonly oid: Oid }[]
  readonly stores: readonly MadeIn[]
}

/** Returns, by the name of the ref, commits of the run that moved refs have and no ref of the source had before. A few git processes, whatever moved. */
export async function findMade(vaults: Vaults, source: SourceRef, { before, moved, stores: places }: MadeRequest): Promise<{ readonly made: ReadonlyMap<string, Made>; readonly unread: string | null }> {
  if (moved.length === 0 || places.length === 0) return { made: new Map(), unread: null }
  const vault = await vaults.open(source)
  const known = [...before.ref, ...before.head].flatMap(([, id]) => parseOid(id) ?? [])
  const tips = await peelAll(vault, moved.map(({ oid }) => oid))
  const commits = await listNew(vault, tips.flatMap((tip) => tip ?? []), known, places.flatMap(({ borrows }) => borrows))
  const stores = await Promise.all(places.map((place) => openStore(vault, place)))
  const traced = traceMade(commits, stores)
  const made = new Map(moved.flatMap(({ name }, index) => {
    const found = traced.get(tips[index] ?? '')
    return found?.commit === undefined ? [] : [[name, { commit: found.commit, alone: found.alone }] as const]
  }))
  const tooMany = commits.length < MAX_COMMITS ? null : `more than ${MAX_COMMITS} commits are new there`
  return { made, unread: made.size === moved.length ? null : (stores.find(({ unread }) => unread !== null)?.unread ?? tooMany) }
}

/** Returns the commit each object leads to; undefined where it leads to none. */
export async function peelAll(vault: Vault, oids: readonly Oid[]): Promise<readonly (Oid | undefined)[]> {
  const { text } = await vault.git(['cat-file', '--buffer', '--batch-check=%(objectname)'], { stdin: oids.map((oid) => `${oid}^{commit}\n`).join('') })
  return text.trimEnd().split('\n').map((line) => parseOid(line))
}

export interface NewCommit {
  readonly oid: Oid
  readonly parents: readonly string[]
}

/** Lists commits that none of the known ones has in its history, parents after their children. The vault reads the source's objects; nothing of its settings plays a part. */
export async function listNew(vault: Vault, tips: readonly Oid[], known: readonly Oid[], borrows: readonly string[]): Promise<readonly NewCommit[]> {
  if (tips.length === 0) return []
  const stdin = [...new Set(tips), ...[...new Set(known)].map((one) => `^${one}`)].map((line) => `${line}\n`).join('')
  const { text } = await vault.git(['rev-list', '--ignore-missing', '--topo-order', '--parents', `--max-count=${MAX_COMMITS}`, '--stdin'], { stdin, env: { GIT_ALTERNATE_OBJECT_DIRECTORIES: borrows.map(quoteFolder).join(':') } })
  return text.split('\n').flatMap((line) => {
    const [first, ...parents] = line.split(' ')
    const oid = parseOid(first)
    return oid === undefined ? [] : [{ oid, parents }]
  })
}

interface Traced {
  readonly own: boolean
  readonly commit: Oid | undefined
  readonly alone: boolean
}

/** Says of each new commit which one of the run's it has in its history, and whether all new ones there are. */
function traceMade(commits: readonly NewCommit[], stores: readonly Store[]): ReadonlyMap<string, Traced> {
  const traced = new Map<string, Traced>()
  const begun = historyOf(commits, stores.flatMap(({ base }) => base ?? []))
  for (const { oid, parents } of commits.toReversed()) {
    const above = parents.flatMap((parent) => traced.get(parent) ?? [])
    const own = stores.some(({ has, base }) => has(oid) && (base === undefined || parents.some((parent) => parent === base || traced.get(parent)?.own === true)))
    traced.set(oid, { own, commit: above.find(({ commit }) => commit !== undefined)?.commit ?? (own ? oid : undefined), alone: (own || begun.has(oid)) && above.every(({ alone }) => alone) })
  }
  return traced
}

/** What came along with a commit of the run that is made on one of these, and lies where it began. */
function historyOf(commits: readonly NewCommit[], bases: readonly Oid[]): ReadonlySet<string> {
  const found = new Set<string>(bases)
  for (const { oid, parents } of commits) if (found.has(oid)) for (const parent of parents) found.add(parent)
  return found
}

/** What the run's own store has itself. What it borrows from the source never lies there, so a commit that does was made there. */
interface Store extends Pick<MadeIn, 'base'> {
  readonly has: (oid: Oid) => boolean
  /** Why a part of it could not be read; null when all was. */
  readonly unread: string | null
}

async function openStore(vault: Vault, { gitDir, base }: MadeIn): Promise<Store> {
  const objects = join(gitDir, 'objects')
  const packed = new Set<string>()
  const indexes = listPackIndexes(objects)
  let unread = indexes.length > MAX_INDEXES ? `the run has ${indexes.length} packs, which are too many to look at` : null
  for (const file of indexes.slice(0, MAX_INDEXES)) {
    try {
      for (const oid of await readPackIndex(vault, file)) packed.add(oid)
    } catch (error) {
      unread ??= `what the run made could not be read: ${messageOf(error)}`
    }
  }
  return { base, has: (oid) => existsSync(join(objects, oid.slice(0, 2), oid.slice(2))) || packed.has(oid), unread }
}

function listPackIndexes(objects: string): readonly string[] {
  const folder = join(objects, 'pack')
  return existsSync(folder) ? readdirSync(folder).flatMap((name) => (name.endsWith('.idx') ? [join(folder, name)] : [])) : []
}

async function readPackIndex(vault: Vault, file: string): Promise<readonly string[]> {
  const stdin = readPlain(file, { maxBytes: MAX_INDEX_BYTES })
  if (stdin === undefined) return []
  const { text } = await vault.git(['show-index'], { stdin })
  return text.split('\n').flatMap((line) => line.split(' ')[1] ?? [])
}
