import type { Conversation, ConversationEnd } from '@signalbox/core'
import { clip } from '../output/clip.ts'
import { findExcess } from '../output/find-excess.ts'
import { isObject } from '../output/json.ts'
import { readLines, type Line } from '../output/lines.ts'
import { conclude, type TurnEnd, type Verdict } from '../output/verdict.ts'
import { createAsks, type Asks } from './asks.ts'
import type { LineParser } from './parser.ts'
import { createTurn, type Turn } from './turn.ts'

/** How an agent of lines is talked to. */
export interface LineTalk {
  readonly createParser: () => LineParser
  /** Written to its standard input at once. */
  readonly opening: string
  /** Whether the input stays open until its turn is over, for answers. Else it is closed after the opening. */
  readonly answers: boolean
  /** The line that asks it to stop; absent where only a signal does. */
  readonly interrupt?: string
}

/** Milliseconds a program gets to end once its turn is over, or it was asked to stop. Shorter loses its last words; longer waits for one that hangs. */
const graceMs = 3_000

/** Characters that are kept of what a program printed last, for that may be all it says before it gives up. */
const mostLastWords = 300

/** Returns how one turn of such an agent is held. What it says last counts: without that, the turn is lost, whatever its exit code. */
export function converseLines(how: LineTalk): (talk: Conversation) => Promise<ConversationEnd> {
  return async (talk) => {
    const parser = how.createParser()
    const turn = createTurn((event) => talk.emit(event))
    const asks = createAsks(talk, turn)
    const ending = createEnding(talk, how)
    let lastWords: string | undefined
    let isOver = false
    let inTime: Verdict | undefined
    // Goes on to the end of the output, heard or not: a program nobody reads would hang in writing.
    async function listen(): Promise<void> {
      for await (const line of readLines(talk.output)) {
        if (isOver) continue
        lastWords = hear(line, { parser, turn, asks, talk }) ?? lastWords
        const verdict = parser.verdict()
        if (!talk.cancel.aborted) inTime = verdict
        ending.look(verdict !== undefined)
      }
    }
    talk.input.write(how.opening)
    if (!how.answers) talk.input.end()
    try {
      await Promise.race([listen(), ending.reached, asks.failed])
    } finally {
      isOver = true
      ending.clear()
      asks.close()
      talk.input.end()
    }
    turn.close()
    const said = talk.cancel.aborted ? inTime : parser.verdict()
    return conclude(talk, endOf(said, { cancelled: talk.cancel.aborted, lastWords }), parser.session())
  }
}

interface Hearing {
  readonly parser: LineParser
  readonly turn: Turn
  readonly asks: Asks
  readonly talk: Conversation
}

/** Takes one line in; returns how it begins when it is plain text. */
function hear(line: Line, { parser, turn, asks, talk }: Hearing): string | undefined {
  const excess = line.kind === 'long' ? `${line.bytes} bytes` : findExcess(line.text)
  if (line.kind === 'long' || excess !== undefined) {
    turn.tell({ type: 'notice', level: 'warning', text: `A line of ${excess} was left out; it begins ${JSON.stringify(clip(line.kind === 'long' ? line.head : line.text, 100))}` })
    return undefined
  }
  const value = parseLine(line.text)
  if (!isObject(value)) {
    turn.tell({ type: 'unknown', name: 'text', raw: clip(line.text) })
    return clip(line.text, mostLastWords)
  }
  const meaning = parser.read(value)
  if (meaning === undefined) turn.tell({ type: 'unknown', name: typeof value['type'] === 'string' ? clip(value['type'], 200) : 'object', raw: clip(line.text) })
  for (const event of meaning?.events ?? []) turn.tell(event)
  if (meaning?.reply !== undefined) talk.input.write(meaning.reply)
  if (meaning?.withdrawn !== undefined) asks.withdraw(meaning.withdrawn)
  if (meaning?.ask !== undefined) asks.ask(meaning.ask)
  return undefined
}

function parseLine(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: words for humans that begin like it.
    return undefined
  }
}

/** Decides when no more is waited for: a while after the turn is over, or after it was asked to stop. */
function createEnding(talk: Conversation, how: LineTalk): { readonly reached: Promise<void>; look(isOver: boolean): void; clear(): void } {
  let resolve: () => void = () => {}
  const reached = new Promise<void>((done) => (resolve = done))
  let timer: NodeJS.Timeout | undefined
  const wait = (): void => {
    timer ??= setTimeout(resolve, graceMs)
  }
  const onCancel = (): void => {
    if (how.interrupt === undefined) return resolve()
    talk.input.write(how.interrupt)
    wait()
  }
  if (talk.cancel.aborted) onCancel()
  else talk.cancel.addEventListener('abort', onCancel, { once: true })
  return {
    reached,
    look(isOver) {
      if (isOver) {
        talk.input.end()
        wait()
      } else if (!talk.cancel.aborted) {
        clearTimeout(timer)
        timer = undefined
      }
    },
    clear() {
      clearTimeout(timer)
      talk.cancel.removeEventListener('abort', onCancel)
    },
  }
}

/** Says how a turn ended by what the agent said of it, before and after somebody asked it to stop. */
function endOf(said: Verdict | undefined, { cancelled, lastWords }: { readonly cancelled: boolean; readonly lastWords: string | undefined }): TurnEnd {
  // Work that was done before the wish to stop came is done.
  if (cancelled && said?.stop !== 'done') return { stop: 'cancelled', because: 'It was asked to stop', source: said?.stop === 'cancelled' ? 'event' : 'inferred' }
  if (said !== undefined) return { ...said, source: 'event', where: said.stop === 'error' || said.stop === 'quota' ? 'model' : undefined }
  const words = lastWords === undefined ? '' : `; its last words: ${lastWords}`
  return { stop: 'lost', because: `Its output ended before it said how its turn did${words}`, source: 'exit' }
}
