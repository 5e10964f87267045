import { setTimeout as delay } from 'node:timers/promises'
import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { SecureListener, SecureResponse } from './secure-response.ts'

/** Milliseconds a call under way gets to end: a landing of many repos takes seconds, and a kill is settled by the next start. */
const graceMs = 10_000

/** Remembers the answers under way, so that an end of the server is in order. */
export function trackExchanges(handle: RequestListener): { readonly handle: SecureListener; readonly end: (servers: readonly Server[]) => Promise<void> } {
  /** The last of each connection: those before it on the same one are answered before it. */
  const last = new Map<Socket, SecureResponse>()
  const underWay = (): readonly SecureResponse[] => [...last.values()].filter(({ writableFinished, destroyed }) => !writableFinished && !destroyed)
  return {
    handle: (request, response) => {
      const { socket } = request
      if (!last.has(socket)) socket.once('close', () => last.delete(socket))
      last.set(socket, response)
      handle(request, response)
    },
    end: async (servers) => {
      for (const server of servers) server.close()
      for (const response of underWay()) if (response.isStream) response.destroy()
      const until = performance.now() + graceMs
      while (underWay().length > 0 && performance.now() < until) await delay(20)
      for (const server of servers) server.closeAllConnections()
    },
  }
}
