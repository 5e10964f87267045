import { startWorker } from '../trusted/policy.ts'
import type { MarkdownNode } from '../words/markdown-tree.ts'
import workerUrl from './markdown.worker.ts?worker&url'

/** Milliseconds one text may take. Real records take a few; what takes longer was made to. */
const limitMs = 2_000
/** Characters of the longest text that is parsed at all. */
const longest = 300_000

interface Waiting {
  readonly settle: (nodes: readonly MarkdownNode[] | undefined) => void
  readonly timer: ReturnType<typeof setTimeout>
}

const waiting = new Map<number, Waiting>()
let worker: Worker | undefined
let count = 0

/** Parses Markdown in the worker; undefined when it is too long, too slow or breaks the parser: then it is shown as plain text. */
export function parseMarkdown(markdown: string): Promise<readonly MarkdownNode[] | undefined> {
  if (markdown.length > longest) return Promise.resolve(undefined)
  const id = ++count
  worker ??= openWorker()
  worker.postMessage({ id, markdown })
  return new Promise((resolve) => waiting.set(id, { settle: resolve, timer: setTimeout(giveUp, limitMs) }))
}

function openWorker(): Worker {
  const opened = startWorker(workerUrl)
  opened.addEventListener('message', ({ data }: MessageEvent<{ readonly id: number; readonly nodes: readonly MarkdownNode[] }>) => settle(data.id, data.nodes))
  opened.addEventListener('error', giveUp)
  return opened
}

/** Ends the worker with everything it was asked: which text it was stuck in cannot be told from outside. */
function giveUp(): void {
  worker?.terminate()
  worker = undefined
  for (const id of waiting.keys()) settle(id, undefined)
}

function settle(id: number, nodes: readonly MarkdownNode[] | undefined): void {
  const asked = waiting.get(id)
  waiting.delete(id)
  clearTimeout(asked?.timer)
  asked?.settle(nodes)
}
