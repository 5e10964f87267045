import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseOid, isGuarded, type Evidence, type Oid, type RunId, type SourceChange, type SourceDifference, type SourceFingerprint } from '@signalbox/core'
import { agentDirsOf } from './agent-dirs.ts'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { blobId, oidIn, readText } from './content-id.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { findWriter, hasTakenIn, readTrace } from './git-trace.ts'
import { vaultRefs, type Layout } from './layout.ts'
import { parseRawDiff, showPath, type RawChange } from './raw-diff.ts'
import type { CheckoutRef } from './source-ref.ts'
import type { Vault } from './vault.ts'

/** A change with the bytes that lay on disk, where git stores others. */
export type SavedChange = Change & { readonly exactTree?: Oid | undefined }

export interface EvidenceRequest {
  readonly checkout: CheckoutRef
  readonly before: SourceFingerprint
  readonly differences: readonly SourceDifference[]
  /** What the run left in this repo; undefined when nothing could be sealed. */
  readonly round: SavedChange | undefined
}

/** Commits that are new in a source and looked at one by one; a history that long was not made by a run. */
const MAX_COMMITS = 5_000

/** Bytes of a pack's index that are read: a run with more objects than that names them in loose ones, too. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024

/** Says of each difference what shows that the run made it: its own commits in a ref, or the bytes of its round in a file. */
export async function findEvidence(layout: Layout, vault: Vault, { checkout, before, differences, round }: EvidenceRequest): Promise<readonly SourceChange[]> {
  const written = await readWritten(vault, checkout.run, differences, round)
  // In a linked worktree whatever is guarded blocks by itself, and all git of the run is at work in the source.
  if (checkout.isolation === 'linked') return differences.map((difference) => ({ ...difference, evidence: inBytes(difference, written) }))
  const commands = differences.some(({ what }) => what !== 'file') ? readTrace(layout, checkout.run, checkout.source) : new Set<string>()
  const commits = await findCommits(layout, vault, checkout, { before, differences, commands })
  return differences.map((difference) => ({ ...difference, evidence: inBytes(difference, written) ?? inCommits(difference, commits) ?? inCommands(difference, commands) }))
}

function inBytes({ what, name, after }: SourceDifference, written: ReadonlyMap<string, Oid>): Evidence | null {
  const oid = what === 'file' ? written.get(name) : undefined
  return oid !== undefined && oid === oidIn(after) ? { kind: 'bytes', oid } : null
}

function inCommits({ what, name }: SourceDifference, commits: ReadonlyMap<string, Oid>): Evidence | null {
  const oid = what === 'ref' ? commits.get(name) : undefined
  return oid === undefined ? null : { kind: 'commit', oid }
}

function inCommands(difference: SourceDifference, commands: ReadonlySet<string>): Evidence | null {
  const command = isGuarded(difference) ? findWriter(commands, difference.what) : undefined
  return command === undefined ? null : { kind: 'command', command }
}

/** Content that a round puts at a path and its base has not there, as it lay on disk. That a file is empty shows nothing. */
async function readWritten(vault: Vault, run: RunId, differences: readonly SourceDifference[], round: SavedChange | undefined): Promise<ReadonlyMap<string, Oid>> {
  if (round === undefined || !differences.some(({ what }) => what === 'file')) return new Map()
  const changes = round.exactTree === undefined ? filesOf(await readChangeList(vault, round)) : await listExact(vault, run, round.exactTree)
  return new Map(changes.flatMap(({ path, from, to }) => (to === undefined || to.mode === '160000' || from?.oid === to.oid || isEmpty(to.oid) ? [] : [[showPath(path), to.oid] as const])))
}

/** Lists what changed of the bytes on disk since the run began. */
async function listExact({ git }: Vault, run: RunId, exactTree: Oid): Promise<readonly RawChange[]> {
  const { stdout } = await git(['diff-tree', '-r', '-z', '--raw', '--no-renames', vaultRefs.exactBase(run), exactTree])
  return parseRawDiff(stdout).changes
}

function isEmpty(oid: Oid): boolean {
  return oid === blobId(Buffer.alloc(0), oid.length === 64 ? 'sha256' : 'sha1')
}

/** Returns, for each changed ref, a commit in it that was made in the run's git directory and is new to the source. */
async function findCommits(layout: Layout, vault: Vault, checkout: CheckoutRef, { before, differences, commands }: Pick<EvidenceRequest, 'before' | 'differences'> & { readonly commands: ReadonlySet<string> }): Promise<ReadonlyMap<string, Oid>> {
  const commonDir = readCommonDir(readGitDir(checkout.source.path))
  const moved = differences.flatMap(({ what, name, after }) => {
    const oid = what === 'ref' ? parseOid(after ?? undefined) : undefined
    // A pull or merge is typed in the checkout by whoever works there; a run reaches a ref from outside, or is seen there.
    return oid === undefined || (wasTyped(commonDir, name) && !hasTakenIn(commands)) ? [] : [{ name, oid }]
  })
  const known = [...before.ref, ...before.head].flatMap(([, id]) => parseOid(id) ?? [])
  const found = new Map<string, Oid>()
  const own = moved.length === 0 ? undefined : await openStore(vault, join(agentDirsOf(layout, checkout).gitDir, 'objects'))
  for (const { name, oid } of moved) {
    const made = (await listNew(vault, oid, known)).find((commit) => own?.(commit))
    if (made !== undefined) found.set(name, made)
  }
  return found
}

/** Commits of a ref that no ref of the source had before. The vault reads the source's objects; nothing of its settings plays a part. */
async function listNew(vault: Vault, oid: Oid, known: readonly Oid[]): Promise<readonly Oid[]> {
  const stdin = [oid, ...known.map((one) => `^${one}`)].map((line) => `${line}\n`).join('')
  const { text } = await vault.git(['rev-list', '--ignore-missing', `--max-count=${MAX_COMMITS}`, '--stdin'], { stdin })
  return text.split('\n').flatMap((line) => parseOid(line) ?? [])
}

/** Tells by the log of a ref whether its last move came from a command typed in the source itself, which a push or a plain write does not. */
function wasTyped(commonDir: string, ref: string): boolean {
  const last = (readText(join(commonDir, 'logs', ref)) ?? '').trimEnd().split('\n').at(-1) ?? ''
  return /\t(?:pull|fetch|merge|rebase|checkout|branch|reset|cherry-pick|revert|commit|am|clone)\b/.test(last)
}

/**
 * Returns whether an object lies in the run's own store itself. What it borrows from the source never does, so a commit
 * that does was made there.
 */
async function openStore(vault: Vault, objects: string): Promise<(oid: Oid) => boolean> {
  const packed = new Set((await Promise.all(listPackIndexes(objects).map((file) => readPackIndex(vault, file)))).flat())
  return (oid) => existsSync(join(objects, oid.slice(0, 2), oid.slice(2))) || packed.has(oid)
}

function listPackIndexes(objects: string): readonly string[] {
  const folder = join(objects, 'pack')
  return existsSync(folder) ? readdirSync(folder).flatMap((name) => (name.endsWith('.idx') ? [join(folder, name)] : [])) : []
}

async function readPackIndex(vault: Vault, file: string): Promise<readonly string[]> {
  const stdin = await readFile(file)
  if (stdin.length > MAX_INDEX_BYTES) return []
  const { text } = await vault.git(['show-index'], { stdin, okExits: [0, 128] }) // 128: the agent wrote no index there
  return text.split('\n').flatMap((line) => line.split(' ')[1] ?? [])
}
