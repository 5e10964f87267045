import { createEffect, createMemo, createSignal, onCleanup } from 'solid-js'
import type { Span } from './layout.ts'

/** Rows that are drawn above and below what is seen, so that a slow frame shows text and not nothing. */
const SPARE_ROWS = 6

/** Rows by which the window moves: fewer draw at every turn of the wheel, more draw much at once. */
const STEP = 4

/**
 * Returns which rows of a scroller are near what is seen. All rows are equally high, so that is a division, however many
 * there are.
 */
export function createWindow(row: number) {
  const [element, setElement] = createSignal<HTMLElement>()
  const [size, setSize] = createSignal({ width: 0, height: 0 })
  const [place, setPlace] = createSignal({ top: 0, left: 0 })
  const span = createMemo<Span>(
    () => {
      const first = Math.floor(place().top / row / STEP) * STEP
      return { from: Math.max(0, first - SPARE_ROWS), to: first + Math.ceil(size().height / row) + STEP + SPARE_ROWS }
    },
    { from: 0, to: 0 },
    { equals: (a, b) => a.from === b.from && a.to === b.to },
  )
  createEffect(() => {
    const scroller = element()
    if (scroller === undefined) return
    const resized = new ResizeObserver(() => setSize({ width: scroller.clientWidth, height: scroller.clientHeight }))
    resized.observe(scroller)
    onCleanup(() => resized.disconnect())
  })
  return {
    /** Takes the element that scrolls. */
    ref: setElement,
    span,
    /** Its inner size in pixels. */
    size,
    /** How far it is scrolled, in pixels. */
    place,
    onScroll: (): void => {
      const scroller = element()
      if (scroller !== undefined) setPlace({ top: scroller.scrollTop, left: scroller.scrollLeft })
    },
    /** Scrolls so that a row is the first one seen. */
    scrollTo: (first: number): void => element()?.scrollTo({ top: first * row }),
    /** Scrolls as little as brings a row into sight. */
    reveal: (wanted: number): void => {
      const { top } = place()
      const { height } = size()
      if (wanted * row < top) element()?.scrollTo({ top: wanted * row })
      else if ((wanted + 1) * row > top + height) element()?.scrollTo({ top: (wanted + 1) * row - height })
    },
  }
}
