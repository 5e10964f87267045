import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** One open event stream and what it has said so far. */
export interface ReadStream {
  readonly frames: readonly EventSourceMessage[]
  /** Ids in order, those without data too. */
  readonly ids: readonly string[]
  readonly ended: Promise<void>
  close(): void
}

type Fetch = (url: string, init: RequestInit) => Response | Promise<Response>

/** Opens an event stream and reads it until it ends or is closed. */
export async function readStream(url: string, headers: Readonly<Record<string, string>> = {}, send: Fetch = fetch): Promise<ReadStream> {
  const controller = new AbortController()
  const response = await send(url, { headers: { accept: 'text/event-stream', ...headers }, signal: controller.signal })
  if (response.status !== 200 || response.body === null) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  const frames: EventSourceMessage[] = []
  const ids: string[] = []
  const parser = createParser({ onId: (id) => ids.push(id), onEvent: (frame) => frames.push(frame) })
  const reader = response.body.getReader()
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder()
    for (let part = await reader.read(); !part.done; part = await reader.read()) parser.feed(decoder.decode(part.value, { stream: true }))
  }
  // Cut off by either side is an end like any other here.
  const ended = read().catch(() => undefined)
  return {
    frames,
    ids,
    ended,
    close: () => {
      reader.cancel().catch(() => undefined)
      controller.abort()
    },
  }
}
