import { median, medianRatio, type Paired } from './paired.ts'

/** One line of the table. `goal` is the ratio to stay under. */
export interface Row {
  readonly name: string
  readonly floor: string
  readonly goal: number
  /** Milliseconds unless said. */
  readonly unit?: 'MB' | 'KiB'
  readonly paired: Paired
}

/** Renders rows as a Markdown table: medians, in milliseconds unless said, and the ratio as the median of the pairs. */
export function renderRows(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const ratio = medianRatio(row.paired)
    const unit = row.unit === undefined ? '' : ` ${row.unit}`
    return `| ${row.name} | ${median(row.paired.ours).toFixed(1)}${unit} | ${median(row.paired.floor).toFixed(1)}${unit} | ${row.floor} | ${ratio.toPrecision(3)} | ${Number(row.goal.toPrecision(3))} | ${ratio <= row.goal ? 'met' : 'not met'} |`
  })
  return ['| operation | ours, ms | floor, ms | floor | ratio | goal | |', '|---|---|---|---|---|---|---|', ...lines, ''].join('\n')
}
