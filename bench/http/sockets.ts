import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Returns the text of a GET request. */
export function requestOf(port: number, path: string, headers: Readonly<Record<string, string>>): string {
  return [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
}

/** Opens connections that are ready to be written to. */
export function openSockets(port: number, count: number): Promise<readonly Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.on('error', () => socket.destroy())
      await once(socket, 'connect')
      return socket
    }),
  )
}

/** Sends a request again and again over each connection, until `total` were answered. */
export async function askRepeatedly(sockets: readonly Socket[], request: string, total: number): Promise<void> {
  let left = total
  await Promise.all(
    sockets.map(async (socket) => {
      while (left > 0) {
        left -= 1
        socket.write(request)
        await readAnswer(socket)
      }
    }),
  )
}

/** Reads one answer whose length its head says. */
function readAnswer(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let got = 0
    let wanted: number | undefined
    const take = (chunk: Buffer): void => {
      got += chunk.length
      wanted ??= lengthOf(chunk)
      if (got < wanted) return
      socket.off('data', take)
      socket.off('close', reject)
      resolve()
    }
    socket.on('data', take)
    socket.once('close', reject)
  })
}

function lengthOf(head: Buffer): number {
  const text = head.toString('latin1', 0, 2_048)
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1]
  if (!text.startsWith('HTTP/1.1 200') || length === undefined) throw new Error(`not the answer that was asked for: ${text}`)
  return text.indexOf('\r\n\r\n') + 4 + Number(length)
}

/** Counts the frames of event streams that arrive. */
export function countFrames(sockets: readonly Socket[]): { readonly count: () => number } {
  let frames = 0
  for (const socket of sockets) {
    let endsLine = false
    socket.on('data', (chunk: Buffer) => {
      if (endsLine && chunk[0] === 0x0a) frames += 1
      for (let at = chunk.indexOf('\n\n'); at !== -1; at = chunk.indexOf('\n\n', at + 2)) frames += 1
      endsLine = chunk.at(-1) === 0x0a && chunk.at(-2) !== 0x0a
    })
  }
  return { count: () => frames }
}
