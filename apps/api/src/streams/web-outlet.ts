import { maxBehind, type Outlet } from './outlet.ts'

/** Returns an outlet onto the body of a web response, for every runtime but Node's own servers. */
export function openWebOutlet(): { readonly outlet: Outlet; readonly body: ReadableStream<Uint8Array> } {
  const closing: (() => void)[] = []
  let draining: (() => void)[] = []
  let closed = false
  let sink: ReadableStreamDefaultController<Uint8Array> | undefined

  function close(): void {
    if (closed) return
    closed = true
    for (const told of [...closing, ...draining]) told()
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        sink = controller
      },
      pull: () => {
        const waiting = draining
        draining = []
        for (const resolve of waiting) resolve()
      },
      cancel: close,
    },
    { highWaterMark: maxBehind, size: (chunk) => chunk.byteLength },
  )

  const room = (): number => sink?.desiredSize ?? 0
  const destroy = (): void => {
    if (closed) return
    sink?.error(new Error('The reader fell too far behind'))
    close()
  }
  return {
    body,
    outlet: {
      write: (chunk) => {
        if (closed) return
        if (room() < 0) destroy()
        else sink?.enqueue(chunk)
      },
      drained: async () => {
        if (closed || room() === maxBehind) return
        await new Promise<void>((resolve) => draining.push(resolve))
      },
      isClosed: () => closed,
      onClose: (told) => (closed ? told() : void closing.push(told)),
      destroy,
    },
  }
}
