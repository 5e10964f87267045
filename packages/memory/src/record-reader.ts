import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { messageOf, type Quarantined, type RecordKind, type RecordOf } from '@signalbox/core'
import { errnoOf } from './disk-error.ts'
import { MAX_RECORD_BYTES } from './front-matter.ts'
import { findQuarantined } from './record-claims.ts'
import { parseRecord } from './record-file.ts'
import { readFolder } from './record-folder.ts'
import type { Parsed, Problem } from './yaml-block.ts'

/** All records of one kind, and the files that could not be read as one. Both in order of path. */
export interface Listing<R> {
  readonly records: readonly R[]
  readonly quarantined: readonly Quarantined[]
}

/** One file as it was read: `signature` changes when its bytes may have. */
export interface RecordRead<K extends RecordKind> {
  readonly path: string
  readonly signature: string
  readonly parsed: Parsed<RecordOf[K]>
}

/** Reads record files, parsing again only those that changed since. */
export interface RecordReader {
  list<K extends RecordKind>(kind: K): Promise<Listing<RecordOf[K]>>
}

/** A change within this many milliseconds of a read may keep the same time stamp on a coarse clock, so such a read is not remembered. */
const RACY_MS = 100
/** Files parsed between two turns of the event loop. More starves a server, fewer costs time. */
const BATCH = 50

/** Creates a reader of the records below `dir`. */
export function createRecordReader(dir: string): RecordReader {
  const known = new Map<string, RecordRead<RecordKind>>()
  return {
    async list(kind) {
      const reads: RecordRead<typeof kind>[] = []
      const folder = readFolder(dir, kind)
      for (const [at, path] of folder.paths.entries()) {
        if (at % BATCH === BATCH - 1) await setImmediate()
        const read = readCached(known, dir, kind, path)
        if (read !== undefined) reads.push(read)
      }
      const listing = judge(kind, reads)
      return { records: listing.records, quarantined: [...folder.quarantined, ...listing.quarantined] }
    },
  }
}

/** Returns what a file's identity, size and times are, as one text. */
export function signatureOf(stats: BigIntStats): string {
  return `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`
}

/** Reads a regular file of at most 1 MiB without following a link; undefined when it is gone. */
export function readRecordBytes(path: string): Parsed<{ readonly bytes: Buffer; readonly stats: BigIntStats }> | undefined {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      return readDescriptor(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT') return undefined
    return wholeFile(code === 'ELOOP' ? 'is a symbolic link; records are plain files' : `cannot be read: ${messageOf(error)}`)
  }
}

function readCached<K extends RecordKind>(known: Map<string, RecordRead<RecordKind>>, dir: string, kind: K, path: string): RecordRead<K> | undefined {
  const before = known.get(path)
  const stats = lstatSync(join(dir, path), { bigint: true, throwIfNoEntry: false })
  // A path lies in the folder of its kind, so what is remembered under it is of that kind.
  if (before !== undefined && stats !== undefined && before.signature === signatureOf(stats)) return before as RecordRead<K>
  known.delete(path)
  const read = readRecordBytes(join(dir, path))
  if (read === undefined) return undefined
  if (read.kind === 'problem') return { path, signature: '', parsed: read }
  const result = { path, signature: signatureOf(read.value.stats), parsed: parseRecord(kind, path, read.value.bytes) }
  if (Date.now() - Number(read.value.stats.ctimeMs) > RACY_MS) known.set(path, result)
  return result
}

function readDescriptor(descriptor: number): Parsed<{ readonly bytes: Buffer; readonly stats: BigIntStats }> {
  const stats = fstatSync(descriptor, { bigint: true })
  if (!stats.isFile()) return wholeFile('is not a plain file')
  if (stats.size > MAX_RECORD_BYTES) return wholeFile(`larger than ${MAX_RECORD_BYTES / 1024 / 1024} MiB`)
  const bytes = Buffer.alloc(MAX_RECORD_BYTES < Number(stats.size) + 1 ? MAX_RECORD_BYTES + 1 : Number(stats.size) + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read) read = readSync(descriptor, bytes, length, bytes.length - length, null)
  return { kind: 'parsed', value: { bytes: bytes.subarray(0, length), stats } }
}

function wholeFile(reason: string): { readonly kind: 'problem'; readonly problem: Problem } {
  return { kind: 'problem', problem: { line: null, reason } }
}

function judge<K extends RecordKind>(kind: K, reads: readonly RecordRead<K>[]): Listing<RecordOf[K]> {
  const problems = findQuarantined(kind, reads.map(({ path, parsed }) => (parsed.kind === 'parsed' ? { path, id: parsed.value.id, problem: undefined } : { path, id: undefined, problem: parsed.problem })))
  return {
    records: reads.flatMap(({ path, parsed }) => (parsed.kind === 'parsed' && !problems.has(path) ? [parsed.value] : [])),
    quarantined: [...problems].map(([path, problem]) => ({ path, ...problem })),
  }
}
