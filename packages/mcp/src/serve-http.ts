import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server'
import { judge, toolPath, type Turned } from './guard.ts'
import { createMcpServer, type ServerInfo } from './mcp-server.ts'
import { createSessions } from './sessions.ts'
import type { Tool } from './tool.ts'

/** Bytes that a request may have. */
const maxRequestBodySize = 1 << 20

/** Connections at once: an agent and its helpers have a few. */
const connectionLimit = 64

/** Milliseconds a client has to send a request; what answers it may take as long as it likes. */
const sendMs = 30_000

/** A tool server that listens. */
export interface Serving {
  readonly url: string
  /** Ends what is under way, and listens no more. */
  close(): Promise<void>
}

/** Serves tools over HTTP on a free port of 127.0.0.1, to whoever brings the token. Never to a web page: there are no CORS headers, and an Origin is refused. */
export async function serveMcpOverHttp(tools: readonly Tool[], { token, ...info }: ServerInfo & { readonly token: string }): Promise<Serving> {
  const make = () => createMcpServer(tools, info)
  const sessions = createSessions(make)
  const current = createMcpHandler(make, { legacy: 'reject', maxRequestBodySize, maxSubscriptions: connectionLimit })
  const handle = toNodeHandler(
    { fetch: async (request) => ((await isLegacyRequest(request, undefined, { maxRequestBodySize })) ? sessions.handle(request) : current.fetch(request)) },
    { maxRequestBodySize },
  )
  const server = createServer({ requestTimeout: sendMs, headersTimeout: sendMs }, (request, response) => {
    response.setHeader('cache-control', 'no-store')
    const turned = judge(request, host, token)
    // A request that came in has both, though its type does not say so.
    if (turned === undefined) void handle(Object.assign(request, { method: request.method ?? 'GET', url: request.url ?? toolPath }), response)
    else turnAway(response, turned)
  })
  server.maxConnections = connectionLimit
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  return {
    url: `http://${host}${toolPath}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      await Promise.all([sessions.close(), current.close()])
      server.closeAllConnections()
      await closed
    },
  }
}

/** What it brought is not read, so the connection goes with it. */
function turnAway(response: ServerResponse, { status, because }: Turned): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) })
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32_000, message: because }, id: null }))
}
