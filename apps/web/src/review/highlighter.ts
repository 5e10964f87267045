import { createSignal, onCleanup } from 'solid-js'
import { startWorker } from '../trusted/policy.ts'
import type { HighlightJob, HighlightOrder, HighlightResult } from './highlight-message.ts'
// oxlint-disable-next-line import/default -- the bundler answers this query with the address of the worker
import workerUrl from './highlight.worker.ts?worker&url'
import { languageOf } from './language.ts'
import { MOST_CHARACTERS } from './line-pieces.ts'
import { hunkAt, textOf } from './patch-index.ts'
import { kind } from './patch-kind.ts'
import type { ReviewFile } from './review-files.ts'
import type { Tokens } from './token-paint.ts'

/** Lines that are coloured at once: fewer are coloured without knowing what stands before them, more take longer to appear. */
const CHUNK = 120

/** Lines whose colours are kept; beyond, all are forgotten and what is seen is coloured again. */
const MOST_LINES = 30_000

const none: Tokens = []

/** A stretch of a hunk. Its two sides are coloured on their own, each as the text it was. */
interface Chunk {
  readonly file: ReviewFile
  readonly first: number
  readonly end: number
}

/**
 * Returns colours for lines on screen. They come from a worker that is started with the first line worth colouring; until
 * they are there, and if they never come, text is plain.
 */
export function createHighlighter() {
  const [version, setVersion] = createSignal(0)
  const known = new Map<string, Tokens>()
  const asked = new Map<string, readonly string[]>()
  let worker: Worker | undefined

  const take = ({ data }: MessageEvent<HighlightResult>): void => {
    const keys = asked.get(data.id)
    if (keys === undefined) return
    if (known.size > MOST_LINES) known.clear()
    data.lines.forEach((tokens, at) => known.set(keys[at] ?? '', tokens))
    setVersion(version() + 1)
  }
  const send = (jobs: readonly HighlightJob[]): void => {
    if (worker === undefined) {
      if (jobs.length === 0) return
      worker = startWorker(workerUrl)
      worker.addEventListener('message', take)
    }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker is nobody's window and has no origin to name
    worker.postMessage({ jobs } satisfies HighlightOrder)
  }
  onCleanup(() => worker?.terminate())

  return {
    /** The tokens of a line, none while they are not known; asks again by itself when they come. */
    tokensOf: (file: ReviewFile, line: number): Tokens => (version(), known.get(keyOf(file, line)) ?? none),
    /** Asks for the colours of these lines, and for nothing else that was asked before. */
    want: (wanted: readonly (readonly [ReviewFile, number])[]): void => {
      asked.clear()
      const jobs: HighlightJob[] = []
      for (const chunk of chunksOf(wanted.filter(([file, line]) => !known.has(keyOf(file, line))))) {
        for (const side of [kind.added, kind.removed] as const) {
          const job = jobOf(chunk, side)
          if (job === undefined) continue
          asked.set(job.id, job.keys)
          jobs.push(job)
        }
      }
      send(jobs.map(({ id, language, text }) => ({ id, language, text })))
    },
  }
}

export type Highlighter = ReturnType<typeof createHighlighter>

function keyOf({ repo, key }: ReviewFile, line: number): string {
  return `${line} ${repo.name} ${key}`
}

function chunksOf(wanted: readonly (readonly [ReviewFile, number])[]): readonly Chunk[] {
  const chunks = new Map<string, Chunk>()
  for (const [file, line] of wanted) {
    const { index } = file.repo
    const hunk = hunkAt(index, line)
    const start = (index.hunks.lines[hunk] ?? 0) + 1
    const first = start + Math.floor((line - start) / CHUNK) * CHUNK
    if (line < start) continue
    chunks.set(keyOf(file, first), { file, first, end: Math.min(first + CHUNK, index.hunks.lines[hunk + 1] ?? file.end, file.end) })
  }
  return [...chunks.values()]
}

/** One side of a chunk as text; undefined when there is nothing of its own to colour, or no grammar. Context is coloured with the new side. */
function jobOf({ file, first, end }: Chunk, side: typeof kind.added | typeof kind.removed): (HighlightJob & { readonly keys: readonly string[] }) | undefined {
  const { index } = file.repo
  const language = languageOf(side === kind.removed ? (file.oldPath ?? file.path) : file.path)
  if (language === undefined) return undefined
  const lines = Array.from({ length: end - first }, (_, at) => first + at).filter((line) => index.kinds[line] === kind.context || index.kinds[line] === side)
  const own = (line: number): boolean => side === kind.added || index.kinds[line] === side
  if (!lines.some(own)) return undefined
  return {
    id: `${side} ${keyOf(file, first)}`,
    language,
    text: lines.map((line) => textOf(index, line).slice(0, MOST_CHARACTERS).replace(/\r$/, '')).join('\n'),
    keys: lines.map((line) => (own(line) ? keyOf(file, line) : '')),
  }
}
