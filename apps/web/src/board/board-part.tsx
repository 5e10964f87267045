import { createMemo, createSignal, For, Show } from 'solid-js'
import { BoardLine } from './board-line.tsx'
import type { BoardItem, SectionId } from './group-board.ts'
import { keepSame } from './keep-same.ts'

const titles = { needs_you: 'Needs you', running: 'Running', ready: 'Ready', draft: 'Drafts', done: 'Done' } as const satisfies Record<SectionId, string>

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
export function BoardPart(props: { readonly id: SectionId; readonly items: readonly BoardItem[] }) {
  const [all, setAll] = createSignal(false)
  const shown = createMemo((before: readonly BoardItem[]) => keepSame(before, all() ? props.items : props.items.slice(0, firstLines[props.id])), [])
  const rest = () => props.items.length - shown().length
  return (
    <Show when={props.items.length > 0 || quiet[props.id] !== ''}>
      <section class={`board-part board-${props.id}`} aria-labelledby={`board-${props.id}`}>
        <h2 id={`board-${props.id}`}>
          {titles[props.id]} <span class="tally">{props.items.length}</span>
        </h2>
        <Show when={props.items.length > 0} fallback={<p class="muted board-quiet">{quiet[props.id]}</p>}>
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
