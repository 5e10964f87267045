import type { HumanFace } from '@signalbox/core'

type Page = Awaited<ReturnType<HumanFace['readTranscript']>>

/** Characters of output that are kept: the last ones, where failures are told. */
const MOST = 200_000

/** Returns what checks printed, read from the transcript page by page until it ends. */
export async function readCheckOutput(read: (from: number) => Promise<Page>): Promise<string> {
  let text = ''
  for (let from = 0; ; ) {
    const { lines, next } = await read(from)
    for (const line of lines) if (line.stream === 'check') text += `${line.text}\n`
    if (text.length > MOST * 2) text = text.slice(-MOST)
    if (next === from) break
    from = next
  }
  if (text === '') return 'The checks printed nothing.'
  return text.length > MOST ? `… what came before is in the transcript\n${text.slice(-MOST)}` : text
}
