import { bytes, Numbers, words } from './numbers.ts'
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

const NEWLINE = 0x0a
const SPACE = 0x20
const PLUS = 0x2b
const MINUS = 0x2d
const AT = 0x40
const BACKSLASH = 0x5c
const LETTER_D = 0x64

/** Reads a patch once. Inside a hunk the counts of its header decide what a line is, so no content can look like a header. */
export function scanPatch(patch: string): PatchScan {
  return new Scanner(patch).scan()
}

class Scanner {
  private readonly patch: string
  private readonly kinds: Numbers<Uint8Array>
  private readonly offsets: Numbers<Uint32Array>
  private readonly samples = new Numbers(words)
  private readonly files = new Numbers(words)
  private readonly hunks = { lines: new Numbers(words), oldStarts: new Numbers(words), newStarts: new Numbers(words) }
  private before: Kind = kind.header
  private oldNext = 0
  private newNext = 0
  private oldLeft = 0
  private newLeft = 0

  constructor(patch: string) {
    this.patch = patch
    // Lines of code have about 40 characters; where they are shorter the arrays grow.
    const expected = Math.ceil(patch.length / 32) + 16
    this.kinds = new Numbers(bytes, expected)
    this.offsets = new Numbers(words, expected)
  }

  scan(): PatchScan {
    const { patch } = this
    let longest = 0
    for (let at = 0; at < patch.length; ) {
      const newline = patch.indexOf('\n', at)
      const next = newline < 0 ? patch.length : newline + 1
      this.take(at)
      if (next - at > longest) longest = next - at
      at = next
    }
    const lines = this.kinds.length
    this.offsets.push(patch.length)
    const { lines: hunkLines, oldStarts, newStarts } = this.hunks
    const hunks = { lines: hunkLines.done(), oldStarts: oldStarts.done(), newStarts: newStarts.done() }
    return { patch, lines, kinds: this.kinds.done(), offsets: this.offsets.done(), hunks, samples: this.samples.done(), sampleEvery: SAMPLE_EVERY, fileLines: this.files.done(), longest }
  }

  private take(at: number): void {
    if (this.kinds.length % SAMPLE_EVERY === 0) {
      this.samples.push(this.oldNext)
      this.samples.push(this.newNext)
    }
    const found = this.contentKind(at) ?? this.outerKind(at)
    this.kinds.push(found)
    this.offsets.push(at)
    this.before = found
  }

  /** What a line inside a hunk is; undefined outside of one, and where a hunk is shorter than it says. */
  private contentKind(at: number): Kind | undefined {
    const first = this.patch.charCodeAt(at)
    if (first === BACKSLASH && this.before >= kind.context) return kind.mark
    const { oldLeft, newLeft } = this
    if (first === PLUS && newLeft > 0) return this.count(kind.added, 0, 1)
    if (first === MINUS && oldLeft > 0) return this.count(kind.removed, 1, 0)
    // An empty line is an empty context line, of a git that was told to leave its blank out.
    if ((first === SPACE || first === NEWLINE) && oldLeft > 0 && newLeft > 0) return this.count(kind.context, 1, 1)
    this.oldLeft = this.newLeft = 0
    return undefined
  }

  private count(found: Kind, inOld: number, inNew: number): Kind {
    this.oldNext += inOld
    this.oldLeft -= inOld
    this.newNext += inNew
    this.newLeft -= inNew
    return found
  }

  private outerKind(at: number): Kind {
    const first = this.patch.charCodeAt(at)
    if (first === LETTER_D && this.patch.startsWith('diff --git ', at)) this.files.push(this.kinds.length)
    return first === AT && this.files.length > 0 && this.openHunk(at) ? kind.hunk : kind.header
  }

  private openHunk(at: number): boolean {
    hunkHeader.lastIndex = at
    const match = hunkHeader.exec(this.patch)
    if (match === null) return false
    const [, oldStart, oldCount = '1', newStart, newCount = '1'] = match
    this.oldNext = Number(oldStart)
    this.newNext = Number(newStart)
    this.oldLeft = Number(oldCount)
    this.newLeft = Number(newCount)
    this.hunks.lines.push(this.kinds.length)
    this.hunks.oldStarts.push(this.oldNext)
    this.hunks.newStarts.push(this.newNext)
    return true
  }
}

const hunkHeader = /@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/y
