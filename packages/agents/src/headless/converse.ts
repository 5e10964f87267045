import type { AgentEventOf, Conversation, ConversationEnd } from '@signalbox/core'
import { isObject } from './json.ts'
import { readLines, type Line } from './lines.ts'
import type { Ask, LineParser, Retry, Verdict } from './parser.ts'
import { clip } from './tool-call.ts'
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
    return conclude(talk, { parser, inTime, lastWords })
  }
}

interface Hearing {
  readonly parser: LineParser
  readonly turn: Turn
  readonly asks: Asks
  readonly talk: Conversation
}

/** Takes one line in; returns it when it is plain text, for that may be all a program says before it gives up. */
function hear(line: Line, { parser, turn, asks, talk }: Hearing): string | undefined {
  if (line.kind === 'long') {
    turn.tell({ type: 'notice', level: 'warning', text: `A line of ${line.bytes} bytes was left out; it begins ${JSON.stringify(clip(line.head, 100))}` })
    return undefined
  }
  const value = parseLine(line.text)
  if (!isObject(value)) {
    turn.tell({ type: 'unknown', name: 'text', raw: clip(line.text) })
    return line.text
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
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: a warning of its runtime, or words for humans.
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

interface Asks {
  ask(ask: Ask): void
  withdraw(id: string): void
  /** Rejects when a question could not be put. */
  readonly failed: Promise<never>
  close(): void
}

/** Puts questions to whoever decides, while the agent is read on, and writes what they answer. */
function createAsks(talk: Conversation, turn: Turn): Asks {
  let reject: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, fail) => (reject = fail))
  const open = new Map<string, { readonly ask: Ask; readonly withdrawn: AbortController }>()
  const told = ({ request }: Ask, state: AgentEventOf<'permission'>['state']): void => turn.tell({ type: 'permission', id: request.id, tool: request.tool, title: request.title, state })
  const toolIs = ({ request }: Ask, status: AgentEventOf<'tool'>['status']): void => {
    if (request.tool !== null) turn.tell({ type: 'tool', id: request.tool, status })
  }

  async function put(ask: Ask, { signal }: AbortController): Promise<void> {
    const answer = await talk.askPermission(ask.request, signal)
    // Taken back meanwhile, or the conversation is over.
    if (open.get(ask.request.id)?.ask !== ask) return
    open.delete(ask.request.id)
    told(ask, answer.kind === 'allow' ? 'allowed' : answer.kind === 'refuse' ? 'refused' : 'cancelled')
    toolIs(ask, answer.kind === 'allow' ? 'running' : 'refused')
    talk.input.write(ask.reply(answer))
  }

  function withdraw(id: string): void {
    const found = open.get(id)
    open.delete(id)
    if (found === undefined) return
    told(found.ask, 'cancelled')
    found.withdrawn.abort()
  }

  return {
    failed,
    ask(ask) {
      const withdrawn = new AbortController()
      // Asked again under the same id, the earlier one is nobody's question any more.
      withdraw(ask.request.id)
      open.set(ask.request.id, { ask, withdrawn })
      toolIs(ask, 'waiting')
      told(ask, 'asked')
      put(ask, withdrawn).catch(reject)
    },
    withdraw,
    close() {
      for (const { ask } of open.values()) told(ask, 'cancelled')
      open.clear()
    },
  }
}

interface Heard {
  readonly parser: LineParser
  /** What was said of its end before anybody asked it to stop. */
  readonly inTime: Verdict | undefined
  readonly lastWords: string | undefined
}

/** Says how the turn ended: to who listens, and to who called. */
function conclude(talk: Conversation, { parser, inTime, lastWords }: Heard): ConversationEnd {
  const said = talk.cancel.aborted ? inTime : parser.verdict()
  const { stop, because, retry } = judge(said, talk.cancel.aborted, lastWords)
  const retryAt = retry === undefined ? undefined : instantOf(retry)
  if (stop === 'error' || stop === 'quota') talk.emit({ type: 'error', where: 'model', text: because, ...(retryAt === undefined ? {} : { retryAt }) })
  talk.emit({ type: 'turn', stop, because, source: said !== undefined && said.stop === stop ? 'event' : stop === 'cancelled' ? 'inferred' : 'exit' })
  return { stop, because, session: parser.session(), ...(retryAt === undefined ? {} : { retryAt }) }
}

function judge(said: Verdict | undefined, cancelled: boolean, lastWords: string | undefined): Verdict {
  // Work that was done before the wish to stop came is done.
  if (cancelled && said?.stop !== 'done') return { stop: 'cancelled', because: 'It was asked to stop' }
  if (said !== undefined) return said
  const words = lastWords === undefined ? '' : `; its last words: ${clip(lastWords, 300)}`
  return { stop: 'lost', because: `Its output ended before it said how its turn did${words}` }
}

function instantOf(retry: Retry): string {
  return 'at' in retry ? retry.at : new Date(Date.now() + retry.afterMs).toISOString()
}
