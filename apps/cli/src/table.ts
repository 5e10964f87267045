import type { Look } from './look.ts'

// oxlint-disable-next-line no-control-regex -- our own colour codes take no room
const colours = /\u001b\[\d+m/g
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

let segmenter: Intl.Segmenter | undefined

/** Splits text into what a reader sees as one letter each. Made when first needed: it takes longer than most commands' own work. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** Returns how many columns text takes on a terminal; colour codes take none, East Asian letters and emoji two. */
export function widthOf(text: string): number {
  const plain = text.replace(colours, '')
  // Printable ASCII, by far the most common, needs no look at each letter.
  if (/^[ -~]*$/.test(plain)) return plain.length
  let width = 0
  for (const { segment } of graphemesOf(plain)) width += wide.test(segment) ? 2 : 1
  return width
}

/** Returns text cut to `width` columns, ending in … where something is missing. Only for text without colours. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  for (const { segment } of graphemesOf(text)) {
    if (widthOf(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** Returns text filled with blanks to `width` columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** One column: its title, what it shows of a row, and how it is dressed after measuring. */
export interface Column<R> {
  readonly title: string
  readonly text: (row: R) => string
  readonly dress?: (text: string, row: R) => string
}

/** Narrowest a last column is cut to; below it a line wraps rather than hides everything. */
const LEAST = 20

/** Returns an aligned table with a dim title line; columns in which every row is empty are left out, the last one is cut to fit. */
export function table<R>(rows: readonly R[], columns: readonly Column<R>[], look: Look): string {
  const used = columns.filter((column) => rows.some((row) => column.text(row) !== ''))
  const widths = used.map((column) => Math.max(widthOf(column.title), ...rows.map((row) => widthOf(column.text(row)))))
  const room = Math.max(LEAST, look.width - widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0))
  const line = (cells: readonly string[]): string => cells.join('  ').trimEnd()
  const fit = (text: string, index: number): string => (index === used.length - 1 ? cut(text, room) : pad(text, widths[index] ?? 0))
  const head = look.ink.dim(line(used.map((column, index) => fit(column.title, index))))
  const body = rows.map((row) => line(used.map((column, index) => dressed(column, row, fit(column.text(row), index)))))
  return [head, ...body].join('\n')
}

/** Returns rows with their cells under each other and no title line; the last cell of a row is as long as it is. */
export function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => widthOf(row[index] ?? ''))))
  return rows.map((row) => row.map((cell, index) => (index === row.length - 1 ? cell : pad(cell, widths[index] ?? 0))).join('  ').trimEnd()).join('\n')
}

/** Dresses the text of a cell but not the blanks beside it. */
function dressed<R>(column: Column<R>, row: R, cell: string): string {
  if (column.dress === undefined) return cell
  const text = cell.trimEnd()
  return column.dress(text, row) + cell.slice(text.length)
}
