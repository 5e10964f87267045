/** Ranges of a line, as pairs of start and end. */
export type Marks = readonly number[]

/** What differs between two versions of a line. */
export interface WordMarks {
  readonly old: Marks
  readonly new: Marks
}

/** Pairs of words that are compared: more of them take longer than a frame, and such a line is seldom read word by word. */
const MOST_PAIRS = 40_000

/** The part of the longer line that must be common: below it the lines are unlike and marks would only be noise. */
const LEAST_COMMON = 0.35

/** Returns what differs between two versions of a line, in whole words; undefined when they are equal or too unlike to say. */
export function markWords(oldText: string, newText: string): WordMarks | undefined {
  if (oldText === newText) return undefined
  const old = wordsOf(oldText)
  const fresh = wordsOf(newText)
  const head = commonLength(old, fresh, (words, at) => words[at])
  const tail = commonLength(old.slice(head), fresh.slice(head), (words, at) => words[words.length - 1 - at])
  const oldMiddle = old.slice(head, old.length - tail)
  const newMiddle = fresh.slice(head, fresh.length - tail)
  const kept = oldMiddle.length * newMiddle.length > MOST_PAIRS ? { old: new Set<number>(), new: new Set<number>() } : commonWords(oldMiddle, newMiddle)
  const marks = { old: rangesOf(old, head, oldMiddle.length, kept.old), new: rangesOf(fresh, head, newMiddle.length, kept.new) }
  const common = Math.max(oldText.length - lengthOf(marks.old), newText.length - lengthOf(marks.new)) - blanksOf(oldText)
  return common < LEAST_COMMON * (Math.max(oldText.length, newText.length) - blanksOf(oldText)) ? undefined : marks
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? []
}

/** Indentation is common to most lines and says nothing of their likeness. */
function blanksOf(text: string): number {
  return text.length - text.trimStart().length
}

function commonLength(a: readonly string[], b: readonly string[], word: (words: readonly string[], at: number) => string | undefined): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && word(a, length) === word(b, length)) length++
  return length
}

/** Places of a longest common subsequence, on both sides. */
function commonWords(a: readonly string[], b: readonly string[]): { readonly old: ReadonlySet<number>; readonly new: ReadonlySet<number> } {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0
  for (let row = a.length - 1; row >= 0; row--) {
    for (let column = b.length - 1; column >= 0; column--) {
      lengths[row * width + column] = a[row] === b[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  const found = { old: new Set<number>(), new: new Set<number>() }
  for (let row = 0, column = 0; row < a.length && column < b.length; ) {
    if (a[row] === b[column]) {
      found.old.add(row++)
      found.new.add(column++)
    } else if (at(row + 1, column) >= at(row, column + 1)) row++
    else column++
  }
  return found
}

function rangesOf(words: readonly string[], head: number, length: number, kept: ReadonlySet<number>): number[] {
  const ranges: number[] = []
  let offset = words.slice(0, head).join('').length
  for (let at = 0; at < length; at++) {
    const end = offset + (words[head + at] ?? '').length
    if (!kept.has(at)) {
      if (ranges.at(-1) === offset) ranges[ranges.length - 1] = end
      else ranges.push(offset, end)
    }
    offset = end
  }
  return ranges
}

function lengthOf(marks: Marks): number {
  return marks.reduce((sum, place, at) => (at % 2 === 0 ? sum - place : sum + place), 0)
}
