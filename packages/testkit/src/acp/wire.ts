import { createInterface } from 'node:readline'

/** A message of JSON-RPC, as either side writes it. */
export interface Message {
  readonly id?: string | number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: unknown
  readonly error?: { readonly code?: number; readonly message?: string }
}

/** The other end of the standard streams of this process. */
export interface Wire {
  send(message: Message): void
  /** The next message of the other side; `undefined` once there is none. */
  next(): Promise<Message | undefined>
}

/** Talks JSON-RPC in lines over this process's standard streams. */
export function openWire(): Wire {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  return {
    send: (message) => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    async next() {
      const { done, value } = await lines.next()
      return done === true ? undefined : (JSON.parse(value) as Message)
    },
  }
}
