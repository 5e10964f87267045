import { createMemo, For, Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'
import { DiffRow } from './diff-row.tsx'
import type { Desk } from './findings-desk.ts'
import { FileHeading } from './file-heading.tsx'
import type { Highlighter } from './highlighter.ts'
import { HEADING_ROWS, linesAt, ROW, rowAt, type Span } from './layout.ts'
import { NoteLine } from './note-line.tsx'
import type { ReviewFile } from './review-files.ts'
import type { Review } from './review-state.ts'

interface Props {
  readonly review: Review
  readonly desk: Desk
  readonly file: ReviewFile
  readonly span: Span
  readonly colours: Highlighter
}

/** One file of the diff: its heading, which stays in sight while its rows pass, and those of its rows that are near the screen. */
export function DiffFile(props: Props) {
  const { file, review } = props
  const top = () => review.layout().tops[file.number] ?? 0
  const body = () => review.layout().bodies[file.number] ?? 0
  const first = createMemo(() => Math.max(0, Math.min(props.span.from - top() - HEADING_ROWS, body())))
  // A note is named by its finding and lines by their row among lines: what is drawn stays, with the focus on it, when notes come and go.
  const rows = createMemo(() =>
    Array.from({ length: Math.max(0, Math.min(body(), props.span.to - top() - HEADING_ROWS) - first()) }, (_, at) => {
      const row = rowAt(review.layout().notes.get(file.number), first() + at)
      return typeof row === 'number' ? row : row.id
    }),
  )
  return (
    <section class="diff-file" role="group" aria-label={`${file.repo.name}/${visible(file.path)}`} style={{ top: `${top() * ROW}px`, height: `${(HEADING_ROWS + body()) * ROW}px` }}>
      <FileHeading review={review} file={file} />
      <Show when={file.body < file.end} fallback={<Show when={body() > 0}>{<p class="diff-note">{emptyWords(file)}</p>}</Show>}>
        <div class="diff-rows" style={{ transform: `translateY(${first() * ROW}px)` }}>
          <Show when={review.mode()} keyed>
            {(mode) => <For each={rows()}>{(row) => (typeof row === 'number' ? <DiffRow file={file} mode={mode} lines={linesAt(file, mode, row)} colours={props.colours} pick={props.desk.pick} /> : <NoteLine finding={props.desk.find(row)} />)}</For>}
          </Show>
        </div>
      </Show>
    </section>
  )
}

/** Why a file has no lines to show. */
function emptyWords({ binary, change, oldMode, newMode }: ReviewFile): string {
  if (binary) return 'The contents are binary, or no UTF-8 text, and are not shown. They are saved, and they are part of what lands.'
  if (change === 'renamed') return 'Moved; its contents did not change.'
  if (change === 'copied') return 'Copied; its contents are those of the original.'
  if (change === 'added') return 'An empty file.'
  if (change === 'deleted') return 'It was empty.'
  return oldMode === newMode ? 'Nothing in its contents changed.' : 'Only its mode changed.'
}
