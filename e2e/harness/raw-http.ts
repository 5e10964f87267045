import { connect, type Socket } from 'node:net'

/** An answer as it came over the wire. */
export interface RawAnswer {
  /** Undefined when the connection ended without one. */
  readonly status: number | undefined
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Every byte of it. */
  readonly text: string
}

/** Milliseconds an answer may take before the test calls it none. */
const patienceMs = 10_000

/** Opens a connection, which fetch never shows. Its errors are no error of a test: a server may cut it. */
export async function open(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host)
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
  return socket
}

/** Sends bytes exactly as they are and returns the first answer; what fetch would never send can be sent here. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = await open(port)
  socket.write(bytes)
  const text = await readAnswer(socket)
  socket.destroy()
  return parseAnswer(text)
}

/** Sends a request of these lines, with an empty line behind them, and a body. */
export function sendLines(port: number, lines: readonly string[], body = ''): Promise<RawAnswer> {
  return sendRaw(port, `${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** Reads until an answer is whole by its own length, or the connection ends. */
function readAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const timer = setTimeout(() => resolve(text), patienceMs)
    const end = (): void => {
      clearTimeout(timer)
      resolve(text)
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const { headers, body, status } = parseAnswer(text)
      if (status !== undefined && status >= 200 && body.length >= Number(headers['content-length'] ?? Number.POSITIVE_INFINITY)) end()
    })
    socket.once('close', end)
  })
}

function parseAnswer(text: string): RawAnswer {
  const at = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = (at === -1 ? '' : text.slice(0, at)).split('\r\n')
  const status = /^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  return { status: status === undefined ? undefined : Number(status), headers, body: at === -1 ? '' : text.slice(at + 4), text }
}
