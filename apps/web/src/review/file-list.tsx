import { createEffect, createMemo, For, on, Show, type JSX } from 'solid-js'
import { visible } from '../words/untrusted.ts'
import { createWindow } from './create-window.ts'
import { listLines, type ListLine } from './list-lines.ts'
import { changeLetter, changeWords, type ReviewFile } from './review-files.ts'
import type { Review } from './review-state.ts'

/** Pixels of a line of the list: all have the same, so that ten thousand files are listed as quickly as ten. */
const LINE = 26

/** Repos, folders and files, in the order of the diff. Only lines near what is seen exist. */
export function FileList(props: { readonly review: Review }) {
  const { review } = props
  const view = createWindow(LINE)
  const lines = createMemo(() => listLines(review.repos()))
  const shown = createMemo(() => lines().slice(view.span().from, view.span().to))
  const read = () => review.files().filter((file) => review.isRead(file)).length
  createEffect(on(review.current, (current) => view.reveal(lines().findIndex(({ file }) => file?.number === current)), { defer: true }))
  return (
    <nav class="file-list" aria-label="Changed files">
      <p class="muted file-list-read">
        {read()} of {review.files().length} read
      </p>
      <div class="file-list-scroller" ref={view.ref} onScroll={view.onScroll}>
        <div class="file-list-canvas" style={{ height: `${lines().length * LINE}px` }}>
          <ul style={{ transform: `translateY(${Math.min(view.span().from, lines().length) * LINE}px)` }}>
            <For each={shown()}>{(line) => <Line review={review} line={line} />}</For>
          </ul>
        </div>
      </div>
    </nav>
  )
}

function Line(props: { readonly review: Review; readonly line: ListLine }): JSX.Element {
  const { file, repo, text } = props.line
  if (file !== undefined) return <FileLine review={props.review} file={file} />
  return (
    <li class={repo ? 'file-list-repo' : 'file-list-folder'} title={visible(text)}>
      {visible(text)}
    </li>
  )
}

function FileLine(props: { readonly review: Review; readonly file: ReviewFile }) {
  const { review, file } = props
  const words = changeWords(file).map(visible).join(', ')
  const isCurrent = () => review.current() === file.number
  const warned = () => (review.hidden().get(file.number) ?? 0) > 0
  const sizes = [file.binary ? 'binary' : '', file.insertions > 0 ? `+${file.insertions}` : '', file.deletions > 0 ? `−${file.deletions}` : ''].join(' ').trim()
  return (
    <li>
      <button type="button" class="file-line" classList={{ read: review.isRead(file), current: isCurrent() }} aria-current={isCurrent() ? 'true' : undefined} title={`${visible(file.path)} (${words})`} onClick={() => review.goTo(file.number)}>
        <span class={`letter letter-${changeLetter(file)}`} aria-label={words}>
          {changeLetter(file)}
        </span>
        <span class="file-name">{visible(file.path.slice(file.path.lastIndexOf('/') + 1))}</span>
        <Show when={warned()}>
          <span class="warn-word">hidden characters</span>
        </Show>
        <span class="sizes">{review.isRead(file) ? 'read' : sizes}</span>
      </button>
    </li>
  )
}
