import { sayAgentEvent, type AgentEvent, type AgentEventOf } from '@signalbox/core'
import type { Transcript } from './transcript.ts'

/** Characters of a line that are waited for: one without end is written in pieces. */
const lineLimit = 16_384

/** Calls that are remembered, for what is told of them later. */
const callLimit = 1_000

/** Writes what an agent says and does to the transcript of its run. */
export interface AgentLines {
  write(event: AgentEvent): void
  /** Writes what is left of words that were not ended. */
  end(): void
}

/** Returns the writer of one conversation. Words that come in pieces are put together to lines. */
export function createAgentLines(transcript: Pick<Transcript, 'writeAgent'>): AgentLines {
  let words: AgentEventOf<'message' | 'thought'> | undefined
  /** Calls as far as they were told: each word about one says only what is new. */
  const calls = new Map<string, AgentEventOf<'tool'>>()

  function end(): void {
    if (words !== undefined && words.text !== '') transcript.writeAgent(words.type, words.text)
    words = undefined
  }

  function take(event: AgentEventOf<'message' | 'thought'>): void {
    if (words?.type !== event.type) end()
    const text = (words?.text ?? '') + event.text
    const at = text.lastIndexOf('\n')
    if (at >= 0) transcript.writeAgent(event.type, text.slice(0, at))
    let rest = text.slice(at + 1)
    for (; rest.length > lineLimit; rest = rest.slice(lineLimit)) transcript.writeAgent(event.type, rest.slice(0, lineLimit))
    words = { ...event, text: rest }
    if (!event.partial) end()
  }

  function known(event: AgentEventOf<'tool'>): AgentEventOf<'tool'> {
    const { output: _output, ...call } = { ...calls.get(event.id), ...event }
    calls.delete(event.id)
    calls.set(event.id, call)
    const [oldest] = calls.keys()
    if (calls.size > callLimit && oldest !== undefined) calls.delete(oldest)
    return call
  }

  return {
    write: (event) => {
      if (event.type === 'message' || event.type === 'thought') return take(event)
      end()
      transcript.writeAgent(event.type, sayAgentEvent(event.type === 'tool' ? known(event) : event), event)
    },
    end,
  }
}
