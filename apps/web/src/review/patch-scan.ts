import { Numbers, words } from './numbers.ts'
import { kind, type Kind } from './patch-kind.ts'

/** Hunks in order: the line of each `@@`, and the first old and new line numbers it names. */
export interface HunkTable {
  readonly lines: Uint32Array
  readonly oldStarts: Uint32Array
  readonly newStarts: Uint32Array
  /** Lines that each adds and removes. */
  readonly insertions: Uint32Array
  readonly deletions: Uint32Array
}

/** What one pass over a patch finds: typed arrays, five bytes a line. */
export interface PatchScan {
  readonly patch: string
  /** Number of lines. */
  readonly lines: number
  /** A `kind` per line. */
  readonly kinds: Uint8Array
  /** Where each line starts, and one more entry: the end of the last. */
  readonly offsets: Uint32Array
  readonly hunks: HunkTable
  /** Pairs: the next old and the next new number before line 0, `sampleEvery`, 2 × `sampleEvery` … */
  readonly samples: Uint32Array
  readonly sampleEvery: number
  /** The line of each `diff --git`. */
  readonly fileLines: Uint32Array
  /** Characters of the longest line. */
  readonly longest: number
}

/** Every number is counted from a sample at most so many lines away; more of them cost memory, fewer cost time per row. */
const SAMPLE_EVERY = 64

const { context, added, removed, mark } = kind

const NEWLINE = 0x0a
const SPACE = 0x20
const PLUS = 0x2b
const MINUS = 0x2d
const AT = 0x40
const ZERO = 0x30
const BACKSLASH = 0x5c

/** Reads a patch once. Inside a hunk the counts of its header decide what a line is, so no content can look like a header. */
export function scanPatch(patch: string): PatchScan {
  return new Scanner(patch).scan()
}

class Scanner {
  private readonly patch: string
  private kinds: Uint8Array
  private offsets: Uint32Array
  private line = 0
  private longest = 0
  private readonly samples = new Numbers(words)
  private readonly files = new Numbers(words)
  private readonly hunks = { lines: new Numbers(words), oldStarts: new Numbers(words), newStarts: new Numbers(words), insertions: new Numbers(words), deletions: new Numbers(words) }

  constructor(patch: string) {
    this.patch = patch
    // Lines of code have about 40 characters; where they are shorter the arrays grow.
    const expected = Math.ceil(patch.length / 32) + 16
    this.kinds = new Uint8Array(expected)
    this.offsets = new Uint32Array(expected)
  }

  scan(): PatchScan {
    const { patch } = this
    for (let at = 0; at < patch.length; ) {
      const hunk = this.openHunk(at)
      if (hunk === undefined && patch.startsWith('diff --git ', at)) this.files.push(this.line)
      if (this.line % SAMPLE_EVERY === 0) this.sample(0, 0)
      const next = this.put(hunk === undefined ? kind.header : kind.hunk, at)
      at = hunk === undefined ? next : this.scanBody(next, hunk)
    }
    const lines = this.line
    const offsets = this.offsets.slice(0, lines + 1)
    offsets[lines] = patch.length
    const { lines: hunkLines, oldStarts, newStarts, insertions, deletions } = this.hunks
    const hunks = { lines: hunkLines.done(), oldStarts: oldStarts.done(), newStarts: newStarts.done(), insertions: insertions.done(), deletions: deletions.done() }
    return { patch, lines, kinds: this.kinds.slice(0, lines), offsets, hunks, samples: this.samples.done(), sampleEvery: SAMPLE_EVERY, fileLines: this.files.done(), longest: this.longest }
  }

  /**
   * Reads the lines of a hunk, as many as its header counts, and returns where it ends; also where it is shorter than it
   * says. All lines go through this loop before any compiler has seen it, so it keeps to its own variables.
   */
  private scanBody(start: number, { oldStart, oldCount, newStart, newCount }: HunkHeader): number {
    const { patch } = this
    const { length } = patch
    let { kinds, offsets, line, longest } = this
    const first = line
    let oldNext = oldStart
    let newNext = newStart
    const oldEnd = oldStart + oldCount
    const newEnd = newStart + newCount
    let marks = 0
    let at = start
    while (at < length) {
      const sign = patch.charCodeAt(at)
      let found: Kind
      if (sign === PLUS && newNext < newEnd) found = added
      else if (sign === MINUS && oldNext < oldEnd) found = removed
      // An empty line is an empty context line, of a git that was told to leave its blank out.
      else if ((sign === SPACE || sign === NEWLINE) && oldNext < oldEnd && newNext < newEnd) found = context
      else if (sign === BACKSLASH) found = mark
      else break
      if (line % SAMPLE_EVERY === 0) this.sample(oldNext, newNext)
      if (found === added) newNext += 1
      else if (found === removed) oldNext += 1
      else if (found === mark) marks += 1
      else {
        oldNext += 1
        newNext += 1
      }
      if (line + 1 >= kinds.length) {
        this.grow()
        kinds = this.kinds
        offsets = this.offsets
      }
      kinds[line] = found
      offsets[line] = at
      line += 1
      const newline = patch.indexOf('\n', at)
      const next = newline < 0 ? length : newline + 1
      if (next - at > longest) longest = next - at
      at = next
    }
    this.line = line
    this.longest = longest
    const both = oldNext - oldStart + (newNext - newStart) - (line - first - marks)
    this.hunks.insertions.push(newNext - newStart - both)
    this.hunks.deletions.push(oldNext - oldStart - both)
    return at
  }

  /** Notes a line and returns where the next one starts. */
  private put(found: Kind, at: number): number {
    const newline = this.patch.indexOf('\n', at)
    const next = newline < 0 ? this.patch.length : newline + 1
    if (this.line + 1 >= this.kinds.length) this.grow()
    this.kinds[this.line] = found
    this.offsets[this.line] = at
    this.line += 1
    if (next - at > this.longest) this.longest = next - at
    return next
  }

  private grow(): void {
    const [kinds, offsets] = [new Uint8Array(this.kinds.length * 2), new Uint32Array(this.kinds.length * 2)]
    kinds.set(this.kinds)
    offsets.set(this.offsets)
    this.kinds = kinds
    this.offsets = offsets
  }

  private sample(oldNext: number, newNext: number): void {
    this.samples.push(oldNext)
    this.samples.push(newNext)
  }

  private openHunk(at: number): HunkHeader | undefined {
    if (this.patch.charCodeAt(at) !== AT || this.files.length === 0) return undefined
    const header = readHunkHeader(this.patch, at)
    if (header === undefined) return undefined
    this.hunks.lines.push(this.line)
    this.hunks.oldStarts.push(header.oldStart)
    this.hunks.newStarts.push(header.newStart)
    return header
  }
}

/** What a hunk's header says. */
interface HunkHeader {
  readonly oldStart: number
  readonly oldCount: number
  readonly newStart: number
  readonly newCount: number
}

/** Reads `@@ -1,3 +1,4 @@`, where a count of one may be left out. By hand: of thousands of hunks an expression takes half of all the time. */
function readHunkHeader(patch: string, start: number): HunkHeader | undefined {
  let at = start
  const skip = (text: string): boolean => {
    if (!patch.startsWith(text, at)) return false
    at += text.length
    return true
  }
  const readNumber = (): number => {
    const first = at
    let value = 0
    for (let digit = patch.charCodeAt(at) - ZERO; digit >= 0 && digit <= 9; digit = patch.charCodeAt(at) - ZERO) {
      value = value * 10 + digit
      at += 1
    }
    return at === first ? Number.NaN : value
  }
  const readCount = (): number => (skip(',') ? readNumber() : 1)
  if (!skip('@@ -')) return undefined
  const [oldStart, oldCount] = [readNumber(), readCount()]
  if (!skip(' +')) return undefined
  const [newStart, newCount] = [readNumber(), readCount()]
  return skip(' @@') && !Number.isNaN(oldStart + oldCount + newStart + newCount) ? { oldStart, oldCount, newStart, newCount } : undefined
}
