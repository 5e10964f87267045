import { createEffect, Match, onCleanup, Switch } from 'solid-js'
import type { Highlighter } from './highlighter.ts'
import type { RowLines, ViewMode } from './layout.ts'
import { MOST_CHARACTERS, piecesOf, type Piece } from './line-pieces.ts'
import { newNumberOf, oldNumberOf, textOf } from './patch-index.ts'
import { kind } from './patch-kind.ts'
import type { ReviewFile } from './review-files.ts'
import { partnerOf } from './split-rows.ts'
import { paintTokens, type Stretch } from './token-paint.ts'
import { markWords, type Marks } from './word-marks.ts'

interface Props {
  readonly file: ReviewFile
  readonly mode: ViewMode
  readonly lines: RowLines
  /** Called for a line whose number is clicked. */
  readonly pick: (file: ReviewFile, line: number) => void
  readonly colours: Highlighter
}

const signs = ['header', 'hunk', 'context', 'added', 'removed', 'mark'] as const

/** One row of a diff: a line, two lines side by side, or the heading of a hunk. */
export function DiffRow(props: Props) {
  const { file, mode } = props
  const { left, right } = props.lines
  const { index } = file.repo
  return (
    <Switch
      fallback={
        <div class="row split-row">
          <Number number={left < 0 ? undefined : oldNumberOf(index, left)} pick={() => props.pick(file, left)} />
          <Code file={file} line={left} colours={props.colours} />
          <Number number={right < 0 ? undefined : newNumberOf(index, right)} pick={() => props.pick(file, right)} />
          <Code file={file} line={right} colours={props.colours} />
        </div>
      }
    >
      <Match when={index.kinds[left] === kind.hunk || index.kinds[left] === kind.header}>
        <div class="row hunk-row">
          <Code file={file} line={left} colours={props.colours} />
        </div>
      </Match>
      <Match when={mode === 'unified'}>
        <div class="row">
          <Number number={oldNumberOf(index, left)} pick={() => props.pick(file, left)} />
          <Number number={newNumberOf(index, right)} pick={() => props.pick(file, right)} />
          <Code file={file} line={left} colours={props.colours} />
        </div>
      </Match>
    </Switch>
  )
}

/** The number of a line, to comment on it with a mouse; the key for it is in the list of keys. */
function Number(props: { readonly number: number | undefined; readonly pick: () => void }) {
  return (
    <span class="number" onClick={() => props.number !== undefined && props.pick()}>
      {props.number}
    </span>
  )
}

/** The text of a line; -1 for a side that has none. */
function Code(props: { readonly file: ReviewFile; readonly line: number; readonly colours: Highlighter }) {
  const { file, line } = props
  const { index } = file.repo
  if (line < 0) return <code class="absent" />
  const text = textOf(index, line)
  const show = (code: HTMLElement): void => {
    const stretches = write(code, piecesOf(text, marksOf(file, line, text)))
    if (text.length > MOST_CHARACTERS) code.append(cutNote(text.length - MOST_CHARACTERS))
    if ((index.kinds[line] ?? 0) >= kind.context) createEffect(() => onCleanup(paintTokens(stretches, props.colours.tokensOf(file, line))))
  }
  return <code class={signs[index.kinds[line] ?? 0]} ref={show} />
}

/** What differs from the line beside it: worked out for lines on screen only. */
function marksOf({ repo: { index } }: ReviewFile, line: number, text: string): Marks {
  const partner = partnerOf(index, line)
  if (partner < 0 || text.length > MOST_CHARACTERS) return []
  const other = textOf(index, partner)
  if (other.length > MOST_CHARACTERS) return []
  return index.kinds[line] === kind.removed ? (markWords(text, other)?.old ?? []) : (markWords(other, text)?.new ?? [])
}

/** Writes a line, and returns its own text as far as it stands there as it is. */
function write(code: HTMLElement, pieces: readonly Piece[]): readonly Stretch[] {
  return pieces.flatMap(({ start, text, marked, spelt }, at) => {
    const node = document.createTextNode(text)
    if (!marked && !spelt) {
      code.append(node)
    } else {
      const span = document.createElement('span')
      // Some systems end every line with `\r`: that is no news.
      span.className = [marked ? 'marked' : '', spelt ? (text === String.raw`\r` && at === pieces.length - 1 ? 'line-end' : 'spelt') : ''].join(' ').trim()
      span.append(node)
      code.append(span)
    }
    return spelt ? [] : [{ node, start }]
  })
}

function cutNote(characters: number): Node {
  const note = document.createElement('span')
  note.className = 'cut'
  note.textContent = ` … ${characters.toLocaleString('en')} more characters of this line are not shown`
  return note
}
