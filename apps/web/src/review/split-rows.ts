import { Numbers } from './numbers.ts'
import type { PatchIndex } from './patch-index.ts'
import { kind } from './patch-kind.ts'

/** Rows of the split view: per row the line of the patch on each side, -1 for none. A hunk's header is on both. */
export interface SplitRows {
  readonly left: Int32Array
  readonly right: Int32Array
  /** The first row of each file, and one more entry: the number of rows. */
  readonly fileRows: Uint32Array
}

/** Returns the rows of the split view: of each run of changed lines the removed ones stand beside the added ones. */
export function splitRows(index: PatchIndex): SplitRows {
  const left = new Numbers(integers, index.lines)
  const right = new Numbers(integers, index.lines)
  const fileRows = new Uint32Array(index.files.length + 1)
  index.files.forEach(({ body, end }, file) => {
    fileRows[file] = left.length
    pairLines(index.kinds, body, end, (leftLine, rightLine) => {
      left.push(leftLine)
      right.push(rightLine)
    })
  })
  fileRows[index.files.length] = left.length
  return { left: left.done(), right: right.done(), fileRows }
}

/** Returns the line that a changed line stands beside, for marking what differs within them; -1 for none. */
export function partnerOf({ kinds }: PatchIndex, line: number): number {
  if (!isChanged(kinds[line])) return -1
  let start = line
  while (isOfRun(kinds[start - 1])) if (line - --start > FAR) return -1
  let found = -1
  pairLines(kinds, start, Math.min(line + FAR, kinds.length), (left, right) => {
    if (left === line) found = right
    else if (right === line) found = left
    return left === line || right === line
  })
  return found >= 0 && isChanged(kinds[found]) ? found : -1
}

/** Lines of a run within which partners are sought: longer runs are rewritten text, where marks would only be noise. */
const FAR = 400

/** Calls `row` for each row of these lines, until it returns true. */
function pairLines(kinds: Uint8Array, from: number, to: number, row: (left: number, right: number) => boolean | void): void {
  for (let line = from; line < to; ) {
    if (!isChanged(kinds[line])) {
      if (row(line, line) === true) return
      line++
      continue
    }
    const added = endOfRun(kinds, line, to, kind.removed)
    const end = endOfRun(kinds, added, to, kind.added)
    const rows = Math.max(added - line, end - added)
    for (let at = 0; at < rows; at++) if (row(line + at < added ? line + at : -1, added + at < end ? added + at : -1) === true) return
    line = end
  }
}

function isChanged(lineKind: number | undefined): boolean {
  return lineKind === kind.added || lineKind === kind.removed
}

function isOfRun(lineKind: number | undefined): boolean {
  return isChanged(lineKind) || lineKind === kind.mark
}

/** The end of a run of one kind; "no newline" after a line of it belongs to it. */
function endOfRun(kinds: Uint8Array, from: number, to: number, of: number): number {
  let line = from
  while (line < to && (kinds[line] === of || (kinds[line] === kind.mark && line > from))) line++
  return line
}

function integers(length: number): Int32Array {
  return new Int32Array(length)
}
