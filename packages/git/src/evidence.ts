import { join } from 'node:path'
import { messageOf, parseOid, isGuarded, type Evidence, type Oid, type RunId, type SourceChange, type SourceDifference, type SourceFingerprint } from '@signalbox/core'
import { findBrought, type ReadLanded } from './brought-bytes.ts'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { blobId, oidIn, readText } from './content-id.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { findMover, findWriter, hasTakenIn, readCommands } from './git-trace.ts'
import { isRunBranch, vaultRefs, type Layout } from './layout.ts'
import { lookAt } from './look-at.ts'
import { findMade, type Made, type MadeIn } from './made-commits.ts'
import { diskPath, parseRawDiff, type RawChange } from './raw-diff.ts'
import { readRecordedPath, recordPath } from './recorded-path.ts'
import type { SourceRef } from './source-ref.ts'
import type { Vault, Vaults } from './vault.ts'

/** Bytes below which a file that is the same elsewhere shows nothing: version numbers, ignore rules and the like are alike everywhere. */
export const TELLING_BYTES = 64

/** A change with the bytes that lay on disk, where git stores others. */
export type SavedChange = Change & { readonly exactTree?: Oid | undefined }

/** What a run left in one of its repos. */
export interface Left {
  readonly vault: Vault
  /** Undefined when nothing could be sealed. */
  readonly round: SavedChange | undefined
}

export interface EvidenceRequest {
  readonly run: RunId
  readonly source: SourceRef
  readonly before: SourceFingerprint
  readonly differences: readonly SourceDifference[]
  /** What the run left where its doing in this source may show: in its checkout of it; in all of its repos where it has none. */
  readonly left: readonly Left[]
  /** Where the run made commits; none in a linked worktree, where all of the source is in one store. */
  readonly stores: readonly MadeIn[]
  readonly landed: ReadLanded
  /** Bytes that a file must have for its content to show anything; 0 for any. */
  readonly leastBytes: number
  /** Whether the run works in a worktree of the source itself: whatever is guarded blocks by itself there, and all git of the run is at work in it. */
  readonly linked: boolean
}

/** What shows that a run made changes, as far as that could be told. */
export interface Found {
  readonly changes: readonly SourceChange[]
  /** Why it could not be told of all; null when it could. */
  readonly unread: string | null
}

/** Says of each difference what shows that the run made it: its own commits in a ref, or the bytes of its round in a file or in what is new in a ref. */
export async function findEvidence(layout: Layout, vaults: Vaults, request: EvidenceRequest): Promise<Found> {
  const { run, source, before, differences, left, stores, leastBytes, linked } = request
  const written = differences.some(({ what }) => what === 'file') ? await readWritten(left, (one) => listOnDisk(run, one)) : new Set<string>()
  const inBytes = (difference: SourceDifference): Evidence | null => findBytes(source, difference, written, leastBytes)
  if (linked) return { changes: differences.map((difference) => ({ ...difference, evidence: inBytes(difference) })), unread: null }
  const commands = differences.some(({ what }) => what !== 'file') ? readCommands(layout, run, source) : new Set<string>()
  const logs = readLogs(source, differences)
  const { made, unread } = await findMade(vaults, source, { before, moved: listMoved(differences, logs, commands), stores })
  const brought = await findInRefs(vaults, request, { moved: listCommitted(differences, logs, commands).filter(({ name }) => !made.has(name)) })
  const evidenceOf = (difference: SourceDifference): Evidence | null => inBytes(difference) ?? inCommits(difference, made) ?? inCommands(source, difference, { commands, logs }) ?? inBrought(difference, brought.found)
  return { changes: differences.map((difference) => ({ ...difference, evidence: evidenceOf(difference) })), unread: unread ?? brought.unread }
}

/** Looks for the bytes of the round in what is new in refs. A small file that its human committed may be alike by chance; one that was committed past their checkout is not there. */
async function findInRefs(vaults: Vaults, { source, before, differences, left, stores, landed, leastBytes }: EvidenceRequest, { moved }: { readonly moved: readonly Moved[] }): Promise<{ readonly found: ReadonlyMap<string, Oid>; readonly unread: string | null }> {
  if (moved.length === 0) return { found: new Map(), unread: null }
  const passed = new Set(leastBytes === 0 ? differences.flatMap(({ what, name }) => (what === 'file' || what === 'index' ? [name] : [])) : [])
  try {
    const written = await readWritten(left, async ({ vault, round }) => filesOf(await readChangeList(vault, round)))
    return { found: await findBrought(vaults, source, { before, moved, stores, landed, written, isTelling: (path, bytes) => passed.has(path) || bytes >= TELLING_BYTES }), unread: null }
  } catch (error) {
    return { found: new Map(), unread: `what came into its refs could not be read: ${messageOf(error)}` }
  }
}

function inBrought({ what, name }: SourceDifference, brought: ReadonlyMap<string, Oid>): Evidence | null {
  const oid = what === 'ref' ? brought.get(name) : undefined
  return oid === undefined ? null : { kind: 'bytes', oid }
}

function findBytes(source: SourceRef, { what, name, after }: SourceDifference, written: ReadonlySet<string>, leastBytes: number): Evidence | null {
  const oid = what === 'file' ? parseOid(oidIn(after)) : undefined
  if (oid === undefined || !written.has(`${oid} ${name}`)) return null
  const isTelling = leastBytes === 0 || (lookAt(diskPath(source.path, readRecordedPath(name)))?.size ?? 0) >= leastBytes
  return isTelling ? { kind: 'bytes', oid } : null
}

function inCommits({ what, name }: SourceDifference, made: ReadonlyMap<string, Made>): Evidence | null {
  const found = what === 'ref' ? made.get(name) : undefined
  return found === undefined ? null : { kind: 'commit', oid: found.commit, alone: found.alone }
}

interface Seen {
  readonly commands: ReadonlySet<string>
  readonly logs: ReadonlyMap<string, string>
}

function inCommands(source: SourceRef, { what, name }: SourceDifference, { commands, logs }: Seen): Evidence | null {
  // A command in the checkout moves the HEAD of that one, and no other.
  if (!isGuarded({ what, name }) || (what === 'head' && name !== source.path)) return null
  const command = what === 'ref' ? findMover(commands, logs.get(name)) : findWriter(commands, what)
  return command === undefined ? null : { kind: 'command', command }
}

interface LeftRound {
  readonly vault: Vault
  readonly round: SavedChange
}

/** Content that a run put at a path where its base has another: `OID PATH`, the path as records name it. That a file is empty shows nothing. */
async function readWritten(left: readonly Left[], list: (left: LeftRound) => Promise<readonly RawChange[]>): Promise<ReadonlySet<string>> {
  const each = await Promise.all(
    left.map(async ({ vault, round }) => {
      const changes = round === undefined ? [] : await list({ vault, round })
      return changes.flatMap(({ path, from, to }) => (to === undefined || to.mode === '160000' || from?.oid === to.oid || isEmpty(to.oid) ? [] : [`${to.oid} ${recordPath(path)}`]))
    }),
  )
  return new Set(each.flat())
}

/** Lists what changed of the bytes on disk since the run began. */
async function listOnDisk(run: RunId, { vault, round }: LeftRound): Promise<readonly RawChange[]> {
  if (round.exactTree === undefined) return filesOf(await readChangeList(vault, round))
  const { stdout } = await vault.git(['diff-tree', '-r', '-z', '--raw', '--no-renames', vaultRefs.exactBase(run), round.exactTree])
  return parseRawDiff(stdout).changes
}

function isEmpty(oid: Oid): boolean {
  return oid === blobId(Buffer.alloc(0), oid.length === 64 ? 'sha256' : 'sha1')
}

/** What the log of each changed ref says of its last move, as git wrote it: `commit: …`; refs that log nothing of it are left out. */
function readLogs(source: SourceRef, differences: readonly SourceDifference[]): ReadonlyMap<string, string> {
  const commonDir = readCommonDir(readGitDir(source.path))
  return new Map(differences.flatMap(({ what, name, after }) => {
    const last = what === 'ref' && after !== null ? (readText(join(commonDir, 'logs', name)) ?? '').trimEnd().split('\n').at(-1) : undefined
    // A line about an older move says nothing of this one, which was written past the log.
    return last?.split(' ')[1] === after && last !== undefined ? [[name, last.split('\t')[1] ?? ''] as const] : []
  }))
}

interface Moved {
  readonly name: string
  readonly oid: Oid
}

/** Refs that a run may have brought its commits to. */
function listMoved(differences: readonly SourceDifference[], logs: ReadonlyMap<string, string>, commands: ReadonlySet<string>): readonly Moved[] {
  return differences.flatMap(({ what, name, after }) => {
    const oid = what === 'ref' ? parseOid(after ?? undefined) : undefined
    // A pull or merge is typed in the checkout by whoever works there; a run reaches a ref from outside, or is seen there.
    return oid === undefined || (wasTyped(logs.get(name) ?? '') && !hasTakenIn(commands)) ? [] : [{ name, oid }]
  })
}

/**
 * Branches that a run may have committed to: what came there by a command that takes commits in has another author. Those of runs say nothing,
 * and of what else git fetches, such as tags, it keeps no log that could tell.
 */
function listCommitted(differences: readonly SourceDifference[], logs: ReadonlyMap<string, string>, commands: ReadonlySet<string>): readonly Moved[] {
  return differences.flatMap(({ what, name, after }) => {
    const oid = what === 'ref' && name.startsWith('refs/heads/') && !isRunBranch(name) ? parseOid(after ?? undefined) : undefined
    const log = logs.get(name) ?? ''
    return oid === undefined || (wasTyped(log) && !/^commit(?: \((?:amend|initial)\))?:/.test(log) && !hasTakenIn(commands)) ? [] : [{ name, oid }]
  })
}

/** Tells by what a log says whether a move came from a command typed in the source itself, which a push or a plain write does not. */
function wasTyped(log: string): boolean {
  return /^(?:pull|fetch|merge|rebase|checkout|branch|reset|cherry-pick|revert|commit|am|clone)\b/.test(log)
}
