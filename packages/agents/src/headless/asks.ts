import type { AgentEventOf, Conversation } from '@signalbox/core'
import { refuseUnasked } from '../output/undecidable.ts'
import type { Ask } from './parser.ts'
import type { Turn } from './turn.ts'

/** What an agent asks to be allowed, from question to answer. */
export interface Asks {
  ask(ask: Ask): void
  withdraw(id: string): void
  /** Rejects when a question could not be put. */
  readonly failed: Promise<never>
  close(): void
}

/** Puts questions to whoever decides, while the agent is read on, and writes what they answer. */
export function createAsks(talk: Conversation, turn: Turn): Asks {
  let reject: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, fail) => (reject = fail))
  const open = new Map<Ask, AbortController>()
  const told = ({ request }: Ask, state: AgentEventOf<'permission'>['state']): void => turn.tell({ type: 'permission', id: request.id, tool: request.tool, title: request.title, state })
  const toolIs = ({ request }: Ask, status: AgentEventOf<'tool'>['status']): void => {
    if (request.tool !== null) turn.tell({ type: 'tool', id: request.tool, status })
  }

  async function put(ask: Ask, { signal }: AbortController): Promise<void> {
    const answer = await talk.askPermission(ask.request, signal)
    // Taken back meanwhile, or the conversation is over.
    if (!open.delete(ask)) return
    told(ask, answer.kind === 'allow' ? 'allowed' : answer.kind === 'refuse' ? 'refused' : 'cancelled')
    toolIs(ask, answer.kind === 'allow' ? 'running' : 'refused')
    talk.input.write(ask.reply(answer))
  }

  return {
    failed,
    ask(ask) {
      const because = refuseUnasked(ask.isCut, open.size)
      if (because !== undefined) {
        turn.tell({ type: 'notice', level: 'warning', text: `${because}, so it was refused: ${ask.request.title}` })
        told(ask, 'refused')
        toolIs(ask, 'refused')
        return talk.input.write(ask.reply({ kind: 'refuse', because }))
      }
      const withdrawn = new AbortController()
      open.set(ask, withdrawn)
      toolIs(ask, 'waiting')
      told(ask, 'asked')
      put(ask, withdrawn).catch(reject)
    },
    withdraw(id) {
      for (const [ask, withdrawn] of open) {
        if (ask.request.id !== id) continue
        told(ask, 'cancelled')
        open.delete(ask)
        withdrawn.abort()
      }
    },
    close() {
      for (const ask of open.keys()) told(ask, 'cancelled')
      open.clear()
    },
  }
}
