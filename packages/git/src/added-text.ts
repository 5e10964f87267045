import type { Change } from './change-list.ts'
import { pair, readPatch } from './diff.ts'
import { splitPatch } from './patch.ts'
import { parseRawDiff, showPath } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/** A stretch of a file as it would land: added lines and the few around them, so that what spans lines is seen whole. */
export interface AddedStretch {
  /** Number of its first line in the file, from 1. */
  readonly line: number
  readonly text: string
  /** Numbers of the lines that are new, as ranges with both ends in them, ascending. */
  readonly added: readonly (readonly [from: number, to: number])[]
}

/** What a change adds to one file. Binary files, as git sees them, have no lines. */
export interface AddedText {
  readonly path: string
  /** Of all stretches together. */
  readonly bytes: number
  /** Undefined where the text is past a bound of the caller. */
  readonly stretches: readonly AddedStretch[] | undefined
}

/** Bytes beyond which text is not handed on: of one file, and of all files of a change together. */
export interface TextBounds {
  readonly file: number
  readonly total: number
}

/** Returns what a change adds, file by file, whatever the names and bytes of the files are. Content that only moved is not added. */
export async function readAddedText(vault: Vault, change: Change, bounds: TextBounds): Promise<readonly AddedText[]> {
  const output = await readPatch(vault, change, [])
  const { changes, end } = parseRawDiff(output)
  let room = bounds.total
  return pair(changes, splitPatch(output.subarray(end + 1))).flatMap(({ entry, sections }) => {
    const hunks = sections.flatMap(readHunks)
    if (hunks.length === 0) return []
    const bytes = hunks.reduce((sum, { pieces }) => sum + pieces.reduce((length, piece) => length + piece.length, 0), 0)
    const fits = bytes <= bounds.file && bytes <= room
    if (fits) room -= bytes
    return [{ path: showPath(entry.path), bytes, stretches: fits ? hunks.map(({ line, pieces, added }) => ({ line, text: Buffer.concat(pieces).toString(), added })) : undefined }]
  })
}

interface Hunk {
  readonly line: number
  /** Lines of the new side, ends included. */
  readonly pieces: Buffer[]
  readonly added: [number, number][]
}

const [plus, space, at] = [0x2b, 0x20, 0x40]

/** Reads the new side of every hunk of one file's part of a patch that adds something. No line of content begins with `@`. */
function readHunks(section: Buffer): readonly Hunk[] {
  const hunks: Hunk[] = []
  let hunk: Hunk | undefined
  let line = 0
  for (let start = section.indexOf('\n@@ ') + 1; start > 0 && start < section.length; ) {
    const newline = section.indexOf(0x0a, start)
    const end = newline < 0 ? section.length : newline + 1
    const kind = section[start]
    if (kind === at) {
      line = firstLineOf(section.toString('latin1', start, end))
      hunk = { line, pieces: [], added: [] }
      hunks.push(hunk)
    } else if (hunk !== undefined && (kind === plus || kind === space)) {
      hunk.pieces.push(section.subarray(start + 1, end))
      if (kind === plus) addLine(hunk.added, line)
      line += 1
    }
    start = end
  }
  return hunks.filter(({ added }) => added.length > 0)
}

function addLine(ranges: [number, number][], line: number): void {
  const last = ranges.at(-1)
  if (last?.[1] === line - 1) last[1] = line
  else ranges.push([line, line])
}

function firstLineOf(header: string): number {
  const first = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(header)?.[1]
  if (first === undefined) throw new TypeError(`git began a part of a patch with ${header}`)
  return Number(first)
}
