import type { TranscriptLine } from '@signalbox/core'
import { timeOfDay } from '../words/time-of-day.ts'
import { visible } from '../words/untrusted.ts'

/** One row of a transcript on screen: a line of text, said when and where. */
export interface TranscriptRow {
  readonly at: string
  readonly stream: TranscriptLine['stream']
  /** What the line is of, where an agent that we understand said it. */
  readonly kind: TranscriptLine['kind']
  readonly text: string
}

/** Characters of a row that are shown: a line of a megabyte would be laid out as one. */
const widest = 2_000

/** Returns transcript lines as rows: one a line of text, for one line of a transcript may hold several. */
export function rowsOf(lines: readonly TranscriptLine[]): readonly TranscriptRow[] {
  return lines.flatMap(({ at, stream, kind, text }) =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => ({ at: timeOfDay(at), stream, kind, text: visible(line.length > widest ? `${line.slice(0, widest)}… (${line.length} characters)` : line) })),
  )
}

/** Rows that are in the document: those seen and some more, so that scrolling does not show gaps. */
export function windowOf(view: { readonly top: number; readonly height: number; readonly rowHeight: number; readonly count: number }): { readonly from: number; readonly to: number } {
  const spare = 20
  const from = Math.max(0, Math.floor(view.top / view.rowHeight) - spare)
  return { from, to: Math.min(view.count, Math.ceil((view.top + view.height) / view.rowHeight) + spare) }
}
