import type { AgentEvent } from '@signalbox/core'

/** Hands on what happens in a turn, and knows what is still open in it. */
export interface Turn {
  tell(event: AgentEvent): void
  /** Closes what is open: text that was to go on, and tool calls that never said how they did. */
  close(): void
}

/** Starts a turn. */
export function createTurn(emit: (event: AgentEvent) => void): Turn {
  const openTools = new Set<string>()
  let openText: 'message' | 'thought' | undefined

  function closeText(next: AgentEvent['type'] | undefined): void {
    if (openText === undefined || openText === next) return
    emit({ type: openText, text: '', partial: false })
    openText = undefined
  }

  return {
    tell(event) {
      closeText(event.type)
      if (event.type === 'message' || event.type === 'thought') openText = event.partial ? event.type : undefined
      if (event.type === 'tool') {
        if (['proposed', 'waiting', 'running'].includes(event.status)) openTools.add(event.id)
        else openTools.delete(event.id)
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
