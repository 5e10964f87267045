import type { RunId } from '@signalbox/core'
import { createEffect, createMemo, createSignal, For, on, onMount, Show } from 'solid-js'
import { isUnreached } from '../api/unreached.ts'
import { Problem } from '../parts/problem.tsx'
import { Section } from '../parts/section.tsx'
import { count } from '../words/amounts.ts'
import { readTranscript } from './read-transcript.ts'
import { windowOf, type TranscriptRow } from './transcript-rows.ts'

/** Pixels of a row; the style sheet says the same. */
const rowHeight = 18

/** What the run's processes said. Only the rows in sight are in the document; the end is followed until one scrolls away from it. */
export function Transcript(props: { readonly run: RunId; readonly active: boolean }) {
  const { rows, failed, read } = readTranscript(props.run)
  const [scroller, setScroller] = createSignal<HTMLElement>()
  const [view, setView] = createSignal({ top: 0, height: 400 })
  const [following, setFollowing] = createSignal(true)
  const shown = createMemo(() => windowOf({ ...view(), rowHeight, count: rows().length }))

  const look = (): void => {
    const element = scroller()
    if (element === undefined) return
    setView({ top: element.scrollTop, height: element.clientHeight })
    setFollowing(element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight)
  }
  const toEnd = (): void => {
    const element = scroller()
    if (element !== undefined) element.scrollTop = element.scrollHeight
    look()
  }
  onMount(look)
  createEffect(on(rows, () => void (following() && requestAnimationFrame(toEnd))))

  const beside = (
    <span class="muted">
      {count(rows().length, 'line')}
      {props.active ? ', live' : ''}
    </span>
  )
  return (
    <Section title="Transcript" beside={beside} class="transcript-panel">
      <Show when={failed()}>{(error) => <Show when={!isUnreached(error())}>{<Problem error={error()} />}</Show>}</Show>
      <Show when={rows().length > 0} fallback={<p class="muted">{read() ? (props.active ? 'It has said nothing yet.' : 'It said nothing.') : 'Reading…'}</p>}>
        <div class="transcript" ref={setScroller} onScroll={look} tabindex="0" role="region" aria-label="What the run said">
          <div class="transcript-all" style={{ height: `${rows().length * rowHeight}px` }}>
            <div class="transcript-window" style={{ transform: `translateY(${shown().from * rowHeight}px)` }}>
              <For each={rows().slice(shown().from, shown().to)}>{(row) => <Row row={row} />}</For>
            </div>
          </div>
        </div>
        <Show when={!following()}>
          <button type="button" class="button to-end" onClick={toEnd}>
            Go to the end{props.active ? ' and follow' : ''}
          </button>
        </Show>
      </Show>
    </Section>
  )
}

function Row(props: { readonly row: TranscriptRow }) {
  return (
    <div class={`transcript-row from-${props.row.stream}`}>
      <span class="transcript-time">{props.row.at}</span>
      <span class="transcript-stream">{props.row.stream === 'stdout' ? '' : (props.row.kind ?? props.row.stream)}</span>
      <span class="transcript-text">{props.row.text}</span>
    </div>
  )
}
