import { Numbers, words } from './numbers.ts'
import { kind, type Kind } from './patch-kind.ts'

/** Hunks in order: the line of each `@@`, and the first old and new line numbers it names. */
export interface HunkTable {
  readonly lines: Uint32Array
  readonly oldStarts: Uint32Array
  readonly newStarts: Uint32Array
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

// Names of their own: the loop over all lines runs before any compiler has seen that the table of kinds never changes.
const { context, added, removed, mark } = kind

const NEWLINE = 0x0a
const SPACE = 0x20
const PLUS = 0x2b
const MINUS = 0x2d
const AT = 0x40
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
  private readonly hunks = { lines: new Numbers(words), oldStarts: new Numbers(words), newStarts: new Numbers(words) }

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
    const { lines: hunkLines, oldStarts, newStarts } = this.hunks
    const hunks = { lines: hunkLines.done(), oldStarts: oldStarts.done(), newStarts: newStarts.done() }
    return { patch, lines, kinds: this.kinds.slice(0, lines), offsets, hunks, samples: this.samples.done(), sampleEvery: SAMPLE_EVERY, fileLines: this.files.done(), longest: this.longest }
  }

  /** Reads the lines of a hunk, as many as its header counts, and returns where it ends; also where it is shorter than it says. */
  private scanBody(start: number, { oldStart, oldCount, newStart, newCount }: HunkHeader): number {
    const { patch } = this
    let oldNext = oldStart
    let newNext = newStart
    let oldLeft = oldCount
    let newLeft = newCount
    let at = start
    while (at < patch.length) {
      const first = patch.charCodeAt(at)
      let found: Kind
      if (first === PLUS && newLeft > 0) found = added
      else if (first === MINUS && oldLeft > 0) found = removed
      // An empty line is an empty context line, of a git that was told to leave its blank out.
      else if ((first === SPACE || first === NEWLINE) && oldLeft > 0 && newLeft > 0) found = context
      else if (first === BACKSLASH) found = mark
      else break
      if (this.line % SAMPLE_EVERY === 0) this.sample(oldNext, newNext)
      if (found === context || found === removed) {
        oldNext += 1
        oldLeft -= 1
      }
      if (found === context || found === added) {
        newNext += 1
        newLeft -= 1
      }
      at = this.put(found, at)
    }
    return at
  }

  /** Notes a line and returns where the next one starts. */
  private put(found: Kind, at: number): number {
    const newline = this.patch.indexOf('\n', at)
    const next = newline < 0 ? this.patch.length : newline + 1
    const { line } = this
    if (line + 1 >= this.kinds.length) this.grow()
    this.kinds[line] = found
    this.offsets[line] = at
    this.line = line + 1
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
    hunkHeader.lastIndex = at
    const match = hunkHeader.exec(this.patch)
    if (match === null) return undefined
    const [, oldStart, oldCount = '1', newStart, newCount = '1'] = match
    this.hunks.lines.push(this.line)
    this.hunks.oldStarts.push(Number(oldStart))
    this.hunks.newStarts.push(Number(newStart))
    return { oldStart: Number(oldStart), oldCount: Number(oldCount), newStart: Number(newStart), newCount: Number(newCount) }
  }
}

/** What a hunk's header says. */
interface HunkHeader {
  readonly oldStart: number
  readonly oldCount: number
  readonly newStart: number
  readonly newCount: number
}

const hunkHeader = /@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/y
