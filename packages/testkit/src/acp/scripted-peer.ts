import { PassThrough } from 'node:stream'
import type { Message } from './wire.ts'

/** The other end of a conversation in JSON-RPC, in this process: for what no program says on purpose. */
export interface ScriptedPeer {
  readonly output: AsyncIterable<Uint8Array>
  readonly input: { write(text: string): void; end(): void }
  /** What was written to it, in order. */
  readonly heard: readonly Message[]
  /** Says a message, or exactly these bytes. Resolves once they were taken. */
  say(said: Message | string | Uint8Array): Promise<void>
  /** Ends its output. */
  end(): void
}

/** Starts one that does `serve` for each message it gets. */
export function scriptPeer(serve: (message: Message, peer: ScriptedPeer) => void): ScriptedPeer {
  const output = new PassThrough()
  const heard: Message[] = []
  const peer: ScriptedPeer = {
    output,
    heard,
    input: {
      write(text) {
        for (const line of text.trim().split('\n')) {
          const message = JSON.parse(line) as Message
          heard.push(message)
          serve(message, peer)
        }
      },
      end: () => {},
    },
    say: (said) =>
      new Promise((taken) => {
        output.write(typeof said === 'string' || said instanceof Uint8Array ? said : `${JSON.stringify({ jsonrpc: '2.0', ...said })}\n`, () => taken())
      }),
    end: () => void output.end(),
  }
  return peer
}
