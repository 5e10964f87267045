import type { SearchResult } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { numberOf } from '../flags.ts'
import type { Look } from '../look.ts'
import { visible } from '../untrusted.ts'

/** Defines `search QUERY`. */
export function define(command: Command): void {
  command.argument('<query...>', 'words to look for').option('--limit <n>', 'at most so many results')
  examples(command, 'signalbox search login token')
  command.action(
    act(async (human, words: readonly string[], flags: { readonly limit?: string }) => {
      const query = words.join(' ')
      const value = await human.search(query, { limit: flags.limit === undefined ? undefined : numberOf('--limit', flags.limit) })
      return { value, text: (look) => value.results.map((result) => resultText(result, look)).join('\n\n'), note: value.results.length === 0 ? `Nothing found for ${visible(query)}` : undefined }
    }),
  )
}

function resultText({ id, title, path, snippet }: SearchResult, { ink }: Look): string {
  return [`${ink.bold(id)}  ${visible(title)}`, ...(snippet === '' ? [] : [`  ${visible(snippet)}`]), `  ${ink.dim(visible(path))}`].join('\n')
}
