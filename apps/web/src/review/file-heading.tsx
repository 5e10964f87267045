import { For, Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'
import { changeWords, type ReviewFile } from './review-files.ts'
import type { Review } from './review-state.ts'

/** The heading of a file in the diff: what it is called, what happened to it, and whether you read it. */
export function FileHeading(props: { readonly review: Review; readonly file: ReviewFile }) {
  const { review, file } = props
  const folder = () => visible(file.path.slice(0, file.path.lastIndexOf('/') + 1))
  const name = () => visible(file.path.slice(file.path.lastIndexOf('/') + 1))
  return (
    <header class="file-heading" classList={{ current: review.current() === file.number }}>
      <button type="button" class="fold" aria-expanded={!review.isFolded(file)} aria-label={review.isFolded(file) ? 'Show its lines' : 'Fold'} onClick={() => review.toggleFold(file)} />
      <h3 title={`${file.repo.name}: ${visible(file.path)}`}>
        <span class="chip">{file.repo.name}</span> <span class="file-folder">{folder()}</span>
        {name()}
      </h3>
      <For each={changeWords(file)}>{(word) => <span class="chip change-word">{visible(word)}</span>}</For>
      <Show when={(review.hidden().get(file.number) ?? 0) > 0}>
        <span class="badge badge-warn" title="Characters that show nothing or change the order of what you read. They are spelt out, as in \u202e.">
          {review.hidden().get(file.number)} hidden
        </span>
      </Show>
      <Sizes file={file} />
      <label class="read-mark">
        <input type="checkbox" checked={review.isRead(file)} onChange={() => review.toggleRead(file)} /> Read
      </label>
    </header>
  )
}

/** Lines added and removed. */
export function Sizes(props: { readonly file: ReviewFile }) {
  return (
    <span class="sizes">
      <Show when={props.file.insertions > 0}>
        <span class="plus">+{props.file.insertions}</span>
      </Show>
      <Show when={props.file.deletions > 0}>
        <span class="minus">−{props.file.deletions}</span>
      </Show>
    </span>
  )
}
