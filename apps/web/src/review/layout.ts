import type { FindingId } from '@signalbox/core'
import { kind } from './patch-kind.ts'
import type { ReviewFile } from './review-files.ts'

export type ViewMode = 'unified' | 'split'

/** Pixels of a row: all have the same, so that any place is found without looking at what lies before it. */
export const ROW = 20
/** Rows that the heading of a file takes, and the empty ones after it. */
export const HEADING_ROWS = 2
const GAP_ROWS = 1

/** A row that says what was found on the lines above it; `after` counts rows of lines below the heading, -1 for the file as a whole. */
export interface NoteRow {
  readonly id: FindingId
  readonly after: number
}

/** The notes of each file, in the order in which they stand, by the number of the file. */
export type NoteRows = ReadonlyMap<number, readonly NoteRow[]>

/** Where every file lies, in rows. */
export interface Layout {
  readonly files: readonly ReviewFile[]
  readonly mode: ViewMode
  /** The first row of each file, and one more entry: the number of rows. */
  readonly tops: Uint32Array
  /** Rows of each file below its heading. */
  readonly bodies: Uint32Array
  /** Rows among them that are notes, by the number of the file. */
  readonly notes: NoteRows
}

/** Rows from the first to before the last. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Lines on both sides of a row; equal for lines that are on both, -1 for none. The unified view shows one of them. */
export interface RowLines {
  readonly left: number
  readonly right: number
}

/** Returns where every file lies; folded ones show only their heading. */
export function layOut(files: readonly ReviewFile[], mode: ViewMode, isFolded: (file: ReviewFile) => boolean, notes: NoteRows): Layout {
  const tops = new Uint32Array(files.length + 1)
  const bodies = new Uint32Array(files.length)
  let top = 0
  files.forEach((file, at) => {
    const body = isFolded(file) ? 0 : bodyRows(file, mode) + (notes.get(file.number)?.length ?? 0)
    tops[at] = top
    bodies[at] = body
    top += HEADING_ROWS + body + GAP_ROWS
  })
  tops[files.length] = top
  return { files, mode, tops, bodies, notes }
}

/** Returns the number of the file a row is in; the last one below all, 0 above. */
export function fileAt({ tops, files }: Layout, row: number): number {
  let low = 0
  let high = files.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tops[middle] ?? 0) <= row) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** Returns the lines of a row of a file, counted from below its heading. */
export function linesAt(file: ReviewFile, mode: ViewMode, row: number): RowLines {
  if (mode === 'unified') return { left: file.body + row, right: file.body + row }
  const { left, right, fileRows } = file.repo.split()
  const at = (fileRows[file.place] ?? 0) + row
  return { left: left[at] ?? -1, right: right[at] ?? -1 }
}

/** Returns which row of lines stands in a row of a file, counted from below its heading, or the note that does. */
export function rowAt(notes: readonly NoteRow[] | undefined, row: number): number | NoteRow {
  let shift = 0
  for (const note of notes ?? []) {
    const at = note.after + 1 + shift
    if (row === at) return note
    if (row < at) break
    shift++
  }
  return row - shift
}

/** Returns what stands in a row of a file, counted from below its heading: lines, or a note. */
export function contentAt({ mode, notes }: Pick<Layout, 'mode' | 'notes'>, file: ReviewFile, row: number): RowLines | NoteRow {
  const at = rowAt(notes.get(file.number), row)
  return typeof at === 'number' ? linesAt(file, mode, at) : at
}

/** Returns how many notes stand above a row of lines. */
function shiftAt(notes: readonly NoteRow[] | undefined, row: number): number {
  return (notes ?? []).filter(({ after }) => after < row).length
}

/** Returns the next place worth stopping at, in rows: a hunk, or a file that shows none; undefined behind the last. */
export function nextStop(layout: Layout, from: number, step: 1 | -1): number | undefined {
  const total = layout.tops[layout.files.length] ?? 0
  for (let row = from + step; row >= 0 && row < total; row += step) if (isStop(layout, row)) return row
  return undefined
}

function isStop(layout: Layout, row: number): boolean {
  const at = fileAt(layout, row)
  const file = layout.files[at]
  if (file === undefined) return false
  const inBody = row - (layout.tops[at] ?? 0) - HEADING_ROWS
  if (file.body === file.end || layout.bodies[at] === 0) return inBody === 0
  if (inBody < 0 || inBody >= (layout.bodies[at] ?? 0)) return false
  const content = contentAt(layout, file, inBody)
  return 'left' in content && file.repo.index.kinds[content.left] === kind.hunk
}

/** Returns the row of a file, counted from below its heading, in which a line stands; 0 when it stands in none. */
export function rowOfLine(file: ReviewFile, mode: ViewMode, line: number): number {
  if (mode === 'unified') return Math.max(0, line - file.body)
  const { left, right, fileRows } = file.repo.split()
  const first = fileRows[file.place] ?? 0
  const end = fileRows[file.place + 1] ?? 0
  for (let at = first; at < end; at++) if (left[at] === line || right[at] === line) return at - first
  return 0
}

/** Returns the row of the layout in which a line of a file stands; that of its heading where the file is folded. */
export function rowInLayout(layout: Layout, file: ReviewFile, line: number): number {
  const top = layout.tops[file.number] ?? 0
  if ((layout.bodies[file.number] ?? 0) === 0) return top
  const row = rowOfLine(file, layout.mode, line)
  return top + HEADING_ROWS + row + shiftAt(layout.notes.get(file.number), row)
}

/** Rows below the heading: those of its lines, or one that says why there are none. */
function bodyRows(file: ReviewFile, mode: ViewMode): number {
  if (file.body === file.end) return 1
  if (mode === 'unified') return file.end - file.body
  const { fileRows } = file.repo.split()
  return (fileRows[file.place + 1] ?? 0) - (fileRows[file.place] ?? 0)
}
