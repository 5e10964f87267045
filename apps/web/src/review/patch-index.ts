import { readPatchFile, type PatchFile } from './patch-file.ts'
import { kind } from './patch-kind.ts'
import { scanPatch, type PatchScan } from './patch-scan.ts'

/** A patch with a table over its lines: per line a kind and where it starts; text and numbers are found when somebody looks. */
export interface PatchIndex extends PatchScan {
  readonly files: readonly PatchFile[]
}

/** Returns the table of a unified patch as git prints it. Text that is no patch has lines but no files. */
export function indexPatch(patch: string): PatchIndex {
  const scan = scanPatch(patch)
  const { fileLines, lines, hunks } = scan
  let hunk = 0
  const files = Array.from(fileLines, (first, at) => {
    const end = fileLines[at + 1] ?? lines
    const firstHunk = hunk
    while ((hunks.lines[hunk] ?? Infinity) < end) hunk++
    return readPatchFile(scan, { first, end, firstHunk, endHunk: hunk })
  })
  return { ...scan, files }
}

/** Returns the text of a line without its newline; of content also without the sign in front. */
export function textOf(index: PatchIndex, line: number): string {
  const { kinds, patch } = index
  const from = index.offsets[line] ?? patch.length
  const next = index.offsets[line + 1] ?? patch.length
  const end = patch.charCodeAt(next - 1) === 0x0a ? next - 1 : next
  const lineKind = kinds[line]
  return patch.slice(lineKind === kind.header || lineKind === kind.hunk ? from : Math.min(from + 1, end), end)
}

/** Returns the number of a line in the old file; undefined where it has none. */
export function oldNumberOf(index: PatchIndex, line: number): number | undefined {
  const lineKind = index.kinds[line]
  return lineKind === kind.context || lineKind === kind.removed ? countTo(index, line, kind.removed) : undefined
}

/** Returns the number of a line in the new file; undefined where it has none. */
export function newNumberOf(index: PatchIndex, line: number): number | undefined {
  const lineKind = index.kinds[line]
  return lineKind === kind.context || lineKind === kind.added ? countTo(index, line, kind.added) : undefined
}

/** Returns which hunk a line is in or after: its place in the hunk table; -1 before the first. */
export function hunkAt({ hunks }: PatchIndex, line: number): number {
  let low = 0
  let high = hunks.lines.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((hunks.lines[middle] ?? 0) <= line) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Counts from the start of the hunk, or from the last sample if that is nearer. */
function countTo(index: PatchIndex, line: number, side: typeof kind.added | typeof kind.removed): number {
  const { hunks, samples, sampleEvery, kinds } = index
  const hunk = hunkAt(index, line)
  const first = (hunks.lines[hunk] ?? 0) + 1
  const block = Math.floor(line / sampleEvery)
  const sampled = block * sampleEvery
  const starts = side === kind.removed ? hunks.oldStarts : hunks.newStarts
  let number = (sampled > first ? samples[block * 2 + (side === kind.removed ? 0 : 1)] : starts[hunk]) ?? 0
  for (let at = Math.max(first, sampled); at < line; at++) if (kinds[at] === kind.context || kinds[at] === side) number++
  return number
}
