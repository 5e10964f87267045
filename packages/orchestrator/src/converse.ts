import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, type Conversation, type ConversationEnd } from '@signalbox/core'

/** What a conversation has of the program it is about. */
export type Pipes = Pick<Conversation, 'input' | 'output' | 'cancel'>

/** A conversation under way. */
export interface Talk {
  /** Resolves when it is over, whyever; never rejects. */
  readonly end: Promise<ConversationEnd>
  /** Asks it to come to its end, and waits for that, but not for long. */
  cancel(): Promise<void>
  /** The program is gone: waits for what its adapter makes of that, but not for long. */
  finish(): Promise<ConversationEnd>
}

/** Bytes that wait to be read by a program. One that asks and asks, and reads none of the answers, is told no more. */
const unreadBytes = 8 << 20

/** Milliseconds an agent gets to end politely. */
const politeMs = 5_000

/** Milliseconds an adapter gets to make up its mind about a program that is gone. */
const lastWordMs = 2_000

/** Begins to converse with a started program; `heard` is told whenever it writes something. */
export function startTalk(child: ChildProcessByStdio<Writable, Readable, Readable>, converse: (pipes: Pipes) => Promise<ConversationEnd>, heard: () => void): Talk {
  const over = new AbortController()
  // Whoever writes to a program that just ended is told so by the end of its output.
  child.stdin.on('error', () => undefined)
  const input = {
    write: (text: string) => {
      if (child.stdin.writableLength > unreadBytes) child.stdin.destroy()
      if (child.stdin.writable) child.stdin.write(text)
    },
    end: () => void child.stdin.end(),
  }
  const end = converse({ input, output: listen(child.stdout, heard), cancel: over.signal }).catch((error: unknown): ConversationEnd => ({ stop: 'error', because: `its adapter failed: ${messageOf(error)}`, session: undefined }))
  return {
    end,
    cancel: async () => {
      over.abort()
      await Promise.race([end, delay(politeMs, undefined, { ref: false })])
    },
    finish: async () => {
      child.stdout.destroy()
      const silent: ConversationEnd = { stop: 'lost', because: 'its adapter did not say how it ended', session: undefined }
      return Promise.race([end, delay(lastWordMs, silent, { ref: false })])
    },
  }
}

async function* listen(stream: Readable, heard: () => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      heard()
      yield chunk
    }
  } catch (error) {
    // We let go of the pipe ourselves once nothing of the program lives.
    if (!stream.destroyed) throw error
  }
}
