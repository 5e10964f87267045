import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What was seen of one agent: the words of each trial, by its title. */
export interface Row {
  readonly agent: string
  readonly pinned: string
  readonly seen: ReadonlyMap<string, string>
}

const page = join(import.meta.dirname, '../../../../docs/agents.md')
const begins = '<!-- What `npm run test:agents` saw. It writes this part anew; nothing here is written by hand. -->'
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

/** Writes the table into the page, between its two marks. */
export function writeReport(table: string): void {
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(begins), text.indexOf(ends)]
  if (from < 0 || to < from) throw new Error(`${page} has no place for the table: ${begins}`)
  writeFileSync(page, `${text.slice(0, from + begins.length)}\n\n${table}\n\n${text.slice(to)}`)
}
