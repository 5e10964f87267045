import { sharedPath, unquotePath } from './patch-path.ts'
import type { PatchScan } from './patch-scan.ts'

/** What a patch says of one file. Lines are numbers of its index. */
export interface PatchFile {
  readonly path: string
  /** The path before a rename, or of a copy's origin; undefined otherwise. */
  readonly oldPath: string | undefined
  readonly change: 'added' | 'deleted' | 'renamed' | 'copied' | 'modified'
  /** File modes such as `100644`; undefined where there is no such side or the patch names none. */
  readonly oldMode: string | undefined
  readonly newMode: string | undefined
  /** Ids of the contents; undefined where the content did not change. */
  readonly oldId: string | undefined
  readonly newId: string | undefined
  readonly binary: boolean
  /** Line of `diff --git`. */
  readonly first: number
  /** Line of the first hunk; `end` when there is none. */
  readonly body: number
  /** The line after the last. */
  readonly end: number
  readonly insertions: number
  readonly deletions: number
}

/** Where a file lies in a scan: its lines and its hunks, ends excluded. */
export interface FilePlace {
  readonly first: number
  readonly end: number
  readonly firstHunk: number
  readonly endHunk: number
}

/** Reads the header lines of a file and sums up its hunks. */
export function readPatchFile({ patch, offsets, hunks }: PatchScan, { first, end, firstHunk, endHunk }: FilePlace): PatchFile {
  const body = firstHunk < endHunk ? (hunks.lines[firstHunk] ?? end) : end
  return { ...readHeader(patch.slice(offsets[first], offsets[body])), first, body, end, insertions: sum(hunks.insertions, firstHunk, endHunk), deletions: sum(hunks.deletions, firstHunk, endHunk) }
}

type Header = Omit<PatchFile, 'first' | 'body' | 'end' | 'insertions' | 'deletions'>

function readHeader(header: string): Header {
  // A binary patch has no hunks, so that it lies in the header; what stands before it is read.
  const binaryAt = header.indexOf('\nGIT binary patch\n')
  const lines = (binaryAt < 0 ? header : header.slice(0, binaryAt)).split('\n')
  const after = (prefix: string): string | undefined => lines.find((line) => line.startsWith(prefix))?.slice(prefix.length)
  const pathAfter = (...prefixes: readonly string[]): string | undefined => optionally(unquotePath, prefixes.map(after).find((text) => text !== undefined))
  const side = (prefix: string): string | undefined => optionally(withoutSide, after(prefix))
  const [, oldId, newId, bothModes] = /^([0-9a-f]+)\.\.([0-9a-f]+)(?: (\d+))?$/.exec(after('index ') ?? '') ?? []
  return {
    path: pathAfter('rename to ', 'copy to ') ?? side('+++ ') ?? side('--- ') ?? sharedPath(after('diff --git ') ?? '') ?? '',
    oldPath: pathAfter('rename from ', 'copy from '),
    change: changes.find(([prefix]) => after(prefix) !== undefined)?.[1] ?? 'modified',
    oldMode: after('old mode ') ?? after('deleted file mode ') ?? bothModes,
    newMode: after('new mode ') ?? after('new file mode ') ?? bothModes,
    oldId,
    newId,
    binary: binaryAt >= 0 || after('Binary files ') !== undefined,
  }
}

/** Header lines that name a change, in git's words. */
const changes = [
  ['new file mode ', 'added'],
  ['deleted file mode ', 'deleted'],
  ['rename to ', 'renamed'],
  ['copy to ', 'copied'],
] as const

function optionally<T, U>(read: (value: T) => U, value: T | undefined): U | undefined {
  return value === undefined ? undefined : read(value)
}

/** The path of a `---` or `+++` line: without `a/` or `b/`, and without the tab git puts after a name with blanks. */
function withoutSide(text: string): string | undefined {
  const path = unquotePath(text.replace(/\t$/, ''))
  return path === '/dev/null' ? undefined : path.slice(2)
}

function sum(numbers: Uint32Array, from: number, to: number): number {
  return numbers.subarray(from, to).reduce((total, number) => total + number, 0)
}
