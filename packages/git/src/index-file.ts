import { copyFileSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { parseOid, type Oid } from '@signalbox/core'

/** An entry of an index that is no plain file or link of the working tree. Paths hold one character per byte. */
export interface SpecialEntry {
  readonly path: string
  /** `160000` for another repository, `040000` for a folder left out as a whole, else the mode of the file. */
  readonly mode: string
  readonly oid: Oid
  /** Left out of the working tree on purpose (sparse checkout). */
  readonly skipWorktree: boolean
}

/** What a capture needs of an index file. Tens of thousands of entries are read at every capture, so it is no more. */
export interface IndexFile {
  /** Paths of files and links. */
  readonly files: readonly string[]
  readonly special: readonly SpecialEntry[]
  /** Paths whose edits git was told not to look for: assumed unchanged, or left out on purpose. */
  readonly hidden: readonly string[]
  /** Paths that a merge left in conflict, each once. */
  readonly unmerged: readonly string[]
  /** Id of the shared index this one is laid over; undefined when it stands alone. */
  readonly sharedIndex: string | undefined
  /** Whether git has noted what tree the entries make up: it does where it checks one out or commits it, and takes that back where something is staged. */
  readonly isOneTree: boolean
}

const EXTENDED = 0x4000
const SKIP_WORKTREE = 0x4000
const ASSUME_VALID = 0x8000
const NAME_LENGTH = 0x0fff
const STAGE = 0x3000
const GITLINK = 0o160000
const FOLDER = 0o040000

/**
 * Parses an index file of version 2 to 4. An agent wrote it, so no git of ours opens it: a git that trusts an index
 * also trusts what it says is unchanged.
 * `visit` is told where each entry begins. @throws Error when it is no index
 */
export function parseIndex(bytes: Buffer, oidBytes: 20 | 32, visit?: (path: string, at: number) => void): IndexFile {
  const version = bytes.length >= 12 && bytes.toString('latin1', 0, 4) === 'DIRC' ? bytes.readUInt32BE(4) : 0
  if (version < 2 || version > 4) throw new TypeError('not an index file of a known version')
  const files: string[] = []
  const special: SpecialEntry[] = []
  const hidden: string[] = []
  const unmerged = new Set<string>()
  let at = 12
  let path = ''
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const flagsAt = at + 40 + oidBytes
    const extended = (bytes.readUInt16BE(flagsAt) & EXTENDED) !== 0
    const skipWorktree = extended && (bytes.readUInt16BE(flagsAt + 2) & SKIP_WORKTREE) !== 0
    const name = parseName(bytes, { entryAt: at, nameAt: flagsAt + (extended ? 4 : 2), flagsAt, version, previous: path })
    const mode = bytes.readUInt32BE(at + 24)
    path = name.path
    visit?.(path, at)
    if (skipWorktree || (bytes.readUInt16BE(flagsAt) & ASSUME_VALID) !== 0) hidden.push(path)
    if (skipWorktree || mode === GITLINK || mode === FOLDER) special.push({ path, mode: mode.toString(8).padStart(6, '0'), oid: parseEntryOid(bytes, at + 40, oidBytes), skipWorktree })
    if ((bytes.readUInt16BE(flagsAt) & STAGE) !== 0) unmerged.add(path)
    if (path !== '' && mode !== GITLINK && mode !== FOLDER) files.push(path) // a nameless one replaces an entry of the shared index
    at = name.end
  }
  return { files, special, hidden, unmerged: [...unmerged], sharedIndex: findSharedIndex(bytes, at, oidBytes), isOneTree: isOneTree(bytes, at, oidBytes) }
}

/** What an index has of a file as it lay there when git wrote it down. */
export interface FileStat {
  readonly path: string
  readonly mtimeNs: bigint
  readonly size: bigint
  /** Whether it need not be there (sparse checkout). */
  readonly isLeftOut: boolean
}

/** An index, and what it has of the files and links of its working tree. @throws Error when it is no index */
export function parseIndexWithStats(bytes: Buffer, oidBytes: 20 | 32): IndexFile & { readonly stats: readonly FileStat[] } {
  const places = new Map<string, number>()
  const index = parseIndex(bytes, oidBytes, (path, at) => places.set(path, at))
  const { files, special } = index
  const leftOut = new Set(special.flatMap(({ path, skipWorktree }) => (skipWorktree ? [path] : [])))
  const stats = files.map((path) => {
    const at = places.get(path) ?? 0
    return { path, mtimeNs: BigInt(bytes.readUInt32BE(at + 8)) * 1_000_000_000n + BigInt(bytes.readUInt32BE(at + 12)), size: BigInt(bytes.readUInt32BE(at + 36)), isLeftOut: leftOut.has(path) }
  })
  return { ...index, stats }
}

function parseEntryOid(bytes: Buffer, at: number, oidBytes: number): Oid {
  const oid = parseOid(bytes.toString('hex', at, at + oidBytes))
  if (oid === undefined) throw new TypeError('an index entry ends early')
  return oid
}

interface NamePlace {
  readonly entryAt: number
  readonly flagsAt: number
  readonly nameAt: number
  readonly version: number
  readonly previous: string
}

function parseName(bytes: Buffer, { entryAt, flagsAt, nameAt, version, previous }: NamePlace): { readonly path: string; readonly end: number } {
  const { kept, suffixAt } = version === 4 ? parsePrefix(bytes, nameAt, previous) : { kept: '', suffixAt: nameAt }
  const length = bytes.readUInt16BE(flagsAt) & NAME_LENGTH
  const nul = version !== 4 && length < NAME_LENGTH ? nameAt + length : bytes.indexOf(0, suffixAt)
  if (nul < 0 || bytes[nul] !== 0) throw new TypeError('an index entry has no end')
  const path = kept + bytes.toString('latin1', suffixAt, nul)
  // Up to version 3, entries are filled up with 1 to 8 zero bytes to a multiple of eight.
  return { path, end: version === 4 ? nul + 1 : entryAt + Math.ceil((nul + 1 - entryAt) / 8) * 8 }
}

/** Version 4 names say how many characters of the previous one to drop, in git's variable-width numbers. */
function parsePrefix(bytes: Buffer, at: number, previous: string): { readonly kept: string; readonly suffixAt: number } {
  let position = at
  let byte = bytes.readUInt8(position)
  let dropped = byte & 0x7f
  while ((byte & 0x80) !== 0) {
    position += 1
    byte = bytes.readUInt8(position)
    dropped = (dropped + 1) * 128 + (byte & 0x7f)
  }
  return { kept: previous.slice(0, Math.max(0, previous.length - dropped)), suffixAt: position + 1 }
}

function findSharedIndex(bytes: Buffer, start: number, oidBytes: number): string | undefined {
  const at = findExtension('link', bytes, start, oidBytes)
  return at === undefined ? undefined : bytes.toString('hex', at, at + oidBytes)
}

/** The first one is that of the top: no name, a zero, and how many entries it has; `-1` where that is not known any more. */
function isOneTree(bytes: Buffer, start: number, oidBytes: number): boolean {
  const at = findExtension('TREE', bytes, start, oidBytes)
  return at !== undefined && bytes[at] === 0 && bytes[at + 1] !== 0x2d
}

/** Returns where the content of an extension begins, which lie behind the entries. */
function findExtension(name: string, bytes: Buffer, start: number, oidBytes: number): number | undefined {
  for (let at = start; at + 8 <= bytes.length - oidBytes; at += 8 + bytes.readUInt32BE(at + 4)) {
    if (bytes.toString('latin1', at, at + 4) === name) return at + 8
  }
  return undefined
}

/**
 * Copies an index so that git still distrusts entries as young as itself: a copy with a new time would hide an edit
 * of the same second and size. The time is rounded down, because Node sets it less finely than disks keep it.
 */
export function copyIndex(from: string, to: string): void {
  const { mtimeMs } = statSync(from)
  copyFileSync(from, to)
  utimesSync(to, Math.floor(mtimeMs) / 1000, Math.floor(mtimeMs) / 1000)
}

/** Returns the checksum at the end of an index file: two equal ones hold the same entries. */
export function indexChecksum(path: string): string {
  return readFileSync(path).subarray(-20).toString('hex')
}
