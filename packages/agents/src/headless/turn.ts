import type { AgentEvent } from '@signalbox/core'
import { keepNewest } from '../output/keep-newest.ts'

/** Hands on what happens in a turn, and knows what is still open in it. */
export interface Turn {
  tell(event: AgentEvent): void
  /** Closes what is open: text that was to go on, and tool calls that never said how they did. */
  close(): void
}

/** Open calls that are remembered, to be told as abandoned. No agent has as many at a time. */
const mostTools = 10_000

/** Starts a turn. */
export function createTurn(emit: (event: AgentEvent) => void): Turn {
  const openTools = new Set<string>()
  let hasSession = false
  let openText: 'message' | 'thought' | undefined

  function closeText(next: AgentEvent['type'] | undefined): void {
    if (openText === undefined || openText === next) return
    emit({ type: openText, text: '', partial: false })
    openText = undefined
  }

  return {
    tell(event) {
      // A turn is held in one: it is known by what was said first.
      if (event.type === 'session' && hasSession) return
      hasSession ||= event.type === 'session'
      closeText(event.type)
      if (event.type === 'message' || event.type === 'thought') openText = event.partial ? event.type : undefined
      if (event.type === 'tool') {
        if (['proposed', 'waiting', 'running'].includes(event.status)) openTools.add(event.id)
        else openTools.delete(event.id)
        keepNewest(openTools, mostTools)
      }
      emit(event)
    },
    close() {
      closeText(undefined)
      for (const id of openTools) emit({ type: 'tool', id, status: 'abandoned' })
      openTools.clear()
    },
  }
}
