/** Replaces the characters from `start` to `end` by `insert`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly insert: string
}

/** Applies edits that do not overlap; those at the same place keep their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let from = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(from, edit.start) + edit.insert
    from = edit.end
  }
  return result + text.slice(from)
}

/** Returns the edit that takes out whole lines; at a text's end without a line feed, the one before goes instead. */
export function removeLines(text: string, start: number, end: number): Edit {
  if (end < text.length || text.endsWith('\n')) return { start, end, insert: '' }
  const before = /\r?\n$/.exec(text.slice(0, start))?.[0].length ?? 0
  return { start: start - before, end, insert: '' }
}

/** Returns where the line of an offset begins. */
export function lineStartOf(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Returns where the line of an offset ends: before its line end, or after it with `past`. */
export function lineEndAfter(text: string, offset: number, past = false): number {
  const feed = text.indexOf('\n', offset)
  if (feed === -1) return text.length
  if (past) return feed + 1
  return text[feed - 1] === '\r' && feed > offset ? feed - 1 : feed
}
