import { open } from 'node:fs/promises'
import { oidSchema, type Oid } from '@signalbox/core'
import { quotePattern } from './attributes.ts'
import { findSizes, noBlob, readBlobs } from './blobs.ts'
import type { TakePiece } from './exec.ts'
import { diskPath, type TreeEntry } from './raw-diff.ts'
import type { GitHere } from './source-ref.ts'

/** A file of a tree; the path decides how git converts it. Paths hold one character per byte. */
export interface StoredFile {
  readonly path: string
  readonly oid: Oid
}

/** Attributes by which a file lies on disk in other bytes than are stored. */
const CONVERTING = ['text', 'eol', 'crlf', 'ident', 'working-tree-encoding', 'filter'] as const

/** What a file is to hold: its bytes, or a way to be told them piece by piece where they need not fit in memory. */
export type Content = Buffer | ((take: TakePiece) => Promise<void>)

/** Bytes of a file that are held at once. */
const WHOLE_BYTES = 16 * 1024 * 1024

/** Milliseconds git may take to tell one file. */
const FILE_MS = 10 * 60_000

type Wanted = StoredFile & { readonly entry: TreeEntry }

/** Yields what git would write into this checkout for each of these entries, the small ones first. */
export async function* readWritten<T extends Wanted>(git: GitHere, wanted: readonly T[]): AsyncGenerator<readonly [T, Content]> {
  const files = wanted.filter(({ entry }) => entry.mode.startsWith('100'))
  const [converted, sizes] = await Promise.all([findConverted(git, files.map(({ path }) => path)), findSizes(git, files)])
  const told = new Set(files.filter(({ path, oid }) => converted.has(path) || (sizes.get(oid) ?? 0) > WHOLE_BYTES))
  yield* readBlobs(git, wanted.filter((one) => !told.has(one)))
  for (const one of told) yield [one, (take) => tellWritten(git, one, converted.has(one.path), take)]
}

/** Says whether a file of a checkout is the beginning of what git would write there, and not all of it; neither is held whole. */
export async function isStartOfWritten(git: GitHere, root: string, stored: StoredFile): Promise<boolean> {
  const converted = await findConverted(git, [stored.path])
  const file = await open(diskPath(root, stored.path))
  try {
    const { size } = await file.stat()
    let at = 0
    let isSame = true
    await tellWritten(git, stored, converted.has(stored.path), async (piece) => {
      const length = Math.max(0, Math.min(piece.length, size - at))
      if (isSame && length > 0) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at)
        isSame = bytesRead === length && buffer.equals(piece.subarray(0, length))
      }
      at += piece.length
    })
    return isSame && size < at
  } finally {
    await file.close()
  }
}

/** Tells what git would write into a checkout for one file. */
async function tellWritten(git: GitHere, { path, oid }: StoredFile, converted: boolean, take: TakePiece): Promise<void> {
  if (!converted) return void (await git(['cat-file', 'blob', oid], { into: take, timeoutMs: FILE_MS }))
  await git(['cat-file', '--batch', '--filters', '-z'], { stdin: Buffer.from(`${oid} ${path}\0`, 'latin1'), into: unframe(take), timeoutMs: FILE_MS })
}

/** Takes off the line before the bytes, which tells their number before they were converted, and the line end after them. */
function unframe(take: TakePiece): TakePiece {
  let line: Buffer | undefined = Buffer.alloc(0)
  let held = Buffer.alloc(0)
  return async (piece) => {
    let bytes = Buffer.concat([line ?? held, piece])
    if (line !== undefined) {
      const end = bytes.indexOf(0x0a)
      line = end < 0 ? bytes : undefined
      if (end < 0) return
      if (!/^[0-9a-f]+ blob \d+$/.test(bytes.toString('latin1', 0, end))) throw noBlob(bytes.toString('latin1', 0, end))
      bytes = bytes.subarray(end + 1)
    }
    held = bytes.subarray(-1)
    if (bytes.length > 1) await take(bytes.subarray(0, -1))
  }
}

/** Returns as what git would store these files of this checkout, by path. */
export async function readStoredAs(git: GitHere, paths: readonly string[]): Promise<ReadonlyMap<string, Oid>> {
  if (paths.length === 0) return new Map()
  const { text } = await git(['hash-object', '--stdin-paths'], { stdin: paths.map((path) => `${quotePattern(path)}\n`).join('') })
  const oids = text.trimEnd().split('\n').map((line) => oidSchema.parse(line))
  return new Map(oids.map((oid, at) => [paths[at] ?? '', oid]))
}

async function findConverted(git: GitHere, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set()
  const [autocrlf, { stdout }] = await Promise.all([
    // 128: it is set, and neither true nor false.
    git(['config', '--type=bool', '--get', 'core.autocrlf'], { okExits: [0, 1, 128] }),
    git(['check-attr', '-z', '--stdin', ...CONVERTING], { stdin: Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1') }),
  ])
  if (autocrlf.exitCode === 128 || autocrlf.text.trim() === 'true') return new Set(paths)
  const fields = stdout.toString('latin1').split('\0')
  return new Set(fields.flatMap((path, at) => (at % 3 === 0 && !['unspecified', 'unset', undefined].includes(fields[at + 2]) ? [path] : [])))
}
