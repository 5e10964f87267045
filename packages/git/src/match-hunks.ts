import type { Hunk } from './bare-patch.ts'

/** Characters of a change that are compared, in all, with those of history: a fraction of a second. */
const COMPARED = 64 * 1024 * 1024

/** What is left to compare. One for all files of a search. */
export interface Effort {
  characters: number
}

export function fullEffort(): Effort {
  return { characters: COMPARED }
}

/** Finds out whether the hunks of a file undo one of history. */
export interface HunkIndex {
  /** Undefined where nobody knows, because there is too much to compare. */
  undoes(landed: Hunk, effort: Effort): boolean | undefined
}

interface OwnHunk extends Hunk {
  readonly length: number
}

/** Indexes the hunks of a change to one file by their text, so that each of history is compared with few of them. */
export function indexHunks(hunks: readonly Hunk[]): HunkIndex {
  const whole = new Set(hunks.map(keyOf))
  // A line end first, so that lines are found from their beginning.
  const own = hunks.map(({ removed, added }) => ({ removed: `\n${removed}`, added: `\n${added}`, length: removed.length + added.length }))
  const [byRemoved, byAdded] = [indexLines(own, 'removed'), indexLines(own, 'added')]
  return {
    undoes(landed, effort) {
      if (whole.has(keyOf({ removed: landed.added, added: landed.removed }))) return true
      if (!isReplacement(landed)) return false
      const candidates = [fewest(byRemoved, landed.added), fewest(byAdded, landed.removed)].toSorted((a, b) => a.length - b.length)[0] ?? []
      for (const { removed, added, length } of candidates) {
        if (effort.characters < length) return undefined
        effort.characters -= length
        // Work of its own may stand right beside, and then is one hunk with it.
        if (removed.includes(`\n${landed.added}`) && added.includes(`\n${landed.removed}`)) return true
      }
      return false
    },
  }
}

/**
 * Says whether lines went and others came in their place. Lines that only come, or only go, may do so again by chance,
 * as an import does: they count where all that the commit did to the file is undone.
 */
export function isReplacement({ removed, added }: Hunk): boolean {
  return removed !== '' && added !== ''
}

export function keyOf({ removed, added }: Hunk): string {
  return `${removed}\0${added}`
}

type LineIndex = ReadonlyMap<string, readonly OwnHunk[]>

function indexLines(hunks: readonly OwnHunk[], side: 'removed' | 'added'): LineIndex {
  const index = new Map<string, OwnHunk[]>()
  for (const hunk of hunks) {
    for (const line of new Set(linesOf(hunk[side].slice(1)))) {
      const holders = index.get(line)
      if (holders === undefined) index.set(line, [hunk])
      else holders.push(hunk)
    }
  }
  return index
}

/** Of the hunks that hold each of the lines, those of the line that the fewest hold. */
function fewest(index: LineIndex, text: string): readonly OwnHunk[] {
  let least: readonly OwnHunk[] | undefined
  for (const line of linesOf(text)) {
    const holders = index.get(line) ?? []
    if (least === undefined || holders.length < least.length) least = holders
    if (least.length === 0) break
  }
  return least ?? []
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
