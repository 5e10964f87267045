import { createEffect, createMemo, createSignal, For, on, onCleanup } from 'solid-js'
import { DiffFile } from './diff-file.tsx'
import { createHighlighter } from './highlighter.ts'
import { fileAt, HEADING_ROWS, linesAt, ROW, type Span } from './layout.ts'
import { MOST_CHARACTERS } from './line-pieces.ts'
import { kind } from './patch-kind.ts'
import type { ReviewFile } from './review-files.ts'
import type { Review } from './review-state.ts'

/** Rows that are drawn above and below what is seen, so that a slow frame shows text and not nothing. */
const SPARE_ROWS = 8

/** Milliseconds after the last movement before colours are asked for: while scrolling, all would be asked for in vain. */
const CALM_MS = 60

/**
 * All changes of a review in one scroller. Only rows near the screen exist: every row has the same height, so where any
 * of them lies is a multiplication, and fifty thousand cost what fifty do.
 */
export function DiffView(props: { readonly review: Review }) {
  const { review } = props
  const colours = createHighlighter()
  const [size, setSize] = createSignal({ width: 0, height: 0 })
  const [top, setTop] = createSignal(0)
  const [shift, setShift] = createSignal(0)
  const [scroller, setScroller] = createSignal<HTMLDivElement>()

  const span = createMemo<Span>(
    () => {
      const first = Math.floor(top() / ROW / 4) * 4
      return { from: Math.max(0, first - SPARE_ROWS), to: first + Math.ceil(size().height / ROW) + 4 + SPARE_ROWS }
    },
    { from: 0, to: 0 },
    { equals: (a, b) => a.from === b.from && a.to === b.to },
  )
  const shown = createMemo(() => review.files().slice(fileAt(review.layout(), span().from), fileAt(review.layout(), span().to) + 1))
  /** Below the last file there is as much room as brings it to the top: a jump to it goes where every other goes. */
  const height = createMemo(() => {
    const { tops, files } = review.layout()
    return Math.max((tops[files.length] ?? 0) * ROW, (tops[Math.max(0, files.length - 1)] ?? 0) * ROW + size().height)
  })
  const columns = createMemo(() => Math.min(MOST_CHARACTERS + 60, Math.max(0, ...review.repos().map(({ index }) => index.longest + (index.patch.includes('\t') ? 32 : 0)))))

  createEffect(() => {
    const element = scroller()
    if (element === undefined) return
    const resized = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight })
      review.setWidth(element.clientWidth)
    })
    resized.observe(element)
    onCleanup(() => resized.disconnect())
  })
  createEffect(
    on(
      review.moves,
      ({ row }) => scroller()?.scrollTo(scroller()?.scrollLeft ?? 0, row * ROW),
      { defer: true },
    ),
  )
  createEffect(() => {
    const wanted = shown().flatMap((file) => linesIn(review, file, span()))
    const timer = setTimeout(() => colours.want(wanted), CALM_MS)
    onCleanup(() => clearTimeout(timer))
  })

  const scrolled = ({ currentTarget }: { readonly currentTarget: HTMLDivElement }): void => {
    setTop(currentTarget.scrollTop)
    setShift(currentTarget.scrollLeft)
    review.noteScroll(currentTarget.scrollTop)
  }
  return (
    <div class="diff-scroller" classList={{ 'diff-split': review.mode() === 'split' }} tabindex="0" role="region" aria-label="Changes" ref={setScroller} onScroll={scrolled}>
      <div class="diff-canvas" style={{ height: `${height()}px`, '--columns': String(columns()), '--stage-width': `${size().width}px` }}>
        <div class="diff-stage" style={{ '--shift': `${-shift()}px` }}>
          <For each={shown()}>{(file) => <DiffFile review={review} file={file} span={span()} colours={colours} />}</For>
        </div>
      </div>
    </div>
  )
}

/** The lines of a file that are on screen and have content, for colouring. */
function linesIn(review: Review, file: ReviewFile, { from, to }: Span): readonly (readonly [ReviewFile, number])[] {
  const { tops, bodies, mode } = review.layout()
  if (file.body === file.end) return []
  const start = (tops[file.number] ?? 0) + HEADING_ROWS
  const end = Math.min(bodies[file.number] ?? 0, to - start)
  const lines = new Set<number>()
  for (let row = Math.max(0, from - start); row < end; row++) {
    const { left, right } = linesAt(file, mode, row)
    for (const line of [left, right]) if (line >= 0 && (file.repo.index.kinds[line] ?? 0) >= kind.context) lines.add(line)
  }
  return Array.from(lines, (line) => [file, line] as const)
}
