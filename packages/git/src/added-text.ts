import type { Oid } from '@signalbox/core'
import { readBlobs, readSizes } from './blobs.ts'
import type { Change } from './change-list.ts'
import { pair, readPatch, type PatchedFile } from './diff.ts'
import { addLine, decodeNulText, findNewLines } from './nul-text.ts'
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

/** What a change adds to one file. */
export interface AddedText {
  readonly path: string
  /** Of all stretches together. */
  readonly bytes: number
  /** Undefined where the text is past a bound of the caller. */
  readonly stretches: readonly AddedStretch[] | undefined
}

/** Bytes beyond which text is not handed on: of one file, and of all files of a change together. Of a file with NULs both sides count, whole. */
export interface TextBounds {
  readonly file: number
  readonly total: number
}

/**
 * Returns what a change adds, file by file, whatever the names and bytes of the files are. Content that only moved is not
 * added. Where there are NULs git has no lines, or none that show UTF-16: those files are read and compared here.
 */
export async function readAddedText(vault: Vault, change: Change, bounds: TextBounds): Promise<readonly AddedText[]> {
  const output = await readPatch(vault, change, [])
  const { changes, end } = parseRawDiff(output)
  const patched = pair(changes, splitPatch(output.subarray(end + 1)))
  const sizes = await readBlobSizes(vault, patched.flatMap(sidesWithNuls))
  let room = bounds.total
  const measured = patched.map((file) => {
    const sides = sidesWithNuls(file)
    const hunks = sides.length > 0 ? [] : file.sections.flatMap(readHunks)
    const parts = sides.length > 0 ? sides.map((oid) => sizes.get(oid) ?? 0) : [hunks.reduce((sum, { pieces }) => sum + pieces.reduce((length, piece) => length + piece.length, 0), 0)]
    const cost = parts.reduce((sum, part) => sum + part, 0)
    const fits = parts.every((part) => part <= bounds.file) && cost <= room
    if (fits) room -= cost
    return { path: showPath(file.entry.path), bytes: parts[0] ?? 0, fits, sides, hunks }
  })
  const texts = await readTexts(vault, measured.flatMap(({ fits, sides }) => (fits ? sides : [])))
  return measured.flatMap(({ path, bytes, fits, sides, hunks }): readonly AddedText[] => {
    if (!fits) return [{ path, bytes, stretches: undefined }]
    const stretches = sides.length > 0 ? compareTexts(texts, sides) : hunks.map(({ line, pieces, added }) => ({ line, text: Buffer.concat(pieces).toString(), added }))
    return stretches.length === 0 ? [] : [{ path, bytes, stretches }]
  })
}

/** Returns the blob a file with NULs would land as, and the one it was, if any; none for other files, and for those that go. */
function sidesWithNuls({ entry: { from, to }, sections }: PatchedFile): readonly Oid[] {
  if (to === undefined || to.mode === SUBMODULE || !sections.some((section) => section.includes(0) || section.includes(BINARY))) return []
  return from === undefined || from.mode === SUBMODULE ? [to.oid] : [to.oid, from.oid]
}

const SUBMODULE = '160000'
/** Lines of content begin otherwise, and names do not break lines. */
const BINARY = '\nBinary files '

async function readBlobSizes({ git }: Vault, oids: readonly Oid[]): Promise<ReadonlyMap<Oid, number>> {
  const sizes = await readSizes(git, oids.map((oid) => ({ oid })))
  return new Map(oids.map((oid, index) => [oid, sizes[index] ?? 0]))
}

async function readTexts({ git }: Vault, oids: readonly Oid[]): Promise<ReadonlyMap<Oid, string>> {
  const texts = new Map<Oid, string>()
  for await (const [blob, bytes] of readBlobs(git, [...new Set(oids)].map((oid) => ({ oid })))) texts.set(blob.oid, decodeNulText(bytes))
  return texts
}

function compareTexts(texts: ReadonlyMap<Oid, string>, [to, from]: readonly Oid[]): readonly AddedStretch[] {
  const text = (to && texts.get(to)) ?? ''
  const added = findNewLines((from && texts.get(from)) ?? '', text)
  return added.length === 0 ? [] : [{ line: 1, text, added }]
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

function firstLineOf(header: string): number {
  const first = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(header)?.[1]
  if (first === undefined) throw new TypeError(`git began a part of a patch with ${header}`)
  return Number(first)
}
