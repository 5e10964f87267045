import { oidSchema, type Oid } from '@signalbox/core'
import { quotePattern } from './attributes.ts'
import { readBlobs } from './blobs.ts'
import type { TreeEntry } from './raw-diff.ts'
import type { GitHere } from './source-ref.ts'

/** A file of a tree; the path decides how git converts it. Paths hold one character per byte. */
export interface StoredFile {
  readonly path: string
  readonly oid: Oid
}

/** Attributes by which a file lies on disk in other bytes than are stored. */
const CONVERTING = ['text', 'eol', 'crlf', 'ident', 'working-tree-encoding', 'filter'] as const

/** Yields what git would write into this checkout for each of these entries, in their order. */
export async function* readWritten<T extends StoredFile & { readonly entry: TreeEntry }>(git: GitHere, wanted: readonly T[]): AsyncGenerator<readonly [T, Buffer]> {
  const converted = await findConverted(git, wanted.filter(({ entry }) => entry.mode.startsWith('100')).map(({ path }) => path))
  for await (const [one, bytes] of readBlobs(git, wanted)) yield [one, converted.has(one.path) ? await readWrittenFile(git, one) : bytes]
}

/** Returns what git would write into this checkout for one file. */
export async function readWrittenFile(git: GitHere, { path, oid }: StoredFile): Promise<Buffer> {
  const { stdout } = await git(['cat-file', '--batch', '--filters', '-z'], { stdin: Buffer.from(`${oid} ${path}\0`, 'latin1') })
  // The line before the bytes tells their number before they were converted.
  return stdout.subarray(stdout.indexOf(0x0a) + 1, stdout.length - 1)
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
