import { sayAgentEvent, type AgentEvent, type AgentEventOf } from '@signalbox/core'
import { cutText, type Transcript } from './transcript.ts'

/** Calls of which is remembered what was told. Many more than any agent has open at a time; one that never ends would fill the memory. */
const mostCalls = 500

/** Writes what an agent says and does to the transcript of its run. */
export interface AgentLines {
  write(event: AgentEvent): void
  /** Writes what is left of words that were not ended. */
  end(): void
}

/** Returns the writer of one conversation. Words that come in pieces are put together to lines. */
export function createAgentLines(transcript: Pick<Transcript, 'writeAgent'>): AgentLines {
  let words: { readonly type: AgentEvent['type']; readonly lines: ReturnType<typeof cutText> } | undefined
  /** Calls as far as they were told: each word about one says only what is new. */
  const calls = new Map<string, AgentEventOf<'tool'>>()

  function end(): void {
    words?.lines.end()
    words = undefined
  }

  function take({ type, text, partial }: AgentEventOf<'message' | 'thought'>): void {
    if (words?.type !== type) end()
    words ??= { type, lines: cutText((lines) => transcript.writeAgent(type, lines)) }
    words.lines.write(text)
    if (!partial) end()
  }

  function known(event: AgentEventOf<'tool'>): AgentEventOf<'tool'> {
    const { output: _output, ...call } = { ...calls.get(event.id), ...event }
    calls.delete(event.id)
    calls.set(event.id, call)
    for (const oldest of calls.keys()) {
      if (calls.size <= mostCalls) break
      calls.delete(oldest)
    }
    return call
  }

  return {
    write: (event) => {
      if (event.type === 'message' || event.type === 'thought') return take(event)
      end()
      transcript.writeAgent(event.type, sayAgentEvent(event.type === 'tool' ? known(event) : event).split('\n'), event)
    },
    end,
  }
}
