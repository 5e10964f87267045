import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What was seen of one agent: the words of each trial, by its title. */
export interface Row {
  readonly agent: string
  readonly pinned: string
  readonly seen: ReadonlyMap<string, string>
}

const page = join(import.meta.dirname, '../../../../docs/agents.md')
const begins = (way: string): string => `<!-- What \`npm run test:agents -- ${way}\` saw. It writes this part anew; nothing here is written by hand. -->`
const ends = '<!-- The end of that. -->'

/** Returns the table of what was seen, an agent a column. */
export function tableOf(rows: readonly Row[], titles: readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(['', ...rows.map(({ agent }) => agent)]),
    line(['---', ...rows.map(() => '---')]),
    line(['package', ...rows.map(({ pinned }) => `\`${pinned}\``)]),
    ...titles.map((title) => line([title, ...rows.map(({ seen }) => (seen.get(title) ?? 'not tried').replaceAll(/[|\n]/g, ' '))])),
  ].join('\n')
}

/** Writes the table of one way into the page, between its two marks. */
export function writeReport(way: string, table: string): void {
  const text = readFileSync(page, 'utf8')
  const mark = begins(way)
  const from = text.indexOf(mark)
  const to = text.indexOf(ends, from)
  if (from < 0 || to < from) throw new Error(`${page} has no place for the table: ${mark}`)
  writeFileSync(page, `${text.slice(0, from + mark.length)}\n\n${table}\n\n${text.slice(to)}`)
}
