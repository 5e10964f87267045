import { maxBehind, type Outlet } from './outlet.ts'

/** What is used of Node's outgoing response. Named here because this code is also bundled for other runtimes. */
export interface NodeResponse {
  readonly destroyed: boolean
  readonly writableLength: number
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown
  flushHeaders(): void
  write(chunk: Uint8Array): boolean
  on(event: 'close' | 'drain', listener: () => void): unknown
  once(event: 'close' | 'drain', listener: () => void): unknown
  destroy(): unknown
}

/** Returns Node's own response if the app is served by one of Node's servers; undefined elsewhere. */
export function nodeResponseOf(env: unknown): NodeResponse | undefined {
  const outgoing: unknown = typeof env === 'object' && env !== null && 'outgoing' in env ? env.outgoing : undefined
  return isNodeResponse(outgoing) ? outgoing : undefined
}

/**
 * Returns an outlet straight onto Node's response. Ready bytes skip the web stream in between, whose promises per
 * chunk and reader cost several times the write itself.
 */
export function openNodeOutlet(response: NodeResponse, headers: Headers): Outlet {
  let full = false
  let waiting: (() => void)[] = []
  const goOn = (): void => {
    full = false
    for (const resolve of waiting) resolve()
    waiting = []
  }
  response.on('drain', goOn)
  response.once('close', goOn)
  response.writeHead(200, Object.fromEntries(headers))
  response.flushHeaders()
  return {
    write: (chunk) => {
      if (response.writableLength > maxBehind) response.destroy()
      else if (!response.destroyed) full = !response.write(chunk)
    },
    drained: async () => {
      if (full && !response.destroyed) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    isClosed: () => response.destroyed,
    onClose: (closed) => (response.destroyed ? closed() : void response.once('close', closed)),
    destroy: () => void response.destroy(),
  }
}

function isNodeResponse(value: unknown): value is NodeResponse {
  return typeof value === 'object' && value !== null && 'writeHead' in value && 'flushHeaders' in value && 'writableLength' in value
}
