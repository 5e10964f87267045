import { createEffect, createMemo, For, on, onCleanup } from 'solid-js'
import { createWindow } from './create-window.ts'
import { DiffFile } from './diff-file.tsx'
import { createHighlighter } from './highlighter.ts'
import type { Desk } from './findings-desk.ts'
import { contentAt, fileAt, HEADING_ROWS, ROW, type Span } from './layout.ts'
import { MOST_CHARACTERS } from './line-pieces.ts'
import { kind } from './patch-kind.ts'
import type { ReviewFile } from './review-files.ts'
import type { Review } from './review-state.ts'

/** Milliseconds after the last movement before colours are asked for: while scrolling, all would be asked for in vain. */
const CALM_MS = 60

/** Columns that tabs and the note on a cut line may take beyond the characters of the longest line. */
const TAB_COLUMNS = 32
const NOTE_COLUMNS = 64

/**
 * All changes of a review in one scroller. Only rows near the screen exist: every row has the same height, so where any
 * of them lies is a multiplication, and fifty thousand cost what fifty do.
 */
export function DiffView(props: { readonly review: Review; readonly desk: Desk }) {
  const { review } = props
  const colours = createHighlighter()
  const view = createWindow(ROW)
  const shown = createMemo(() => review.files().slice(fileAt(review.layout(), view.span().from), fileAt(review.layout(), view.span().to) + 1))
  /** Below the last file there is as much room as brings it to the top: a jump to it goes where every other goes. */
  const height = createMemo(() => {
    const { tops, files } = review.layout()
    return Math.max((tops[files.length] ?? 0) * ROW, (tops[Math.max(0, files.length - 1)] ?? 0) * ROW + view.size().height)
  })
  createEffect(() => review.setWidth(view.size().width))
  createEffect(() => review.noteScroll(view.place().top))
  createEffect(on(review.moves, ({ row }) => view.scrollTo(row), { defer: true }))
  createEffect(() => {
    const wanted = shown().flatMap((file) => linesIn(review, file, view.span()))
    const timer = setTimeout(() => colours.want(wanted), CALM_MS)
    onCleanup(() => clearTimeout(timer))
  })
  return (
    <div class="diff-scroller" classList={{ 'diff-split': review.mode() === 'split' }} tabindex="0" role="region" aria-label="Changes" ref={view.ref} onScroll={view.onScroll}>
      <div class="diff-canvas" style={{ height: `${height()}px`, '--columns': String(columnsOf(review)), '--stage-width': `${view.size().width}px` }}>
        <div class="diff-stage" style={{ '--shift': `${-view.place().left}px` }}>
          <For each={shown()}>{(file) => <DiffFile review={review} desk={props.desk} file={file} span={view.span()} colours={colours} />}</For>
        </div>
      </div>
    </div>
  )
}

/** Columns of the widest line: as far as one can scroll to the right. */
function columnsOf(review: Review): number {
  const widest = Math.max(0, ...review.repos().map(({ index }) => index.longest + (index.patch.includes('\t') ? TAB_COLUMNS : 0)))
  return Math.min(widest, MOST_CHARACTERS + NOTE_COLUMNS)
}

/** The lines of a file that are on screen and have content, for colouring. */
function linesIn(review: Review, file: ReviewFile, { from, to }: Span): readonly (readonly [ReviewFile, number])[] {
  const { tops, bodies } = review.layout()
  if (file.body === file.end) return []
  const start = (tops[file.number] ?? 0) + HEADING_ROWS
  const end = Math.min(bodies[file.number] ?? 0, to - start)
  const lines = new Set<number>()
  for (let row = Math.max(0, from - start); row < end; row++) {
    const content = contentAt(review.layout(), file, row)
    if (!('left' in content)) continue
    for (const line of [content.left, content.right]) if (line >= 0 && (file.repo.index.kinds[line] ?? 0) >= kind.context) lines.add(line)
  }
  return Array.from(lines, (line) => [file, line] as const)
}
