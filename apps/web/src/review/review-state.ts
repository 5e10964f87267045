import { createEffect, createMemo, createSignal, onCleanup, type Accessor } from 'solid-js'
import { findHidden } from './hidden-characters.ts'
import { contentAt, fileAt, HEADING_ROWS, layOut, nextStop, ROW, rowInLayout, type Layout, type ViewMode } from './layout.ts'
import { noteRows, type FoundPlace } from './note-rows.ts'
import { kind } from './patch-kind.ts'
import { createReadMarks } from './read-marks.ts'
import { partnerOf } from './split-rows.ts'
import type { ReviewFile, ReviewRepo } from './review-files.ts'

/** Lines above which a file is folded until somebody asks for it: nobody reads them one by one, and the rest stays near. */
const LONG_FILE = 20_000

/** Pixels of width from which two sides are readable beside each other. */
const SPLIT_WIDTH = 880

const modeKey = 'diff-mode'

/** Where a reader is in a review: the view, what is folded or read, and the file at the top. */
export function createReview(repos: Accessor<readonly ReviewRepo[]>, found: Accessor<readonly FoundPlace[]>) {
  const [chosen, setChosen] = createSignal(modeOf(localStorage.getItem(modeKey)))
  const [width, setWidth] = createSignal(0)
  const [unfolded, setUnfolded] = createSignal<ReadonlyMap<string, boolean>>(new Map())
  const [row, setRow] = createSignal(0)
  const [moves, setMoves] = createSignal<{ readonly row: number }>({ row: 0 })
  const marks = createReadMarks(localStorage)

  const files = createMemo(() => repos().flatMap((repo) => repo.files))
  const isFolded = (file: ReviewFile): boolean => !(unfolded().get(file.key) ?? (!marks.has(file.key) && file.end - file.body <= LONG_FILE))
  const mode = createMemo((): ViewMode => (width() < SPLIT_WIDTH / 2 ? 'unified' : (chosen() ?? (width() < SPLIT_WIDTH ? 'unified' : 'split'))))
  const notes = createMemo(() => noteRows(files(), mode(), found()))
  const layout = createMemo((): Layout => layOut(files(), mode(), isFolded, notes()))
  const current = createMemo(() => fileAt(layout(), row()))

  const moveTo = (target: number): void => {
    setRow(target)
    setMoves({ row: target })
  }
  const goTo = (file: number): void => moveTo(layout().tops[Math.max(0, Math.min(file, files().length - 1))] ?? 0)

  /** Folds or unfolds; when the heading was above what is seen, it comes back into sight. */
  const fold = (file: ReviewFile, folded: boolean): void => {
    setUnfolded(new Map(unfolded()).set(file.key, !folded))
    if (file.number === current() || row() > (layout().tops[file.number] ?? 0)) goTo(file.number)
  }
  /** Hidden characters by the number of the file; looked for once what is on screen stands. */
  const [hidden, setHidden] = createSignal<ReadonlyMap<number, number>>(new Map())
  createEffect(() => {
    const looked = repos()
    const timer = setTimeout(() => setHidden(countHidden(looked)), 200)
    onCleanup(() => clearTimeout(timer))
  })

  return {
    repos,
    files,
    hidden,
    layout,
    mode,
    /** The number of the file at the top. */
    current,
    /** The latest place to scroll to, in rows. */
    moves,
    isFolded,
    isRead: (file: ReviewFile): boolean => marks.has(file.key),
    setWidth,
    /** Notes where the reader has scrolled to, in pixels. */
    noteScroll: (top: number): void => void setRow(Math.floor((top + ROW / 2) / ROW)),
    goTo,
    goBy: (step: 1 | -1): void => goTo(step < 0 && row() > (layout().tops[current()] ?? 0) + HEADING_ROWS ? current() : current() + step),
    /** Goes to the next or previous hunk: it comes to stand just below the heading, which stays in sight. */
    goToStop: (step: 1 | -1): void => {
      const stop = nextStop(layout(), row() + HEADING_ROWS, step)
      if (stop !== undefined) moveTo(stop - HEADING_ROWS)
    },
    /** Changes the view; the line at the top stays there. */
    toggleMode: (): void => {
      const next = mode() === 'split' ? 'unified' : 'split'
      const file = files()[current()]
      const inBody = row() - (layout().tops[current()] ?? 0)
      const content = file === undefined ? undefined : contentAt(layout(), file, inBody)
      setChosen(next)
      localStorage.setItem(modeKey, next)
      if (file === undefined || content === undefined) return
      const line = 'left' in content ? (content.left < 0 ? content.right : content.left) : file.body
      moveTo(inBody <= 0 ? (layout().tops[file.number] ?? 0) : rowInLayout(layout(), file, line) - HEADING_ROWS)
    },
    /** Brings a line of a file into sight; the file as a whole without one. */
    goToLine: (file: ReviewFile, line: number | undefined): void => {
      if (isFolded(file)) fold(file, false)
      moveTo(line === undefined ? (layout().tops[file.number] ?? 0) : Math.max(0, rowInLayout(layout(), file, line) - HEADING_ROWS - 2))
    },
    /** The first changed line in sight of the file at the top, as it would land where something stands in its place; undefined where none is. */
    lineInSight: (): number | undefined => {
      const file = files()[current()]
      if (file === undefined || file.body === file.end) return undefined
      const { tops, bodies } = layout()
      for (let at = Math.max(0, row() - (tops[file.number] ?? 0)); at < (bodies[file.number] ?? 0); at++) {
        const content = contentAt(layout(), file, at)
        if (!('left' in content)) continue
        const { index } = file.repo
        const line = content.right < 0 ? content.left : content.right
        if (index.kinds[line] === kind.added) return line
        if (index.kinds[line] === kind.removed) return Math.max(line, partnerOf(index, line))
      }
      return undefined
    },
    toggleFold: (file: ReviewFile): void => fold(file, !isFolded(file)),
    /** Marks a file as read and folds it, or takes both back. */
    toggleRead: (file: ReviewFile): void => {
      const read = !marks.has(file.key)
      marks.set(file.key, read)
      fold(file, read)
    },
  }
}

export type Review = ReturnType<typeof createReview>

/** Counts hidden characters in each file, those of its name too. */
function countHidden(repos: readonly ReviewRepo[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const { files, index } of repos) {
    let at = 0
    for (const place of findHidden(index.patch)) {
      while (place >= (index.offsets[files[at]?.end ?? index.lines] ?? Infinity) && at < files.length) at++
      const number = files[at]?.number
      if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1)
    }
  }
  return counts
}

function modeOf(text: string | null): ViewMode | undefined {
  return text === 'split' || text === 'unified' ? text : undefined
}
