import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordKind, RecordOf } from '@signalbox/core'
import { parseRecord } from './record-file.ts'
import { walkFolder } from './record-folder.ts'
import { readRecordBytes, signatureOf } from './record-reader.ts'
import type { Parsed } from './yaml-block.ts'

/** A record's file as a listing shows it, unread. */
export interface FoundFile {
  /** Path inside the memory repo, with forward slashes. */
  readonly path: string
  /** Identity, size and times as one text: another stamp means that the content may be another. */
  readonly stamp: string
  /** Milliseconds since the epoch of the last change of content or name. */
  readonly changedMs: number
}

/** How the index looks at the memory repo. Reading is apart from listing, so that anyone can count what is read. */
export interface MemoryFiles {
  /** Files that may be records of a kind, in no order; one at a time, for there may be a hundred thousand. */
  list(kind: RecordKind): Iterable<FoundFile>
  /** Bytes of one file, or why it is not read; undefined when it is gone. */
  read(path: string): Parsed<Buffer> | undefined
}

/** Returns the files of the memory repo at `dir`. Synchronous calls: for ten thousand small files they take a third of the time. */
export function createMemoryFiles(dir: string): MemoryFiles {
  return {
    *list(kind) {
      for (const path of walkFolder(dir, kind)) {
        const stats = lstatSync(join(dir, path), { bigint: true, throwIfNoEntry: false })
        if (stats !== undefined) yield { path, stamp: signatureOf(stats), changedMs: Number(stats.mtimeMs > stats.ctimeMs ? stats.mtimeMs : stats.ctimeMs) }
      }
    },
    read: (path) => {
      const read = readRecordBytes(join(dir, path))
      return read?.kind === 'parsed' ? { kind: 'parsed', value: read.value.bytes } : read
    },
  }
}

/** A record with its kind and the bytes it was parsed from. */
export type ReadRecord = { readonly [K in RecordKind]: { readonly kind: K; readonly record: RecordOf[K]; readonly bytes: Buffer } }[RecordKind]

/** Reads one record's file; undefined when it is gone. */
export function readRecord<K extends RecordKind>(files: MemoryFiles, kind: K, path: string): Parsed<Extract<ReadRecord, { readonly kind: K }>> | undefined {
  const read = files.read(path)
  if (read?.kind !== 'parsed') return read
  const parsed = parseRecord(kind, path, read.value)
  if (parsed.kind === 'problem') return parsed
  // The parser was chosen by `kind`, which the compiler cannot follow through the union.
  return { kind: 'parsed', value: { kind, record: parsed.value, bytes: read.value } as unknown as Extract<ReadRecord, { readonly kind: K }> }
}
