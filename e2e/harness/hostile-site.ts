import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { foreignHost } from './browser.ts'

/** A site of somebody who wants to get at the page of the person who visits both. */
export interface HostileSite {
  /** The same site under every name the person's browser may know it by. */
  readonly origins: readonly string[]
  close(): Promise<void>
}

/** Serves an empty page, with no policy that would hold its scripts back, on a port of its own: as agents start servers while they work. */
export async function openHostileSite(): Promise<HostileSite> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'access-control-allow-origin': '*' }).end('<!doctype html><title>hostile</title><body></body>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origins: ['127.0.0.1', 'localhost', foreignHost].map((host) => `http://${host}:${port}`),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
