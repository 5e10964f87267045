import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Connections that may be open without a whole request having come in. Beyond, the oldest go: whoever means something has asked by then. */
const most = 256

/** Milliseconds between two lines about it in the log. */
const noteMs = 1_000

/** Keeps the number of connections that ask for nothing within bounds, and tells of those it ended, at most a line a second. */
export function watchHalfOpen(server: Server, note: (line: string) => void): void {
  const waiting = new Set<Socket>()
  let ended = 0
  let noting: NodeJS.Timeout | undefined
  const end = (socket: Socket): void => {
    waiting.delete(socket)
    socket.destroy()
    ended += 1
    noting ??= setTimeout(() => {
      note(`${ended} connections that asked for nothing were ended`)
      ended = 0
      noting = undefined
    }, noteMs).unref()
  }
  server.on('connection', (socket: Socket) => {
    waiting.add(socket)
    socket.once('close', () => waiting.delete(socket))
    const [oldest] = waiting
    if (waiting.size > most && oldest !== undefined) end(oldest)
  })
  server.prependListener('request', ({ socket }) => waiting.delete(socket))
}
