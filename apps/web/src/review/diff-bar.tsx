import type { Review } from './review-state.ts'
import { reviewKeys } from './use-review-keys.ts'
import { KeyList } from '../parts/key-list.tsx'
import { Show } from 'solid-js'

/** Above the diff: where the reader is, the way on, and the keys for both. */
export function DiffBar(props: { readonly review: Review; readonly choose: (() => void) | undefined; readonly comment: (() => void) | undefined }) {
  const { review } = props
  return (
    <div class="diff-bar" role="toolbar" aria-label="Diff">
      <span class="muted">
        File {review.current() + 1} of {review.files().length}
      </span>
      <span class="diff-bar-keys">
        <button type="button" class="button" onClick={() => review.goBy(-1)}>
          Previous file
        </button>
        <button type="button" class="button" onClick={() => review.goBy(1)}>
          Next file
        </button>
        <button type="button" class="button diff-mode" aria-pressed={review.mode() === 'split'} onClick={review.toggleMode}>
          Split
        </button>
        <Show when={props.comment}>
          {(comment) => (
            <button type="button" class="button" onClick={() => comment()()}>
              Comment…
            </button>
          )}
        </Show>
        <Show when={props.choose}>
          {(choose) => (
            <button type="button" class="button" onClick={() => choose()()}>
              Choose a part…
            </button>
          )}
        </Show>
        <details class="key-list">
          <summary class="button">Keys</summary>
          <KeyList keys={reviewKeys} />
        </details>
      </span>
    </div>
  )
}
