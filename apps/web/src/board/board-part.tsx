import { createSignal, For, Show } from 'solid-js'
import { BoardLine } from './board-line.tsx'
import type { BoardSection } from './group-board.ts'

/** How many lines of a section are shown at first; finished work is only a reminder. */
const firstLines = { needs_you: 100, running: 100, ready: 40, draft: 20, done: 8 } as const

const quiet = {
  needs_you: 'Nothing waits for you.',
  running: 'No run is at work.',
  ready: 'No task is ready to start.',
  draft: '',
  done: '',
} as const

/** One section of the board. Empty ones say so where that is news, else they are left out. */
export function BoardPart(props: { readonly section: BoardSection }) {
  const [all, setAll] = createSignal(false)
  const shown = () => (all() ? props.section.items : props.section.items.slice(0, firstLines[props.section.id]))
  const rest = () => props.section.items.length - shown().length
  return (
    <Show when={props.section.items.length > 0 || quiet[props.section.id] !== ''}>
      <section class={`board-part board-${props.section.id}`} aria-labelledby={`board-${props.section.id}`}>
        <h2 id={`board-${props.section.id}`}>
          {props.section.title} <span class="tally">{props.section.items.length}</span>
        </h2>
        <Show when={props.section.items.length > 0} fallback={<p class="muted board-quiet">{quiet[props.section.id]}</p>}>
          <ul class="board-lines">
            <For each={shown()}>{(item) => <BoardLine item={item} />}</For>
          </ul>
        </Show>
        <Show when={rest() > 0}>
          <button type="button" class="button quiet" onClick={() => setAll(true)}>
            Show {rest()} more
          </button>
        </Show>
      </section>
    </Show>
  )
}
