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

/** Characters of a line as it is written, of at most three bytes each. Of what is longer only the text is kept, which is shorter. */
const longestLine = 300_000

export type TranscriptStream = TranscriptLine['stream']

/** The talkative part of a run: local, redacted before it reaches the disk. */
export interface Transcript {
  /** Writes whole lines of one text. */
  write(stream: TranscriptStream, text: string): void
  /** Writes what an agent said, a line each, or one thing that it did with all that is known of it. */
  writeAgent(kind: AgentEvent['type'], text: string, event?: AgentEvent): void
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

  function writeLine(stream: TranscriptStream, text: string, said: Pick<TranscriptLine, 'kind' | 'event'> = {}): void {
    if (written > fileLimit) return
    const line: TranscriptLine = { at: clock.now(), stream, text: clean(text).slice(0, lineLimit), ...said }
    const whole = JSON.stringify(line)
    // Whoever reads on in pages never gets past a line that is longer than one.
    if (!append(`${whole.length <= longestLine ? whole : JSON.stringify({ ...line, event: undefined })}\n`)) return
    if (written > fileLimit) note('Output beyond 64 MiB is not kept')
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
      for (const line of text.replace(/\n$/, '').split('\n')) writeLine(stream, line)
    },
    writeAgent: (kind, text, event) => {
      const [first = '', ...rest] = text.split('\n')
      if (event !== undefined) writeLine('agent', first, { kind, event: mapTexts(event, (part) => toVisibleText(redact(part)).slice(0, lineLimit)) })
      for (const line of event === undefined ? [first, ...rest] : rest) writeLine('agent', line, { kind })
    },
    sink: (stream) => cutLines((line) => writeLine(stream, line)),
    close: () => closeSync(file),
  }
}

/** Returns a sink for raw bytes that hands on whole lines; those that are too long in pieces. */
export function cutLines(writeLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  const lines = cutText(writeLine)
  return {
    write: (chunk) => lines.write(decoder.write(chunk)),
    end: () => {
      lines.write(decoder.end())
      lines.end()
    },
  }
}

/** Returns a sink for text that hands on whole lines; those that are too long in pieces. */
export function cutText(writeLine: (line: string) => void): { write(text: string): void; end(): void } {
  let rest = ''
  /** Hands on all of a line but its last piece, and returns that. */
  function cutLong(line: string): string {
    let at = 0
    for (; line.length - at > lineLimit; at += lineLimit) writeLine(line.slice(at, at + lineLimit))
    return line.slice(at)
  }
  return {
    write: (text) => {
      const lines = (rest + text).split('\n')
      const last = lines.pop() ?? ''
      for (const line of lines) writeLine(cutLong(line.endsWith('\r') ? line.slice(0, -1) : line))
      rest = cutLong(last)
    },
    end: () => {
      if (rest !== '') writeLine(rest)
      rest = ''
    },
  }
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
