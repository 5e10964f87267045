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
  const said = readWords((binaryAt < 0 ? header : header.slice(0, binaryAt)).split('\n'))
  const after = (word: HeaderWord): string | undefined => said.get(word)
  const pathAfter = (one: HeaderWord, other: HeaderWord): string | undefined => optionally(unquotePath, after(one) ?? after(other))
  const side = (word: HeaderWord): string | undefined => optionally(withoutSide, after(word))
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

/** What header lines begin with, in git's words; the usual ones first, for there may be thousands of files. */
const headerWords = [
  'diff --git ',
  'index ',
  '--- ',
  '+++ ',
  'new file mode ',
  'deleted file mode ',
  'rename from ',
  'rename to ',
  'copy from ',
  'copy to ',
  'old mode ',
  'new mode ',
  'Binary files ',
] as const
type HeaderWord = (typeof headerWords)[number]

/** Returns what stands behind each word, where it stands first. */
function readWords(lines: readonly string[]): ReadonlyMap<HeaderWord, string> {
  const said = new Map<HeaderWord, string>()
  for (const line of lines) {
    const word = headerWords.find((one) => line.startsWith(one))
    if (word !== undefined && !said.has(word)) said.set(word, line.slice(word.length))
  }
  return said
}

/** Header lines that name a change. */
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
  const path = unquotePath(text.endsWith('\t') ? text.slice(0, -1) : text)
  return path === '/dev/null' ? undefined : path.slice(2)
}

function sum(numbers: Uint32Array, from: number, to: number): number {
  let total = 0
  for (let at = from; at < to; at += 1) total += numbers[at] ?? 0
  return total
}
