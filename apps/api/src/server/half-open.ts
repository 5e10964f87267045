import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Connections that may be open without a whole request having come in; beyond, the oldest are ended early. */
const most = 256

/** Milliseconds every connection gets. Hundreds of pages that come back at once all ask within it. */
const graceMs = 1_000

/** Milliseconds between two lines about it in the log. */
const noteMs = 1_000

/** Keeps the number of connections that ask for nothing within bounds, and tells of those it ended, at most a line a second. */
export function watchHalfOpen(server: Server, note: (line: string) => void): void {
  const waiting = new Map<Socket, number>()
  const tell = noteCounted(note)
  const endOldest = (): void => {
    for (const [socket, since] of waiting) {
      if (waiting.size <= most || performance.now() - since < graceMs) return
      waiting.delete(socket)
      socket.destroy()
      tell()
    }
  }
  server.on('connection', (socket: Socket) => {
    waiting.set(socket, performance.now())
    socket.once('close', () => waiting.delete(socket))
    endOldest()
  })
  server.prependListener('request', ({ socket }) => waiting.delete(socket))
}

/** Returns what counts an end; the count is told after a while. */
function noteCounted(note: (line: string) => void): () => void {
  let ended = 0
  let telling: NodeJS.Timeout | undefined
  return () => {
    ended += 1
    telling ??= setTimeout(() => {
      note(`${ended} connections that asked for nothing were ended`)
      ended = 0
      telling = undefined
    }, noteMs).unref()
  }
}
