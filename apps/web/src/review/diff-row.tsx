import { createRenderEffect, Match, Switch } from 'solid-js'
import type { Highlighter } from './highlighter.ts'
import { tokenNames } from './highlight-message.ts'
import { linesAt, type ViewMode } from './layout.ts'
import { MOST_CHARACTERS, piecesOf, type Piece } from './line-pieces.ts'
import { newNumberOf, oldNumberOf, textOf } from './patch-index.ts'
import { kind } from './patch-kind.ts'
import type { ReviewFile } from './review-files.ts'
import { partnerOf } from './split-rows.ts'
import { markWords, type Marks } from './word-marks.ts'

interface Props {
  readonly file: ReviewFile
  readonly mode: ViewMode
  /** Counted from below the heading of the file. */
  readonly row: number
  readonly colours: Highlighter
}

const signs = ['header', 'hunk', 'context', 'added', 'removed', 'mark'] as const

/** One row of a diff: a line, two lines side by side, or the heading of a hunk. */
export function DiffRow(props: Props) {
  const { file, mode, row } = props
  const { left, right } = linesAt(file, mode, row)
  const { index } = file.repo
  return (
    <Switch
      fallback={
        <div class="row split-row">
          <Number number={left < 0 ? undefined : oldNumberOf(index, left)} />
          <Code file={file} line={left} colours={props.colours} />
          <Number number={right < 0 ? undefined : newNumberOf(index, right)} />
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
          <Number number={oldNumberOf(index, left)} />
          <Number number={newNumberOf(index, right)} />
          <Code file={file} line={left} colours={props.colours} />
        </div>
      </Match>
    </Switch>
  )
}

function Number(props: { readonly number: number | undefined }) {
  return <span class="number">{props.number}</span>
}

/** The text of a line; -1 for a side that has none. */
function Code(props: { readonly file: ReviewFile; readonly line: number; readonly colours: Highlighter }) {
  const { file, line } = props
  const { index } = file.repo
  if (line < 0) return <code class="absent" />
  const text = textOf(index, line)
  const marks = marksOf(file, line, text)
  const show = (code: HTMLElement): void => createRenderEffect(() => code.replaceChildren(...piecesOf(text, props.colours.tokensOf(file, line), marks).map(nodeOf), ...restOf(text)))
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

function nodeOf({ text, token, marked, spelt }: Piece): Node {
  if (token === 0 && !marked && !spelt) return document.createTextNode(text)
  const span = document.createElement('span')
  span.className = [token > 0 ? `token-${tokenNames[token]}` : '', marked ? 'marked' : '', spelt ? 'spelt' : ''].filter((name) => name !== '').join(' ')
  span.textContent = text
  return span
}

function restOf({ length }: string): readonly Node[] {
  if (length <= MOST_CHARACTERS) return []
  const note = document.createElement('span')
  note.className = 'cut'
  note.textContent = ` … ${(length - MOST_CHARACTERS).toLocaleString('en')} more characters of this line are not shown`
  return [note]
}
