import { setTimeout as delay } from 'node:timers/promises'
import type { RequestListener, Server, ServerResponse } from 'node:http'

/** Milliseconds a call under way gets to end: a landing of many repos takes seconds, and a kill is settled by the next start. */
const graceMs = 10_000

/** Keeps count of the answers under way, so that an end of the server is in order. */
export function trackExchanges(handle: RequestListener): { readonly handle: RequestListener; readonly end: (servers: readonly Server[]) => Promise<void> } {
  const open = new Set<ServerResponse>()
  return {
    handle: (request, response) => {
      open.add(response)
      response.once('close', () => open.delete(response))
      handle(request, response)
    },
    end: async (servers) => {
      for (const server of servers) server.close()
      for (const response of open) if (isStream(response)) response.destroy()
      const until = performance.now() + graceMs
      while (open.size > 0 && performance.now() < until) await delay(20)
      for (const server of servers) server.closeAllConnections()
    },
  }
}

/** A stream of events never ends by itself; its reader comes back with the id of what it saw last. */
function isStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type')).startsWith('text/event-stream')
}
