import type { AgentEvent } from '@signalbox/core'
import { clip } from '../output/clip.ts'
import { asId, asObjects, asText, lookUp, type Json } from '../output/json.ts'
import { planIn } from '../output/plan.ts'
import type { AcpQuirks } from './profile.ts'
import { createToolCalls, type ToolCalls } from './tool-calls.ts'
import { readTokens, readUsageUpdate } from './usage.ts'

/** Turns what an agent says in one turn into events. */
export interface Translator {
  readonly tools: ToolCalls
  /** Takes the `update` of a `session/update`; `line` is the message as it was written. */
  update(update: Json, line: string): void
  /** Closes a message that is still going on. */
  closeText(): void
  /** Everything of the last message, up to a length that errors have. */
  lastText(): string
}

/** Characters kept of a line that is not understood, and of the last message. */
export const mostRaw = 16_000
const mostLast = 4_000

/** Said of every session, and of no interest to its record: what commands and options there are, titles, and the prompt told back. */
const quiet: ReadonlySet<string> = new Set(['available_commands_update', 'session_info_update', 'user_message_chunk'])

export function createTranslator(quirks: AcpQuirks, emit: (event: AgentEvent) => void): Translator {
  const tools = createToolCalls(quirks)
  let open: { readonly type: 'message' | 'thought'; readonly id: string | undefined } | undefined
  let last = ''

  function closeText(): void {
    if (open !== undefined) emit({ type: open.type, text: '', partial: false })
    open = undefined
  }

  function addText(type: 'message' | 'thought', update: Json): void {
    const text = asText(lookUp(update, 'content', 'text'))
    if (text === undefined) return
    const id = asId(update['messageId'])
    if (open?.type !== type || open.id !== id) {
      closeText()
      if (type === 'message') last = ''
    }
    open = { type, id }
    if (type === 'message' && last.length < mostLast) last = clip(last + text, mostLast)
    emit({ type, text, partial: true })
  }

  function note(event: AgentEvent | undefined): void {
    if (event === undefined) return
    closeText()
    emit(event)
  }

  return {
    tools,
    closeText,
    lastText: () => last,
    update(update, line) {
      const kind = update['sessionUpdate']
      switch (kind) {
        case 'agent_message_chunk':
        case 'agent_thought_chunk': {
          addText(kind === 'agent_message_chunk' ? 'message' : 'thought', update)
          const tokens = readTokens(lookUp(update, '_meta', 'usage'), 'step', quirks.cachedApart)
          if (tokens !== undefined) emit(tokens)
          return
        }
        case 'tool_call':
        case 'tool_call_update':
          return note(tools.take(update))
        case 'plan':
          return note(planIn(update['entries']))
        case 'usage_update': {
          const usage = readUsageUpdate(update)
          if (usage !== undefined) emit(usage)
          return
        }
        case 'notice':
          return note({ type: 'notice', level: update['severity'] === 'info' ? 'info' : 'warning', text: [asText(update['title']), asText(update['description'])].filter((text) => text !== undefined).join(': ') })
        case 'current_mode_update':
          return noteMode(asText(update['currentModeId']))
        case 'config_option_update':
          return noteMode(asObjects(update['configOptions']).flatMap((option) => (option['category'] === 'mode' || option['id'] === 'mode' ? [asText(option['currentValue'])] : []))[0])
        default:
          if (typeof kind !== 'string' || !quiet.has(kind)) note({ type: 'unknown', name: typeof kind === 'string' ? clip(kind, 100) : 'session/update', raw: clip(line, mostRaw) })
      }
    },
  }

  /** In another mode than ours it may ask less than it was told to. */
  function noteMode(mode: string | undefined): void {
    if (mode !== undefined && quirks.mode !== undefined && mode !== quirks.mode.id) note({ type: 'notice', level: 'warning', text: `It went over to its mode ${clip(mode, 100)}; it was set to ${quirks.mode.id}` })
  }
}
