import type { Socket } from 'node:net'
import { openSockets, requestOf } from './sockets.ts'

/** One event as a reader got it. */
export interface Got {
  /** Counts up by one in each stream. */
  readonly number: number
  /** When it was made, in milliseconds since the epoch. */
  readonly made: number
}

/** A reader of the global event stream. It throws if events are missing, twice or in another order. */
export interface Reader {
  /** Number of the last event; undefined before the first. */
  last(): number | undefined
  /** Goes away without a word. */
  leave(): void
  /** Comes back and asks for what it has not got. */
  comeBack(): Promise<void>
}

/** Where the stream is, and what it takes to read it. */
export interface Stream {
  readonly port: number
  readonly token: string
}

/** Opens many readers at once; `onEvent` is told of every event of each. */
export async function openReaders({ port, token }: Stream, count: number, onEvent: (got: Got) => void): Promise<readonly Reader[]> {
  const request = (id: string | undefined): string =>
    requestOf(port, '/api/events', { accept: 'text/event-stream', authorization: `Bearer ${token}`, ...(id === undefined ? {} : { 'last-event-id': id }) })
  const sockets = await openSockets(port, count)
  return sockets.map((first) => {
    let socket = first
    let id: string | undefined
    let last: number | undefined
    const listen = (): void => {
      readFrames(socket, (frame) => {
        const number = numberOf(frame.id)
        id = frame.id
        if (frame.isReset) throw new Error(`after event ${last} came a reset`)
        if (frame.made === undefined) return
        if (last !== undefined && number !== last + 1) throw new Error(`after event ${last} came ${number}`)
        last = number
        onEvent({ number, made: frame.made })
      })
      socket.write(request(id))
    }
    listen()
    return {
      last: () => last,
      leave: () => socket.destroy(),
      comeBack: async () => {
        const [next] = await openSockets(port, 1)
        if (next === undefined) throw new Error('no connection was opened')
        socket = next
        listen()
      },
    }
  })
}

interface Frame {
  readonly id: string
  readonly made: number | undefined
  readonly isReset: boolean
}

/** Cuts what arrives into frames with an id. Sizes of chunks come between lines and are no part of one. */
function readFrames(socket: Socket, onFrame: (frame: Frame) => void): void {
  let rest = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    const frames = (rest + text).split('\n\n')
    rest = frames.pop() ?? ''
    for (const frame of frames) {
      const [, id] = /^id: (\S+)$/m.exec(frame) ?? []
      const [, at] = /"at":"([^"]+)"/.exec(frame) ?? []
      if (id !== undefined) onFrame({ id, made: at === undefined ? undefined : Date.parse(at), isReset: /^event: reset$/m.test(frame) })
    }
  })
}

/** The ids of the global stream are `epoch:number`. */
function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf(':') + 1))
}
