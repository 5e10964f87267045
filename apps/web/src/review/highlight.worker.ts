import { createCssVariablesTheme, createHighlighterCore } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import { grammars } from './grammars.ts'
import { tokenNames, type HighlightJob, type HighlightOrder, type HighlightResult } from './highlight-message.ts'

const THEME = 'css-variables'
const PREFIX = '--t-'

/** Milliseconds one line may take before the rest of it stays plain: some patterns take for ever on some lines. */
const MOST_MS = 100

const highlighter = createHighlighterCore({
  themes: [createCssVariablesTheme({ name: THEME, variablePrefix: PREFIX })],
  langs: [],
  engine: createJavaScriptRegexEngine({ forgiving: true }),
})

let waiting: readonly HighlightJob[] = []
let busy = false

addEventListener('message', ({ data }: MessageEvent<HighlightOrder>) => {
  waiting = data.jobs
  if (!busy) void work()
})

/** Does what is asked, one job at a time; between two of them a new order may replace the rest. */
async function work(): Promise<void> {
  busy = true
  for (;;) {
    const [job, ...rest] = waiting
    if (job === undefined) break
    waiting = rest
    postMessage({ id: job.id, lines: await tokensOf(job) } satisfies HighlightResult)
    await new Promise((resolve) => setTimeout(resolve))
  }
  busy = false
}

async function tokensOf({ language, text }: HighlightJob): Promise<readonly Uint16Array[]> {
  const shiki = await highlighter
  await shiki.loadLanguage(grammars[language])
  let lineStart = 0
  return shiki.codeToTokensBase(text, { lang: language, theme: THEME, tokenizeTimeLimit: MOST_MS }).map((line) => {
    const pairs: number[] = []
    for (const { offset, content, color } of line) {
      const token = numberOf(color)
      const end = offset - lineStart + content.length
      if (pairs.at(-1) === token) pairs[pairs.length - 2] = end
      else pairs.push(end, token)
    }
    lineStart = text.indexOf('\n', lineStart) + 1
    return Uint16Array.from(pairs)
  })
}

/** Tokens carry the variable of their colour, as in `var(--t-token-keyword)`; others are plain. */
function numberOf(color: string | undefined): number {
  const name = color?.startsWith(`var(${PREFIX}token-`) === true ? color.slice(PREFIX.length + 10, -1) : 'plain'
  return Math.max(0, tokenNames.findIndex((known) => known === name))
}
