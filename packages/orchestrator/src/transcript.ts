import { closeSync, mkdirSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { transcriptLineSchema, type AgentEvent, type TranscriptLine } from '@signalbox/core'
import { appendWhole } from './append-whole.ts'
import { systemCodeOf } from './durable-file.ts'
import type { Clock } from './ports.ts'
import { createRedactor, mapTexts, toVisible, toVisibleText } from './redact.ts'

/** Bytes of transcript kept per run. A flood beyond it is drained and dropped, with a note, so the agent does not block. */
const fileLimit = 64 << 20

/** Characters of one line kept; longer lines are cut into pieces of this length. */
const lineLimit = 16_384

/** Bytes read at once, so that following a long transcript stays cheap. */
const pageBytes = 1 << 20

/** Characters of lines that are written at once. A call of the system for each line costs more than all the rest. */
const batchLength = 1 << 18

/** Characters of a line as it is written, of at most three bytes each. Of what is longer only the text is kept, which is shorter. */
const longestLine = 300_000

export type TranscriptStream = TranscriptLine['stream']

/** The talkative part of a run: local, redacted before it reaches the disk. */
export interface Transcript {
  /** Writes whole lines of one text. */
  write(stream: TranscriptStream, text: string): void
  /** Writes lines of what an agent said, or one thing that it did, with all that is known of it beside the first. */
  writeAgent(kind: AgentEvent['type'], lines: readonly string[], event?: AgentEvent): void
  /** Returns a sink for raw bytes of one stream, which it cuts into lines; call `end` when the stream closed. */
  sink(stream: TranscriptStream): { write(chunk: Buffer): void; end(): void }
  close(): void
}

/** Opens a run's transcript for appending. */
export function openTranscript(path: string, env: Readonly<Record<string, string | undefined>>, clock: Clock): Transcript {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = openSync(path, 'a', 0o600)
  const redact = createRedactor(env)
  let written = 0
  let isLosing = false

  const clean = (text: string): string => toVisible(redact(text))

  /** Writes lines that came together. */
  function writeLines(stream: TranscriptStream, texts: readonly string[], said: Pick<TranscriptLine, 'kind' | 'event'> = {}): void {
    const at = clock.now()
    let batch = ''
    for (const text of texts) {
      if (written > fileLimit) return
      batch += `${textOf({ at, stream, text: clean(text).slice(0, lineLimit), ...said })}\n`
      if (batch.length < batchLength) continue
      keep(batch)
      batch = ''
    }
    if (batch !== '') keep(batch)
  }

  function keep(lines: string): void {
    if (append(lines) && written > fileLimit) note('Output beyond 64 MiB is not kept')
  }

  /** Says whether it could be kept. */
  function append(text: string): boolean {
    if (isLosing) {
      isLosing = false
      if (!note('Some output is not kept: the disk was full')) return false
    }
    const bytes = appendWhole(file, text)
    written += bytes
    isLosing = bytes === 0
    return !isLosing
  }

  function note(text: string): boolean {
    return append(`${JSON.stringify({ at: clock.now(), stream: 'signalbox', text } satisfies TranscriptLine)}\n`)
  }

  return {
    write: (stream, text) => {
      writeLines(stream, text.replace(/\n$/, '').split('\n'))
    },
    writeAgent: (kind, lines, event) => {
      if (event === undefined) return writeLines('agent', lines, { kind })
      const [first = '', ...rest] = lines
      writeLines('agent', [first], { kind, event: mapTexts(event, (part) => toVisibleText(redact(part)).slice(0, lineLimit)) })
      writeLines('agent', rest, { kind })
    },
    sink: (stream) => cutLines((lines) => writeLines(stream, lines)),
    close: () => closeSync(file),
  }
}

/** Returns the text of a line. Whoever reads on in pages never gets past one that is longer than a page. */
function textOf(line: TranscriptLine): string {
  const whole = JSON.stringify(line)
  return whole.length <= longestLine ? whole : JSON.stringify({ ...line, event: undefined })
}

/** Returns a sink for raw bytes that hands on the whole lines of each piece together; those that are too long in pieces. */
export function cutLines(writeLines: (lines: readonly string[]) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  const lines = cutText(writeLines)
  return {
    write: (chunk) => lines.write(decoder.write(chunk)),
    end: () => {
      lines.write(decoder.end())
      lines.end()
    },
  }
}

/** Returns a sink for text that hands on the whole lines of each piece together; those that are too long in pieces. */
export function cutText(writeLines: (lines: readonly string[]) => void): { write(text: string): void; end(): void } {
  let rest = ''
  return {
    write: (text) => {
      const lines = (rest + text).split('\n')
      const last = cutLong(lines.pop() ?? '')
      rest = last.pop() ?? ''
      const whole = [...lines.flatMap((line) => cutLong(line.endsWith('\r') ? line.slice(0, -1) : line)), ...last]
      if (whole.length > 0) writeLines(whole)
    },
    end: () => {
      if (rest !== '') writeLines([rest])
      rest = ''
    },
  }
}

/** Returns the pieces of a line, at least one; only the last may be shorter than a piece can be long. */
function cutLong(line: string): string[] {
  if (line.length <= lineLimit) return [line]
  return Array.from({ length: Math.ceil(line.length / lineLimit) }, (_, piece) => line.slice(piece * lineLimit, (piece + 1) * lineLimit))
}

/** Reads whole transcript lines from byte `from` on, at most a page; `next` is where to go on. */
export async function readTranscript(path: string, from: number): Promise<{ readonly lines: readonly TranscriptLine[]; readonly next: number }> {
  const page = await readPage(path, from)
  if (page === undefined) return { lines: [], next: from }
  const end = page.lastIndexOf(0x0a) + 1
  const lines = page
    .subarray(0, end)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => transcriptLineSchema.parse(JSON.parse(line)))
  return { lines, next: from + end }
}

async function readPage(path: string, from: number): Promise<Buffer | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(pageBytes), 0, pageBytes, from)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
